"""Models side by side on the real engine."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13

from ovbench_tui.cli.commands.mix import MixNews, drive
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.errors import BadInputError, RunFailedError
from ovbench_tui.mix.member import named
from ovbench_tui.mix.session import MixSession
from ovbench_tui.mix.view import MixView

_PATIENCE_S = 120.0


@pytest.fixture(scope="session")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that keeps every core busy for some milliseconds."""
    rows, columns = 256, 512
    x = opset13.parameter([rows, columns], ov.Type.f32, name="x")
    weights = np.full((columns, columns), 1 / columns, np.float32)
    node = x
    for _ in range(4):
        node = opset13.matmul(node, opset13.constant(weights), False, False)
    path = tmp_path_factory.mktemp("model") / "dense.xml"
    ov.save_model(ov.Model([node], [x], "dense"), path)
    return path


@contextlib.contextmanager
def mixed(
    *configs: BenchmarkConfig, isolated: bool = False, is_begun: bool = True
) -> Iterator[MixSession]:
    mix = MixSession(named(configs), isolated=isolated, slice_s=0.2, needs_all=True)
    if is_begun:
        mix.start()
    try:
        yield mix
    finally:
        assert mix.close(_PATIENCE_S)


def until(mix: MixSession, is_so: Callable[[MixView], bool]) -> MixView:
    end_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end_s:
        view = mix.advance()
        if is_so(view):
            return view
        time.sleep(0.01)
    raise AssertionError(f"it never came to it: {view}")


@pytest.mark.parametrize("isolated", [False, True], ids=["threads", "processes"])
def test_two_copies_of_a_model_slow_each_other_down(dense: Path, isolated: bool) -> None:
    config = BenchmarkConfig(model=str(dense))

    def is_decided(view: MixView) -> bool:
        return bool(view.members) and all(one.fps.high < 1 for one in view.members)

    with mixed(config, config, isolated=isolated) as mix:
        view = until(mix, is_decided)
        assert [one.name for one in view.members] == ["dense", "dense-2"]
        for one in view.members:
            assert one.failure == ""
            assert one.fps.pairs >= 4
            assert one.p50.ratio > 1
            assert one.alone is not None
            assert one.together is not None
            ring = mix._parts[view.members.index(one)].session._host.ring
            counted = one.alone.stats.count + one.together.stats.count
            assert 0 < counted <= ring.total
        pids = {one.snapshot.isolated for one in view.members}
        assert pids == {isolated}


def test_a_model_with_arrivals_keeps_its_rate_and_waits(dense: Path, tiny_models: Path) -> None:
    paced = BenchmarkConfig(model=str(tiny_models / "relu.xml"), arrivals="constant:50")
    with mixed(BenchmarkConfig(model=str(dense)), paced) as mix:
        view = until(mix, lambda view: view.rounds >= 2)
        together = view.members[1].together
        assert together is not None
        load = together.stats.load
        assert load is not None
        assert load.served == together.stats.count > 0
        # What was scheduled while it paused has not arrived: 50 a second of its own turns, and
        # up to one more at each of their two ends; with its pauses it would be thrice as many.
        assert load.offered <= 50 * together.stats.elapsed_s + 2 * (view.rounds + 1)


def test_a_model_that_fails_is_reported_and_the_other_is_measured(tiny_models: Path) -> None:
    odd = BenchmarkConfig(model=str(tiny_models / "halves.xml"), data_shape=(("", (1, 3)),))
    news = MixNews()
    with mixed(odd, BenchmarkConfig(model=str(tiny_models / "relu.xml")), is_begun=False) as mix:
        with pytest.raises(RunFailedError, match=r"^halves: ") as failed:
            drive(mix, 0.2, news)
        assert news.failure == str(failed.value)
        measured = mix.advance().members[1]
        assert measured.failure == ""
        assert measured.alone is not None


@pytest.mark.parametrize("models", [("dynamic.xml", "relu.xml"), ("relu.xml", "dynamic.xml")])
def test_what_cannot_run_as_requested_is_refused_before_any_runs(
    models: tuple[str, str], tiny_models: Path
) -> None:
    configs = [BenchmarkConfig(model=str(tiny_models / model)) for model in models]
    with mixed(*configs, is_begun=False) as mix:
        with pytest.raises(BadInputError, match=r"^dynamic: "):
            drive(mix, 0.2, MixNews())
        # One inference of each comes with its queue.
        runs = [one.run for one in mix.advance().members]
        assert not any(run.stats.count for run in runs if run is not None)
