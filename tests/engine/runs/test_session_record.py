"""What the charts are told of a session's past, on the real engine."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.events import StateChanged
from ovbench_tui.engine.api.snapshot import History, Marker
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.runs.session_record import SessionRecord, from_to
from ovbench_tui.stats.timeseries.views import TimeWindow
from tests.engine.conftest import OpenSession, in_state, measured, wait_for


@pytest.mark.parametrize(
    ("was", "now", "reported"),
    [
        ("nireq 2", "nireq 4", "nireq 2 → 4"),
        ("nireq auto", "nireq 4", "nireq auto → 4"),
        ("throughput", "latency", "throughput → latency"),
        ("at most 30 FPS", "no rate limit", "at most 30 FPS → no rate limit"),
        ("nireq 2, CPU", "nireq 4, GPU", "nireq 2, CPU → nireq 4, GPU"),
        ("", "nireq 4", "nireq 4"),
        ("data shape", "data shape", "data shape"),
    ],
)
def test_what_became_of_what(was: str, now: str, reported: str) -> None:
    assert from_to(was, now) == reported


def _marks(history: History) -> list[tuple[str, str]]:
    return [(marker.text, marker.detail) for marker in history.markers]


def test_the_columns_of_a_warm_up_are_known() -> None:
    record = SessionRecord(100.0)

    def enter(state: WorkerState, time_s: float) -> None:
        record.change_state(StateChanged(state, state is WorkerState.RUNNING, 1, 0, time_s))

    enter(WorkerState.WARMING_UP, 100.1)
    assert record.live(100, 103.0).warm_ups == ((0, 5),)  # up to the newest column
    enter(WorkerState.RUNNING, 104.2)
    enter(WorkerState.PAUSED, 110.0)
    enter(WorkerState.RUNNING, 111.0)
    enter(WorkerState.WARMING_UP, 120.0)
    enter(WorkerState.RUNNING, 120.6)
    assert record.live(100, 130.0).warm_ups == ((0, 8), (40, 41))
    # Those before the first column are left out.
    assert record.live(25, 130.0).warm_ups == ((40, 41),)


def test_what_happens_leaves_marks(open_thread: OpenSession, tiny_models: Path) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2)
    session = open_thread(config)
    wait_for(session, measured(100))
    session.configure(replace(config, nireq=5))
    wait_for(session, measured(100, run_id=2))
    session.toggle_pause()
    wait_for(session, in_state(WorkerState.PAUSED))
    session.reset_stats()
    session.toggle_pause()
    wait_for(session, measured(100, run_id=2))
    session.configure(replace(config, device="NOT_THERE"))
    snapshot = wait_for(session, lambda s: bool(s.notices))
    reported = _marks(snapshot.history)
    assert reported[:4] == [
        ("nireq 5", "nireq 2 → 5"),
        ("paused", ""),
        ("reset", "statistics reset"),
        ("goes on", ""),
    ]
    assert reported[4][0] == "refused"
    assert "NOT_THERE" in reported[4][1]
    columns = [marker.column for marker in snapshot.history.markers]
    assert columns == sorted(columns)


def test_moving_the_engine_is_a_mark(open_session: OpenSession, tiny_models: Path) -> None:
    session = open_session(BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2))
    before = wait_for(session, measured(100)).isolated
    session.isolate(not before)
    snapshot = wait_for(session, measured(100, run_id=2))
    assert snapshot.history.markers[-1].text == ("in a thread" if before else "isolated")


def test_windows_show_the_same_past(open_thread: OpenSession, tiny_models: Path) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2)
    session = open_thread(config)
    wait_for(session, lambda s: len(s.history.fps) >= 6 and s.history.fps[-1] > 0)
    session.configure(replace(config, nireq=3))
    snapshot = wait_for(session, measured(1000, run_id=2))
    live = session.history(TimeWindow(100))
    assert live.fps == pytest.approx(snapshot.history.fps, nan_ok=True)
    assert live.markers == snapshot.history.markers
    fine = session.history(TimeWindow(200, 1 / 16))
    assert fine.column_s == 1 / 16
    assert len(fine.fps) > 4 * len(live.fps)
    (mark,) = fine.markers
    assert mark.column // 8 == live.markers[0].column
    whole = session.history(TimeWindow(4, math.inf))
    assert len(whole.fps) <= 4
    highest = [value for value in whole.high_fps or whole.fps if value == value]
    assert max(highest) == max(value for value in live.fps if value == value)
    assert session.history(TimeWindow(4, math.inf)) is whole
    heat = session.heat(TimeWindow(4, math.inf), 10)
    assert heat.column_s == 2 * whole.column_s
    assert 0 < heat.most <= session._host.ring.total
    bars = session.latency_bars(40)
    assert bars is not None
    assert bars.run_id == 2
    assert snapshot.run is not None
    assert bars.count >= 1000
    run = wait_for(session, measured(1000, run_id=2)).run
    assert run is not None
    assert dict(bars.marks)[50.0] == pytest.approx(run.stats.p50_ms, rel=0.5)


def test_without_a_run_there_is_nothing_to_draw(open_session: OpenSession) -> None:
    session = open_session(BenchmarkConfig())
    session.snapshot(100)
    assert session.latency_bars(40) is None
    assert session.heat(TimeWindow(40), 10).rows == ()


def test_a_history_is_the_same_until_something_is_new() -> None:
    record = SessionRecord(100.0)
    first = record.live(40, 103.2)
    assert record.live(40, 103.3) is first
    assert len(record.live(40, 103.6).fps) == len(first.fps) + 1
    again = record.live(40, 103.6)
    record.mark(102.0, "reset", "in full")
    marked = record.live(40, 103.6)
    assert marked is not again
    assert marked.markers == (Marker(4, "reset", "in full"),)
    # Ten columns of the live history are one of these.
    assert record.window(TimeWindow(40, 5.0)).markers == (Marker(0, "reset", "in full"),)
