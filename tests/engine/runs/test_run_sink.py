"""Every run that has measured something is handed over, once, when it has ended."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.run_sink import FinishedRun, RunEnd
from ovbench_tui.engine.requests.request_queue import RequestQueue
from ovbench_tui.engine.session import Session
from ovbench_tui.history.reader import HistoryReader
from ovbench_tui.history.writer import HistoryWriter
from tests.engine.conftest import measured, wait_for

_PATIENCE_S = 120.0


class Sink:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[FinishedRun] = []
        self.untold: list[str] = []

    @property
    def ends(self) -> list[RunEnd]:
        return [run.end for run in self.taken]

    def take(self, run: FinishedRun) -> None:
        self.taken.append(run)

    def sentences(self) -> list[str]:
        untold, self.untold = self.untold, []
        return untold


OpenSession = Callable[..., tuple[Session, Sink]]


@pytest.fixture
def open_session(tiny_models: Path) -> Iterator[OpenSession]:
    sessions: list[Session] = []

    def open_one(*, isolated: bool = False, **options: object) -> tuple[Session, Sink]:
        config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2, **options)
        sink = Sink()
        session = Session(config, isolated=isolated, run_sink=sink)
        sessions.append(session)
        session.start()
        return session, sink

    yield open_one
    for session in sessions:
        assert session.close(_PATIENCE_S)


@pytest.mark.parametrize("isolated", [False, True], ids=["thread", "process"])
def test_a_change_hands_over_what_was_measured_before(
    open_session: OpenSession, isolated: bool
) -> None:
    before = datetime.now(timezone.utc)
    session, sink = open_session(isolated=isolated)
    first = wait_for(session, measured(1000))
    wait_for(session, lambda s: s.run is not None and s.run.stats.elapsed_s > 1.0)
    assert sink.taken == []
    session.configure(replace(first.requested, nireq=4))
    wait_for(session, measured(100, run_id=2))

    (run,) = sink.taken
    view, series = run.result.view, run.result.series
    assert run.end is RunEnd.CHANGED
    assert run.isolated is isolated
    assert before < run.started_at < datetime.now(timezone.utc) - timedelta(seconds=1)
    assert run.openvino_version.startswith("20")
    assert view.config.nireq == 2
    assert view.stats == session.runs[0].stats
    assert sum(count for _, _, count in run.result.histogram) + view.stats.dropped == (
        view.stats.count
    )
    assert series == session.results[0].series
    # The series has every whole window of the measured time, and what completed in them.
    assert len(series.counts) == int(view.stats.elapsed_s / series.step_s)
    assert 0 <= view.stats.count - sum(series.counts) <= 2 * max(series.counts)
    assert min(series.p50_ms) * 0.99 <= view.stats.p50_ms <= max(series.p50_ms) * 1.01

    assert session.close(_PATIENCE_S)
    assert sink.ends == [RunEnd.CHANGED, RunEnd.STOPPED]
    assert [run.result.view.config.nireq for run in sink.taken] == [2, 4]


def test_a_run_that_comes_to_its_end_is_handed_over_at_once(open_session: OpenSession) -> None:
    session, sink = open_session(duration_s=0.4)
    wait_for(session, lambda snapshot: snapshot.finished)
    assert sink.ends == [RunEnd.FINISHED]
    session.snapshot(0)
    assert session.close(_PATIENCE_S)
    assert session.close(_PATIENCE_S)
    assert sink.ends == [RunEnd.FINISHED]
    assert sink.taken[0].result.view.stats == session.results[0].view.stats


def test_a_paused_run_is_still_one_run(open_session: OpenSession) -> None:
    session, sink = open_session()
    wait_for(session, measured(100))
    session.toggle_pause()
    session.snapshot(0)
    session.toggle_pause()
    wait_for(session, measured(100))
    assert session.close(_PATIENCE_S)
    assert sink.ends == [RunEnd.STOPPED]


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_the_death_of_the_engine_costs_no_run(open_session: OpenSession) -> None:
    session, sink = open_session(isolated=True)
    wait_for(session, measured(1000))
    os.kill(session._host.pid or 0, signal.SIGKILL)
    wait_for(session, lambda snapshot: snapshot.can_restart)
    assert sink.ends == [RunEnd.FAILED]
    assert sink.taken[0].result.view.stats.count >= 1000
    session.restart()
    wait_for(session, measured(100, run_id=2))
    assert session.close(_PATIENCE_S)
    assert sink.ends == [RunEnd.FAILED, RunEnd.STOPPED]


def test_a_failure_ends_the_run(open_session: OpenSession, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = threading.Event()
    real = RequestQueue.starter

    def starter(queue: RequestQueue) -> Callable[[], None]:
        start = real(queue)

        def fail_when_told() -> None:
            if failing.is_set():
                raise RuntimeError("the device is gone")
            start()

        return fail_when_told

    monkeypatch.setattr(RequestQueue, "starter", starter)
    session, sink = open_session(max_fps=500.0)
    wait_for(session, measured(10))
    failing.set()
    wait_for(session, lambda snapshot: bool(session.failure))
    assert sink.ends == [RunEnd.FAILED]
    assert session.close(_PATIENCE_S)
    assert sink.ends == [RunEnd.FAILED]


def test_another_engine_ends_the_run(open_session: OpenSession) -> None:
    session, sink = open_session()
    wait_for(session, measured(100))
    session.isolate(True)
    wait_for(session, measured(100, run_id=2))
    assert session.close(_PATIENCE_S)
    assert sink.ends == [RunEnd.STOPPED, RunEnd.STOPPED]
    assert [run.isolated for run in sink.taken] == [False, True]


def test_a_run_that_measured_nothing_is_not_handed_over(open_session: OpenSession) -> None:
    session, sink = open_session(iterations=0)
    wait_for(session, lambda snapshot: snapshot.finished)
    assert session.close(_PATIENCE_S)
    assert sink.taken == []


def test_what_the_sink_has_to_say_becomes_a_notice(open_session: OpenSession) -> None:
    session, sink = open_session()
    sink.untold = ["The disk is full."]
    for _ in range(3):
        snapshot = session.snapshot(0)
    texts = [(notice.text, notice.is_error) for notice in snapshot.notices]
    assert texts.count(("The disk is full.", False)) == 1


def test_a_real_run_goes_into_the_history_and_out_again(tmp_path: Path, tiny_models: Path) -> None:
    path = tmp_path / "history.db"
    writer = HistoryWriter(path)
    config = BenchmarkConfig(
        model=str(tiny_models / "dynamic.xml"),
        data_shape=(("x", (2, 16)), ("x", (4, 16))),
        percentiles=(75.0,),
        duration_s=0.6,
    )
    session = Session(config, run_sink=writer)
    session.start()
    wait_for(session, lambda snapshot: snapshot.finished)
    assert session.close(_PATIENCE_S)
    assert writer.close(_PATIENCE_S) == []

    reader = HistoryReader(path)
    (entry,) = reader.list()
    loaded = reader.load(entry.id)
    (result,) = session.results
    assert loaded.config == config
    # A figure that is not known is NaN on both sides, and NaN is no other's equal.
    assert repr(loaded.result.view) == repr(result.view)
    assert loaded.result.histogram == result.histogram
    assert loaded.series.counts == result.series.counts
    assert loaded.series.mean_ms == pytest.approx(result.series.mean_ms, rel=1e-6)
    assert entry.model_hash
