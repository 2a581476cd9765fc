"""Which of two runs a stretch belongs to, and which stretch is a whole slice."""

from __future__ import annotations

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.events import RunStarted, SliceEnded, StateChanged
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.runs.turns import Turns
from tests.ui.fakes import model_info

STARTED = RunStarted(
    run_id=3,
    config=BenchmarkConfig(model="a"),
    effective=EffectiveConfig(),
    model=model_info("a"),
    read_ms=1.0,
    compile_ms=1.0,
    first_inference_ms=1.0,
    change="nireq 4",
    ring_count=5,
    time_s=1.0,
)


def turns() -> Turns:
    return Turns(STARTED, 70, 9.0)


def state(state: WorkerState, *, measuring: bool) -> StateChanged:
    return StateChanged(state, measuring, STARTED.run_id, 80, 10.0)


def test_it_is_the_same_model_in_two_runs() -> None:
    pair = turns().pair
    assert (pair.a.change, pair.b.change) == ("alone", "together")
    assert pair.a.run_id == STARTED.run_id != pair.b.run_id
    assert (pair.a.config, pair.b.config) == (STARTED.config, STARTED.config)
    assert (pair.a.ring_count, pair.b.ring_count, pair.a.time_s) == (70, 70, 9.0)


def test_nothing_counts_between_the_slices() -> None:
    of = turns()
    running = state(WorkerState.RUNNING, measuring=True)
    assert not of.of(running).measuring
    of.begin(together=True, pair=4, is_measured=True)
    assert of.of(running).measuring
    assert of.of(running).run_id == of.pair.b.run_id
    assert of.end() == SliceEnded(of.pair.b.run_id, 4)
    assert not of.of(running).measuring
    assert of.end() is None


def test_a_slice_in_which_the_worker_did_not_measure_is_not_whole() -> None:
    of = turns()
    of.begin(together=False, pair=0, is_measured=True)
    # As after Ctrl-Z: it drains, and goes on.
    assert not of.of(state(WorkerState.DRAINING, measuring=False)).measuring
    assert of.of(state(WorkerState.RUNNING, measuring=True)).measuring
    assert of.end() is None
    of.begin(together=False, pair=0, is_measured=False)
    assert of.end() is None
