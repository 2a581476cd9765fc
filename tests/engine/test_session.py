"""The session on the real engine: run, tweak, pause, reset, end."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.built_in_models import DEFAULT_NAME
from ovbench_tui.engine.api.feeders import COLLECT
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.session import Session
from ovbench_tui.engine.worker import run_state
from ovbench_tui.engine.worker.warm_up import WarmUp
from ovbench_tui.reports.latencies import LatencyFile
from tests.engine.conftest import OpenSession, in_state, measured, on_hosts, wait_for


@pytest.mark.usefixtures("whole_waits")
def test_the_default_model_runs_with_openvinos_choice(open_session: OpenSession) -> None:
    session = open_session(BenchmarkConfig(model=DEFAULT_NAME))
    snapshot = wait_for(session, measured(50))
    run = snapshot.run
    assert run is not None
    assert snapshot.state is WorkerState.RUNNING
    assert run.effective.hint == "throughput"
    assert run.effective.nireq == run.effective.optimal_nireq >= 1
    assert run.effective.execution_devices == "CPU"
    assert run.model.name == DEFAULT_NAME
    assert min(run.read_ms, run.compile_ms, run.first_inference_ms) > 0
    stats = run.stats
    assert stats.warmup_count >= 2 * run.effective.nireq
    assert stats.warmup_s >= 0.3
    assert 0 < stats.min_ms <= stats.p50_ms <= stats.p90_ms <= stats.p95_ms
    assert stats.p95_ms <= stats.p99_ms <= stats.p999_ms <= stats.max_ms
    assert stats.min_ms <= stats.mean_ms <= stats.max_ms
    # Little's law: nireq requests in flight, each `mean` long, complete at this rate. The first
    # inference of each may have begun before the measured time.
    longest = run.effective.nireq * (1 + stats.max_ms / 1000 / stats.elapsed_s)
    assert stats.fps_mean * stats.mean_ms / 1000 <= longest
    assert any(device.name == "CPU" for device in snapshot.devices)
    assert snapshot.openvino_version.startswith("20")


def test_counts_are_exact(open_session: OpenSession, tiny_models: Path) -> None:
    session = open_session(
        BenchmarkConfig(model=str(tiny_models / "relu.xml"), feeder=COLLECT, nireq=2)
    )
    ring = session._host.ring
    wait_for(session, measured(100))
    session.toggle_pause()
    wait_for(session, in_state(WorkerState.PAUSED))
    session.reset_stats()
    before = ring.total
    session.toggle_pause()
    wait_for(session, measured(3000))
    session.toggle_pause()
    stats = _run(wait_for(session, in_state(WorkerState.PAUSED))).stats
    # Measured is all but what was still in flight when the pause was asked for.
    assert 0 <= ring.total - before - stats.count <= 2
    assert stats.dropped == 0


def test_a_new_nireq_takes_no_recompile(open_session: OpenSession, tiny_models: Path) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), feeder=COLLECT, nireq=2)
    session = open_session(config)
    first = _run(wait_for(session, measured(100)))
    session.configure(replace(config, nireq=5))
    second = _run(wait_for(session, measured(100, run_id=2)))
    assert (first.effective.nireq, second.effective.nireq) == (2, 5)
    assert second.compile_ms == first.compile_ms
    assert second.first_inference_ms == first.first_inference_ms
    assert second.change == "nireq 5"
    assert [run.run_id for run in session.runs] == [1, 2]
    history = session.snapshot(1000).history
    assert [marker.text for marker in history.markers] == ["nireq 5"]
    assert session.runs[0].stats.count >= 100


CHANGES = {
    "hint": {"hint": "latency"},
    "streams": {"streams": "1"},
    "threads": {"threads": 1},
    "precision": {"precision": "f32"},
    "device": {"device": "AUTO"},
    "model": {"model": "wide.xml"},
    "seed": {"seed": 7},
}


def test_a_trial_is_marked_until_the_user_requests_it(
    open_session: OpenSession, tiny_models: Path
) -> None:
    own = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=1)
    trial = replace(own, nireq=2)
    session = open_session(own)
    wait_for(session, measured(1))
    session.configure(trial, "sweep 3f9a2c41")
    wait_for(session, measured(1, run_id=2))
    assert [run.search for run in session.runs] == ["", "sweep 3f9a2c41"]
    session.configure(own)
    wait_for(session, measured(1, run_id=3))
    assert [run.search for run in session.runs] == ["", "sweep 3f9a2c41", ""]
    session.configure(trial, "sweep 3f9a2c41")
    wait_for(session, measured(1, run_id=4))
    session.configure(replace(trial, duration_s=3600.0))
    assert [run.search for run in session.runs] == ["", "sweep 3f9a2c41", "", ""]


@pytest.mark.parametrize(
    ("open_session", "change"), on_hosts(CHANGES, "hint", "model"), indirect=["open_session"]
)
def test_a_recompile_swaps_in_while_the_old_run_goes_on(
    change: dict[str, str], open_session: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), feeder=COLLECT)
    session = open_session(config)
    first = _run(wait_for(session, measured(100)))
    total_before = session._host.ring.total
    if "model" in change:
        change = {"model": str(tiny_models / change["model"])}
    session.configure(replace(config, **change))
    second = _run(wait_for(session, measured(100, run_id=2)))
    assert second.config == replace(config, **change)
    assert session.snapshot(0).requested == second.config
    for name, value in change.items():
        if name in ("hint", "streams", "threads", "precision", "device"):
            assert getattr(second.effective, name) == str(value)
    assert second.compile_ms != first.compile_ms
    assert (second.read_ms == first.read_ms) == ("model" not in change)
    # The old run was fed during the compile, which took longer than its inferences do.
    swapped_at = session._host.ring.total - second.stats.count - second.stats.warmup_count
    assert swapped_at > total_before
    assert not session.snapshot(0).notices


FAILURES = {
    "device": ({"device": "GPU"}, "GPU"),
    "streams": ({"streams": "GPU:2"}, "-nstreams GPU:2"),
    "precision": ({"precision": "no_such_type"}, "no_such_type"),
    "model": ({"model": "no-such-model.xml"}, "no-such-model.xml"),
    "hint": ({"hint": "cumulative_throughput", "device": "NPU"}, "NPU"),
    "first inference": ({"model": "halves.xml", "data_shape": (("x", (1, 7)),)}, "first inference"),
}


@pytest.mark.parametrize(
    ("open_session", "failure"),
    on_hosts(FAILURES, "device", "first inference"),
    indirect=["open_session"],
)
def test_a_change_that_fails_leaves_the_old_run_and_one_sentence(
    failure: tuple[dict[str, str], str], open_session: OpenSession, tiny_models: Path
) -> None:
    change, words = failure
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), feeder=COLLECT)
    session = open_session(config)
    before = _run(wait_for(session, measured(100)))
    if "model" in change:
        change = {**change, "model": str(tiny_models / change["model"])}
    session.configure(replace(config, **change))
    reported = wait_for(session, lambda s: bool(s.notices))
    assert len(reported.notices) == 1
    assert reported.notices[0].is_error
    assert words in reported.notices[0].text
    assert "\n" not in reported.notices[0].text
    assert reported.requested == config
    after = _run(wait_for(session, measured(before.stats.count + 200)))
    assert after.run_id == before.run_id == 1
    assert session.rejection is not None


def test_of_quick_changes_only_the_last_is_compiled(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=DEFAULT_NAME)
    session = open_thread(config)
    wait_for(session, measured(5))
    for seed in range(1, 8):
        session.configure(replace(config, seed=seed))
    last = _run(wait_for(session, measured(5, run_id=2)))
    assert last.config.seed == 7
    assert [run.config.seed for run in session.runs] == [0, 7]


def test_going_back_while_the_other_compiles_keeps_the_run(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"))
    session = open_thread(config)
    before = _run(wait_for(session, measured(10)))
    session.configure(replace(config, model=DEFAULT_NAME))
    session.configure(config)
    after = _run(wait_for(session, measured(before.stats.count + 500)))
    assert after.run_id == 1
    wait_for(session, lambda s: not s.background)
    assert len(session.runs) == 1


def test_a_nireq_asked_for_while_another_change_compiles_is_kept(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"))
    session = open_thread(config)
    wait_for(session, measured(10))
    changed = replace(config, model=DEFAULT_NAME)
    session.configure(changed)
    session.configure(replace(changed, nireq=3))
    run = _run(wait_for(session, lambda s: _run(s).model.name == DEFAULT_NAME and s.measuring))
    assert run.effective.nireq == 3


def test_pause_stops_the_clock_and_the_counting(
    open_session: OpenSession, tiny_models: Path
) -> None:
    session = open_session(BenchmarkConfig(model=str(tiny_models / "relu.xml"), feeder=COLLECT))
    wait_for(session, measured(100))
    session.toggle_pause()
    paused = _run(wait_for(session, in_state(WorkerState.PAUSED))).stats
    total = session._host.ring.total
    still = _run(
        wait_for(session, lambda s: len(s.history.fps) > 0 and math.isnan(s.history.fps[-1]))
    )
    assert (still.stats.count, still.stats.elapsed_s) == (paused.count, paused.elapsed_s)
    assert session._host.ring.total == total
    assert still.stats.fps_now == 0
    assert still.stats.fps_mean == pytest.approx(paused.fps_mean)
    session.toggle_pause()
    resumed = _run(wait_for(session, measured(paused.count + 100)))
    assert resumed.run_id == 1


def test_a_change_while_paused_waits_for_the_resume(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"))
    session = open_thread(config)
    wait_for(session, measured(10))
    session.toggle_pause()
    session.configure(replace(config, hint="latency"))
    changed = wait_for(session, in_state(WorkerState.PAUSED, run_id=2))
    assert _run(changed).stats.count == 0
    session.toggle_pause()
    assert _run(wait_for(session, measured(10, run_id=2))).effective.hint == "latency"


def test_reset_begins_the_statistics_again(open_session: OpenSession, tiny_models: Path) -> None:
    session = open_session(BenchmarkConfig(model=str(tiny_models / "relu.xml"), feeder=COLLECT))
    before = _run(wait_for(session, measured(2000))).stats
    session.toggle_pause()
    wait_for(session, in_state(WorkerState.PAUSED))
    session.reset_stats()
    zero = _run(session.snapshot(0)).stats
    assert (zero.count, zero.elapsed_s, zero.fps_mean) == (0, 0.0, 0.0)
    assert math.isnan(zero.p50_ms)
    assert zero.warmup_count == before.warmup_count
    session.toggle_pause()
    assert _run(wait_for(session, measured(10))).run_id == 1


def test_the_run_ends_by_itself(open_session: OpenSession, tiny_models: Path) -> None:
    session = open_session(
        BenchmarkConfig(model=str(tiny_models / "relu.xml"), feeder=COLLECT, duration_s=0.25)
    )
    snapshot = wait_for(session, lambda s: s.finished)
    stats = _run(snapshot).stats
    assert snapshot.state is WorkerState.FINISHED
    assert stats.elapsed_s >= 0.25
    assert stats.fps_mean == pytest.approx(stats.count / stats.elapsed_s, rel=0.05)
    assert _run(session.snapshot(0)).stats.count == stats.count


def test_a_dynamic_model_asks_for_its_shape_and_then_runs(
    open_session: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "dynamic.xml"), feeder=COLLECT)
    session = open_session(config)
    requested = wait_for(session, lambda s: s.shape_needed is not None).shape_needed
    assert requested is not None
    assert requested.proposal == (("x", (1, 16)),)
    assert [port.shape for port in requested.inputs] == [("?", "1..16")]
    assert "-data_shape" in requested.reason
    session.configure(replace(config, data_shape=(("x", (4, 16)),)))
    snapshot = wait_for(session, measured(10))
    assert snapshot.shape_needed is None
    assert _run(snapshot).effective.batch == 4
    assert _run(snapshot).effective.data_shape == (("x", (4, 16)),)
    stats = _run(snapshot).stats
    assert stats.fps_mean == pytest.approx(4 * stats.count / stats.elapsed_s, rel=0.2)


def test_asking_for_a_shape_leaves_the_old_run(open_thread: OpenSession, tiny_models: Path) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"))
    session = open_thread(config)
    before = _run(wait_for(session, measured(10)))
    session.configure(replace(config, model=str(tiny_models / "dynamic.xml")))
    requested = wait_for(session, lambda s: s.shape_needed is not None)
    assert requested.requested == config
    after = _run(wait_for(session, measured(before.stats.count + 100)))
    assert after.run_id == 1


def test_a_model_that_cannot_run_leaves_the_session_ready_for_another(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    session = open_thread(BenchmarkConfig(model=str(tiny_models / "relu.xml"), device="NPU"))
    wait_for(session, lambda s: bool(s.notices))
    refused = wait_for(session, in_state(WorkerState.IDLE))
    assert refused.run is None
    assert session.rejection is not None
    session.configure(BenchmarkConfig(model=str(tiny_models / "relu.xml")))
    wait_for(session, measured(10))
    assert session.rejection is None


def _run(snapshot: Snapshot) -> RunView:
    assert snapshot.run is not None
    return snapshot.run


def test_a_reset_gives_the_whole_duration_again(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    session = open_thread(BenchmarkConfig(model=str(tiny_models / "relu.xml"), duration_s=1.0))
    wait_for(session, lambda s: s.measuring and _run(s).stats.elapsed_s > 0.4)
    session.reset_stats()
    stats = _run(wait_for(session, lambda s: s.finished)).stats
    assert stats.elapsed_s >= 0.99


def test_many_requests_on_a_slow_model_do_not_warm_up_for_ever(
    open_thread: OpenSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    # For a clock that runs ahead the model is slow: the warm-up is over after 20 ms.
    hasty = functools.partial(WarmUp, clock=lambda: 100 * perf_counter())
    monkeypatch.setattr(run_state, "WarmUp", hasty)
    session = open_thread(BenchmarkConfig(model=DEFAULT_NAME, nireq=64))
    stats = _run(wait_for(session, measured(1))).stats
    assert stats.warmup_count < 2 * 64


def test_what_the_user_says_of_the_batch_needs_no_other_run(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "heavy.xml"), nireq=2)
    session = open_thread(config)
    run = _run(wait_for(session, measured(20)))
    assert (run.effective.batch, run.effective.is_batch_unknown) == (1, True)
    assert any("batch is unknown" in note for note in run.stability.notes)
    reported = replace(config, single_frame=True)
    session.configure(reported)
    after = wait_for(session, measured(run.stats.count + 20))
    run = _run(after)
    assert (run.run_id, run.config, after.requested) == (1, reported, reported)
    assert run.effective.batch_rule == "each inference is one frame, as you said"
    assert not any("batch is unknown" in note for note in run.stability.notes)
    session.configure(replace(reported, nireq=3))
    run = _run(wait_for(session, measured(20, run_id=2)))
    assert run.effective.batch_rule == "each inference is one frame, as you said"
    session.configure(replace(reported, layout=(("", "N..."),)))
    run = _run(wait_for(session, measured(20, run_id=3)))
    assert run.effective.batch_rule == "N of the layout, from -layout"
    assert run.effective.batch == 64


def test_a_batch_of_1_is_known_where_every_input_begins_with_it(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    session = open_thread(BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2))
    run = _run(wait_for(session, measured(20)))
    assert run.effective.batch_rule == "as every input begins with 1"


def test_the_latency_file_holds_what_the_figures_count(tiny_models: Path, tmp_path: Path) -> None:
    path = tmp_path / "l.npy"
    sink = LatencyFile(str(path))
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2)
    session = Session(config, sink=sink)
    session.start()
    try:
        wait_for(session, measured(100))
        session.configure(replace(config, nireq=3))
        wait_for(session, measured(100, run_id=2))
        session.reset_stats()
        wait_for(session, measured(100, run_id=2))
        session.toggle_pause()
        wait_for(session, in_state(WorkerState.PAUSED))
        counts = [run.stats.count - run.stats.dropped for run in session.runs]
    finally:
        assert session.close(60)
    sink.close()
    runs = np.load(path)["run"]
    assert [int((runs == number).sum()) for number in (1, 2)] == counts


def test_a_shape_for_a_static_input_is_ignored_and_told_once(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(
        model=str(tiny_models / "relu.xml"), data_shape=(("x", (1, 99)),), nireq=2
    )
    session = open_thread(config)
    wait_for(session, measured(100))
    session.configure(replace(config, seed=1))
    snapshot = wait_for(session, measured(100, run_id=2))
    assert [(notice.is_error, notice.text) for notice in snapshot.notices] == [
        (False, "Input 'x' [1,16] is static: its -data_shape is ignored, only -shape changes it.")
    ]
    assert _run(snapshot).effective.data_shape == (("x", (1, 16)),)


def test_the_input_rule_tells_how_many_files_are_used(
    open_thread: OpenSession, tiny_models: Path, tmp_path: Path
) -> None:
    for number in range(5):
        np.save(tmp_path / f"{number}.npy", np.full((1, 16), number, np.float32))
    config = BenchmarkConfig(
        model=str(tiny_models / "relu.xml"), sources=(("", (str(tmp_path),)),), nireq=2
    )
    session = open_thread(config)
    kept = "the first 2 of 5 arrays (each infer request keeps its own)"
    run = _run(wait_for(session, measured(100)))
    assert run.effective.input_rules == (("x", f"f32, the model's own; {kept}"),)
    session.configure(replace(config, nireq=6))
    run = _run(wait_for(session, measured(100, run_id=2)))
    assert run.effective.input_rules == (("x", "f32, the model's own; 5 arrays"),)
    session.configure(replace(config, inference_only=False))
    run = _run(wait_for(session, measured(100, run_id=3)))
    assert run.effective.input_rules == (("x", "f32, the model's own; 5 arrays"),)


def test_concluded_it_counts_nothing_more(open_session: OpenSession, tiny_models: Path) -> None:
    session = open_session(
        BenchmarkConfig(model=str(tiny_models / "relu.xml"), feeder=COLLECT, nireq=2)
    )
    wait_for(session, measured(100))
    session.conclude()
    reported = session.snapshot(0)
    assert reported.run is not None
    before = session.progress().count
    while session.progress().count < before + 1000:  # the engine goes on
        pass
    later = session.snapshot(0)
    assert later.run is not None
    assert later.run.stats == reported.run.stats
    assert session.results[-1].view.stats.count == reported.run.stats.count
    assert session.latest_bins() == session.results[-1].histogram


def test_refused_shapes_are_asked_for_again(open_thread: OpenSession, tiny_models: Path) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "dynamic.xml"))
    session = open_thread(config)
    first = wait_for(session, lambda s: s.shape_needed is not None).shape_needed
    assert first is not None
    assert first.refusal == ""
    session.configure(replace(config, data_shape=(("x", (1, 30)),)))
    again = wait_for(session, lambda s: s.shape_needed is not None).shape_needed
    assert again is not None
    assert "takes [?,1..16], not [1,30]" in again.refusal
    assert again.proposal == (("x", (1, 30)),)
    assert again.inputs == first.inputs
    session.configure(replace(config, data_shape=(("x", (1, 16)),)))
    assert wait_for(session, measured(5)).shape_needed is None
