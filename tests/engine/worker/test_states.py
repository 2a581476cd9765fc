"""Models that keep a state from one inference to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op
from openvino.op.util import Variable, VariableInfo

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.shapes import parse_shape
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.models.states import find_states
from ovbench_tui.engine.requests.inference_errors import inference_reason
from ovbench_tui.engine.requests.prepared_model import PreparedModel
from ovbench_tui.engine.requests.queue_options import QueueOptions
from ovbench_tui.engine.requests.request_queue import RequestQueue
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.requests.state_reset import StateResetError, reset_state
from ovbench_tui.engine.session import Session
from ovbench_tui.system.memory_guard import MemoryGuard
from tests.engine.conftest import OpenSession, in_state, measured, wait_for
from tests.engine.language_models import named, save_stateful


@pytest.fixture(scope="module", params=[False, True], ids=["whole", "sliced"])
def masked(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    path = tmp_path_factory.mktemp("m") / "masked.xml"
    return str(save_stateful(path, has_mask=True, is_sliced=request.param))


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_stateful(tmp_path_factory.mktemp("m") / "growing.xml", has_mask=False))


def prepare(config: BenchmarkConfig) -> PreparedModel:
    return Engine(allow_strings=False).prepare(config, None, lambda _: None)


def given(model: str, tokens: int = 7, **values: object) -> BenchmarkConfig:
    """The shapes of every inference are given, so that nothing is generated."""
    shapes = [(n, (1, tokens)) for n in ("input_ids", "attention_mask", "position_ids")]
    data_shape = (*shapes, ("beam_idx", (1,)))
    return BenchmarkConfig(model=model, data_shape=data_shape, **values)  # type: ignore[arg-type]


def test_what_fits_an_empty_state_only_is_reset_before_every_inference(
    open_thread: OpenSession, masked: str
) -> None:
    session = open_thread(given(masked, iterations=20))
    snapshot = wait_for(session, lambda s: s.finished)
    assert snapshot.run is not None
    effective = snapshot.run.effective
    assert (effective.states, effective.growing_states, effective.reset_state) == (2, 2, 1)
    assert effective.growth_sentence == ""
    assert "reset before every inference" in effective.state_text
    told = " ".join(notice.text for notice in snapshot.notices)
    assert "each one is a new sequence (--reset-state 1)" in told
    assert not session.failure


def test_its_inputs_are_valid(masked: str) -> None:
    shapes = (("input_ids", (3, 7)), ("attention_mask", (3, 7)), ("position_ids", (3, 7)))
    config = BenchmarkConfig(model=masked, data_shape=(*shapes, ("beam_idx", (3,))))
    ids, mask, places, beams = (tensor.data for tensor in prepare(config).feeds[0].tensors)
    assert 0 <= ids.min() <= ids.max() < 50
    assert (mask == 1).all()
    assert (places == np.arange(7)).all()
    assert beams.tolist() == [0, 1, 2]


def test_a_mask_grows_with_the_state(masked: str, open_thread: OpenSession) -> None:
    session = open_thread(BenchmarkConfig(model=masked, reset_state=3, iterations=30))
    snapshot = wait_for(session, lambda s: s.finished)
    assert snapshot.run is not None
    lengths = [dict(g.shapes)["attention_mask"][1] for g in snapshot.run.effective.shape_groups]
    assert lengths == [128, 256, 384]
    assert snapshot.run.effective.reset_state == 3
    assert not session.failure


def test_what_grows_without_end_says_so(open_session: OpenSession, growing: str) -> None:
    session = open_session(given(growing))
    snapshot = wait_for(session, measured(4))
    assert snapshot.run is not None
    assert snapshot.run.effective.reset_state == 0
    sentence = snapshot.run.effective.growth_sentence
    assert "states grow with every inference" in sentence
    assert sentence in [notice.text for notice in snapshot.notices]
    stability = wait_for(session, measured(8)).run
    assert stability is not None
    assert sentence in (*stability.stability.causes, *stability.stability.notes)


def test_a_reset_is_applied_without_a_recompile(open_thread: OpenSession, growing: str) -> None:
    session = open_thread(given(growing))
    before = wait_for(session, measured(2)).run
    assert before is not None
    session.configure(given(growing, reset_state=2))
    after = wait_for(session, measured(4, run_id=before.run_id + 1)).run
    assert after is not None
    assert after.effective.reset_state == 2
    assert after.compile_ms == before.compile_ms
    assert after.change == "state reset every 2"


def test_a_reset_without_a_state_is_told_to_have_no_effect(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), reset_state=2)
    snapshot = wait_for(open_thread(config), measured(2))
    assert snapshot.run is not None
    assert snapshot.run.effective.reset_state == 0
    assert any("--reset-state is ignored" in notice.text for notice in snapshot.notices)


def test_what_has_no_effect_is_reported_after_a_change_that_compiles_nothing(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=1)
    session = open_thread(config)
    wait_for(session, measured(2))
    for count, changed in enumerate((replace(config, timeout_ms=5.0), replace(config, nireq=2)), 1):
        session.configure(replace(changed, timeout_ms=5.0))
        snapshot = wait_for(session, measured(2, run_id=count + 1))
        said = [notice for notice in snapshot.notices if "--timeout are ignored" in notice.text]
        assert len(said) == 1  # once, though both runs ignore it


# -- the queue itself -------------------------------------------------------------------------


def _counter(tmp_path: Path) -> Path:
    """Its state is the sum of all inputs so far, which is its result, too."""
    info = VariableInfo()
    info.data_shape, info.data_type = ov.PartialShape([1]), ov.Type.f32
    info.variable_id = "sum"
    variable = Variable(info)
    x = named("x", [1], ov.Type.f32)
    total = op.add(op.read_value(op.constant(np.zeros(1, np.float32)), variable), x)
    model = ov.Model([op.result(total)], [op.assign(total, variable)], [x], "counter")
    ov.save_model(model, tmp_path / "counter.xml", compress_to_fp16=False)
    return tmp_path / "counter.xml"


def _sums(path: Path, plan: QueueOptions, count: int, *, by_feeder: bool) -> Sequence[float]:
    """The result after each inference of one request, in units of the input."""
    prepared = prepare(BenchmarkConfig(model=str(path)))
    errors: list[BaseException] = []
    ring = LatencyRing(bytearray(LatencyRing.bytes_for(64)))
    queue = RequestQueue(prepared.compiled, plan, prepared.feeds, ring, errors.append)
    queue.record(by_feeder=by_feeder)
    start, sums = queue.starter(), []
    (request,) = queue._requests
    for _ in range(count):
        start()
        queue.drain()
        sums.append(float(request.get_output_tensor(0).data[0]))
    del request, start
    queue.release()
    assert not errors
    unit = float(prepared.feeds[0].tensors[0].data[0])
    return [round(total / unit, 3) for total in sums]


@pytest.mark.parametrize("is_sync", [False, True])
@pytest.mark.parametrize("by_feeder", [False, True])
@pytest.mark.parametrize("refills", [False, True])
@pytest.mark.parametrize(
    ("resets_after", "expected"), [(0, [1, 2, 3, 4, 5]), (1, [1] * 5), (2, [1, 2, 1, 2, 1])]
)
def test_the_state_of_each_request_begins_anew(
    is_sync: bool,
    by_feeder: bool,
    refills: bool,
    resets_after: int,
    expected: list[float],
    tmp_path: Path,
) -> None:
    plan = QueueOptions(1, is_sync=is_sync, refills=refills, resets_after=resets_after)
    assert _sums(_counter(tmp_path), plan, 5, by_feeder=by_feeder) == expected


def test_a_state_that_is_never_reset_is_said_to_be(
    open_thread: OpenSession, tmp_path: Path
) -> None:
    snapshot = wait_for(open_thread(BenchmarkConfig(model=str(_counter(tmp_path)))), measured(2))
    told = [notice.text for notice in snapshot.notices]
    assert any("never reset (as in benchmark_app): --reset-state N" in text for text in told)
    config = BenchmarkConfig(model=str(_counter(tmp_path)), reset_state=3)
    snapshot = wait_for(open_thread(config), measured(2))
    assert not any("never reset" in notice.text for notice in snapshot.notices)


def test_a_state_of_one_size_does_not_grow(tmp_path: Path, growing: str, core: ov.Core) -> None:
    one_size, grown = (find_states(core.read_model(path)) for path in (_counter(tmp_path), growing))
    assert (one_size.count, one_size.growing) == (1, 0)
    assert (grown.count, grown.growing) == (2, 2)


class _Stuck:
    """A request whose state the device cannot reset."""

    def reset_state(self) -> None:
        raise RuntimeError(
            "Exception from src/a.cpp:1:\nCheck 'x' failed at src/b.cpp:2:\nno room\n"
        )


def test_a_reset_that_fails_is_one_sentence(growing: str) -> None:
    prepared = prepare(BenchmarkConfig(model=growing, reset_state=2))
    with pytest.raises(StateResetError) as error:
        reset_state(cast(ov.InferRequest, _Stuck()))
    assert inference_reason(error.value, prepared) == (
        "its state cannot be reset (no room); fix the batch with -shape"
        ' "input_ids[1,?],attention_mask[1,?],position_ids[1,?],beam_idx[1]", or leave'
        " --reset-state out"
    )


def test_a_state_that_the_device_cannot_keep_comes_with_what_works(
    open_thread: OpenSession, tmp_path: Path
) -> None:
    """On CPU (2026.4) an empty state of a dynamic batch that nothing fuses fails."""
    info = VariableInfo()
    info.data_shape, info.data_type = ov.PartialShape([-1, 2, -1, 8]), ov.Type.f32
    info.variable_id = "past"
    variable = Variable(info)
    x, beams = named("x", [-1, 2, -1, 8], ov.Type.f32), named("beam_idx", [-1], ov.Type.i32)
    zero = op.constant(np.int64(0))
    batch = op.gather(op.shape_of(x), op.constant(np.array([0])), zero)
    sizes = [batch, *(op.constant(np.array([size])) for size in (2, 0, 8))]
    first = op.broadcast(op.constant(np.float32(0)), op.concat(sizes, 0))
    cache = op.concat([op.gather(op.read_value(first, variable), beams, zero), x], 2)
    total = op.reduce_sum(cache, op.constant(np.array([2])))
    path = tmp_path / "unfused.xml"
    ov.save_model(
        ov.Model([op.result(total)], [op.assign(cache, variable)], [x, beams], "unfused"), path
    )
    session = open_thread(BenchmarkConfig(model=str(path), reset_state=2))
    snapshot = wait_for(session, lambda s: any(notice.is_error for notice in s.notices))
    said = snapshot.notices[0].text
    assert "the device cannot keep its growing state" in said
    advice = 'fix the batch with -shape "x[1,2,?,8],beam_idx[1]".'
    assert said.endswith(advice)
    shape = parse_shape(advice.partition('"')[2].partition('"')[0])
    session = open_thread(BenchmarkConfig(model=str(path), reset_state=2, shape=shape))
    wait_for(session, measured(3))
    assert not session.failure


# -- memory -----------------------------------------------------------------------------------


def test_a_run_that_takes_the_memory_is_stopped_and_can_begin_again(growing: str) -> None:
    free_bytes = [8 << 30]
    used_bytes = [1 << 30]
    guard = MemoryGuard(lambda: free_bytes[0], lambda _: used_bytes[0])
    session = Session(given(growing), memory=guard)
    session.start()
    try:
        run = wait_for(session, measured(2)).run
        assert run is not None
        free_bytes[0], used_bytes[0] = 100 << 20, 9 << 30
        snapshot = wait_for(session, in_state(WorkerState.FAILED))
        wait_for(session, lambda _: bool(session.failure))
        assert "stopped before the machine runs out of memory" in session.failure
        assert "from 1.00 GiB to 9.00 GiB" in session.failure
        assert "--reset-state N" in session.failure
        assert snapshot.run is not None
        assert snapshot.run.stats.count
        free_bytes[0] = 8 << 30
        session.configure(given(growing, reset_state=1))
        wait_for(session, measured(2, run_id=run.run_id + 1))
        assert not session.failure
    finally:
        session.close(60)
