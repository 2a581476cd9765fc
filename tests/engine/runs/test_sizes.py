"""Sizes that are drawn, on the real engine: a model whose latency grows with the size."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable

import numpy as np
import openvino as ov
import pytest
from openvino import opset13

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.session import Session
from tests.engine.conftest import wait_for

_WIDTH = 256


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Matrix products over a dynamic length: a hundred times as long costs far more."""
    parameter = opset13.parameter([1, -1, _WIDTH], ov.Type.f32, name="x")
    parameter.output(0).set_names({"x"})
    node = parameter.output(0)
    for seed in range(4):
        weights = np.random.RandomState(seed).rand(_WIDTH, _WIDTH).astype(np.float32) / _WIDTH
        node = opset13.matmul(node, opset13.constant(weights), False, False).output(0)
    path = tmp_path_factory.mktemp("sizes") / "chain.xml"
    ov.save_model(ov.Model([node], [parameter], "chain"), path, compress_to_fp16=False)
    return str(path)


def test_latency_rises_with_the_size_and_firsts_are_apart(
    open_session: Callable[[BenchmarkConfig], Session], chain: str
) -> None:
    config = BenchmarkConfig(
        model=chain, data_shape=(("x", (1, "1..900", _WIDTH)),), nireq=1, streams="1", seed=4
    )
    session = open_session(config)
    wait_for(session, lambda s: s.run is not None and s.run.stats.count >= 4 * 64)
    run = session.results[-1].view
    (drawn,) = run.effective.drawn_sizes
    assert (drawn.words, len(drawn.sizes)) == ("1..900", 64)
    sizes = [group.shapes[0][1][1] for group in run.effective.shape_groups]
    assert list(dict.fromkeys(drawn.sizes)) == sizes, "groups are numbered as they come"
    groups = run.stats.groups
    assert all(group.count >= 2 for group in groups)
    # Of each shape one inference is apart: before the run, in the warm-up, or here.
    assert run.stats.count - 63 <= sum(group.count for group in groups) <= run.stats.count
    assert not any(math.isnan(group.first_ms) for group in groups)
    assert groups[0].first_ms == run.first_inference_ms
    # Before the run, each alone: the first of the rotation that follow.
    assert 0 < groups[1].first_ms < 1000
    by_size = [p50 for _, p50 in sorted(zip(sizes, (g.p50_ms for g in groups), strict=True))]
    third = len(by_size) // 3
    assert statistics.median(by_size[:third]) < statistics.median(by_size[-third:])


def test_what_does_not_fit_is_one_sentence(
    open_thread: Callable[[BenchmarkConfig], Session], chain: str
) -> None:
    session = open_thread(BenchmarkConfig(model=chain, data_shape=(("x", (1, 8, "1..9")),)))
    snapshot = wait_for(session, lambda s: bool(s.notices))
    assert f"dimension 3 of input 'x' is {_WIDTH} in the model" in snapshot.notices[-1].text
    assert snapshot.run is None


def test_more_than_fits_in_memory_is_refused(
    open_thread: Callable[[BenchmarkConfig], Session], chain: str
) -> None:
    wide = (("x", (1, "1..1000000", _WIDTH)),)
    session = open_thread(BenchmarkConfig(model=chain, data_shape=wide))
    snapshot = wait_for(session, lambda s: bool(s.notices))
    assert "give fewer or smaller shapes, or a smaller range" in snapshot.notices[-1].text
