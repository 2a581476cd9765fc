"""Time and waiting: a process that is stopped, and an engine that hangs, on both hosts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import psutil
import pytest

from ovbench_tui.ab.invocation import read_ab_invocation
from ovbench_tui.cli.commands import ab
from ovbench_tui.cli.headless import run_headless
from ovbench_tui.cli.search import search_run
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.requests.request_queue import RequestQueue
from ovbench_tui.engine.session import Session
from ovbench_tui.engine.worker.stop_watch import STOPPED_AFTER_S, Stop
from ovbench_tui.errors import EngineHangsError, RunFailedError
from ovbench_tui.tuning.driven import DrivenTuner
from ovbench_tui.tuning.invocation import read_tune_invocation
from ovbench_tui.tuning.start import make_tuner
from tests.e2e.piped import PROGRAM
from tests.engine.conftest import measured, wait_for
from tests.engine.hosts.test_stall import Clock
from tests.faults.rigged import obey

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")

OpenSession = Callable[[BenchmarkConfig], Session]
STOP_S = 3.0
PATIENCE_S = 300.0


# -- stopped, and on again ------------------------------------------------------------------


def _engine_of(program: psutil.Process) -> psutil.Process | None:
    """The isolated engine's process."""
    children = program.children()
    return next((c for c in children if "spawn_main" in " ".join(c.cmdline())), None)


def _has_used_cpu(process: psutil.Process) -> bool:
    times = process.cpu_times()
    return times.user + times.system > 3.0  # more than it takes to start


@pytest.mark.parametrize("is_isolated", [False, True], ids=["thread", "process"])
def test_a_stop_is_no_measured_time(
    tiny_models: Path, environment: dict[str, str], is_isolated: bool
) -> None:
    arguments = [str(tiny_models / "heavy.xml"), "--no-tui", "--json", "-t", "5", "-nireq", "2"]
    program = subprocess.Popen(
        [*PROGRAM, *arguments, *(["--isolate"] if is_isolated else [])],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        stopped: psutil.Process | None = None
        end_s = time.monotonic() + PATIENCE_S
        while stopped is None or not _has_used_cpu(stopped):
            assert time.monotonic() < end_s
            parent = psutil.Process(program.pid)
            stopped = _engine_of(parent) if is_isolated else parent
            time.sleep(0.02)
        stopped.send_signal(signal.SIGSTOP)
        time.sleep(STOP_S)
        stopped.send_signal(signal.SIGCONT)
        out, _ = program.communicate(timeout=PATIENCE_S)
    finally:
        program.kill()
    assert program.returncode == 0
    (run,) = json.loads(out)["runs"]
    figures = run["figures"]
    assert figures["stops"] >= 1
    assert figures["stopped_s"] >= STOP_S
    # Five seconds were measured, and what was in flight at their end.
    assert 5.0 <= figures["elapsed_s"] < 5.0 + STOP_S
    assert figures["max_ms"] < 1e3 * STOP_S
    assert any("The program was stopped" in note for note in run["stability"]["notes"])


@pytest.fixture
def stop_once(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the stop watch of a thread see a stop that has just ended."""
    from ovbench_tui.engine.worker import stop_watch

    due: list[float] = []
    look = stop_watch.StopDetector.look

    def look_or_stop(detector: stop_watch.StopDetector, clocks: stop_watch.Clocks) -> Stop | None:
        stop = look(detector, clocks)
        if not due:
            return stop
        return Stop(clocks.now_s - 0.05, clocks.now_s, due.pop())

    monkeypatch.setattr(stop_watch.StopDetector, "look", look_or_stop)
    return due.append


def _config(models: Path, **options: object) -> BenchmarkConfig:
    return BenchmarkConfig(model=str(models / "relu.xml"), nireq=2, **options)  # type: ignore[arg-type]


def test_a_stop_is_marked_on_the_chart_and_in_the_run(
    tiny_models: Path, stop_once: Callable[[float], None]
) -> None:
    session = Session(_config(tiny_models))
    session.start()
    try:
        wait_for(session, measured(100))
        stop_once(10.0)
        wait_for(session, lambda s: s.run is not None and s.run.stats.stops == 1)
        seen = wait_for(session, lambda s: s.measuring)
        assert seen.run is not None
        assert seen.run.stats.stopped_s == 10.0
        marks = session.snapshot(1000).history.markers
        assert [mark.text for mark in marks if "stopped" in mark.text] == ["stopped 10 s"]
        session.reset_stats()
        again = wait_for(session, measured(100)).run
        assert again is not None
        assert again.stats.stops == 0
    finally:
        assert session.close(60.0)


def test_a_counted_run_counts_as_many_though_it_was_stopped(
    tiny_models: Path, stop_once: Callable[[float], None]
) -> None:
    session = Session(_config(tiny_models, iterations=30_000))
    session.start()
    try:
        wait_for(session, measured(1000))
        stop_once(2.0)
        wait_for(session, lambda snapshot: snapshot.finished)
        (run,) = session.runs
        assert run.stats.stops == 1
        assert run.stats.count == 30_000
        (result,) = session.results
        assert sum(count for _, _, count in result.histogram) == 30_000
    finally:
        assert session.close(60.0)


def test_a_stop_in_a_pause_or_a_warm_up_takes_nothing(
    tiny_models: Path, stop_once: Callable[[float], None]
) -> None:
    session = Session(_config(tiny_models))
    session.start()
    try:
        wait_for(session, measured(100))
        session.toggle_pause()
        paused = wait_for(session, lambda s: not s.measuring).run
        assert paused is not None
        stop_once(60.0)
        session.take_profile()
        wait_for(session, lambda _: not session.profile_pending)
        session.toggle_pause()
        on = wait_for(session, measured(paused.stats.count + 100)).run
        assert on is not None
        assert on.stats.stops == 0
    finally:
        assert session.close(60.0)


def test_a_pair_that_was_stopped_is_measured_again(
    tiny_models: Path, stop_once: Callable[[float], None]
) -> None:
    session = Session(_config(tiny_models))
    session.start()
    try:
        wait_for(session, measured(100))
        session.begin_ab(_config(tiny_models, api="sync"), 0.2)
        before = _pairs(session, 1)
        stop_once(5.0)
        begin_s = perf_counter()
        assert _pairs(session, before + 2) >= before + 2
        view = session.ab()
        assert view is not None
        # No slice holds the stop.
        assert all(piece.seconds < perf_counter() - begin_s + 5.0 for piece in view.slices)
        assert {piece.side for piece in view.slices} == {"A", "B"}
    finally:
        assert session.close(60.0)


def _pairs(session: Session, wanted: int) -> int:
    def has_so_many(_: object) -> bool:
        view = session.ab()
        return view is not None and view.pairs >= wanted

    wait_for(session, has_so_many)
    view = session.ab()
    assert view is not None
    return view.pairs


def test_the_threshold_is_far_above_what_a_tick_takes() -> None:
    """Ticks of a thread beside eight that want the interpreter come in time."""
    ended = threading.Event()

    def hog() -> None:
        while not ended.is_set():
            sum(range(1000))

    hogs = [threading.Thread(target=hog) for _ in range(8)]
    for thread in hogs:
        thread.start()
    from ovbench_tui.engine.worker.stop_watch import StopDetector, read_clocks

    try:
        detector = StopDetector(read_clocks())
        for _ in range(20):
            time.sleep(0.1)
            assert detector.look(read_clocks()) is None
    finally:
        ended.set()
        for thread in hogs:
            thread.join()
    assert STOPPED_AFTER_S == 1.0


# -- hanging --------------------------------------------------------------------------------


class Hanging:
    """A session that can be made to hang, and a clock that lets its patience pass."""

    def __init__(self, *, is_isolated: bool, hang: Callable[[Session], None]) -> None:
        self.clock = Clock()
        self._is_isolated = is_isolated
        self._hang = hang

    def open(self, config: BenchmarkConfig) -> Session:
        clock, hang = self.clock, self._hang

        class HangsOnceItMeasures(Session):
            has_hung = False

            def snapshot(self, columns: int) -> Snapshot:
                seen = super().snapshot(columns)
                if not self.has_hung and seen.run is not None and seen.run.stats.count > 100:
                    self.has_hung = True
                    hang(self)
                    clock.let_pass(60.0)
                return seen

        return HangsOnceItMeasures(config, isolated=self._is_isolated, clock=clock)


@pytest.fixture(params=[False, True], ids=["thread", "process"])
def hanging(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hanging]:
    gate = threading.Event()
    order = tmp_path / "order"
    obey(order, monkeypatch)

    def hang(session: Session) -> None:
        if request.param:
            pid = session._host.pid
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            return
        monkeypatch.setattr(RequestQueue, "feed_while", lambda *_, **__: gate.wait())
        monkeypatch.setattr(RequestQueue, "drain", lambda *_: gate.wait())
        session.reset_stats()  # the worker turns to it, and hangs

    yield Hanging(is_isolated=request.param, hang=hang)
    gate.set()


def test_without_a_screen_a_hanging_engine_ends_the_run(
    hanging: Hanging, tiny_models: Path
) -> None:
    session = hanging.open(_config(tiny_models, duration_s=3600.0))
    with pytest.raises(EngineHangsError, match="No inference has completed for") as caught:
        run_headless(session)
    assert caught.value.exit_code == 3
    session.conclude()
    (run,) = session.runs
    assert run.stats.elapsed_s < 3600.0
    session.close(0.5)


def test_a_hanging_engine_ends_an_a_b(hanging: Hanging, tiny_models: Path) -> None:
    model = str(tiny_models / "relu.xml")
    invocation = read_ab_invocation([model, "-nireq", "2", "--b", "-nireq 4", "-t", "3600"])
    session = hanging.open(invocation.a)
    with pytest.raises(RunFailedError, match="No inference has completed for") as caught:
        ab.drive(session, invocation)
    assert caught.value.exit_code == 3
    session.close(0.5)


def test_a_hanging_engine_is_replaced_in_a_search_and_reported(
    tiny_models: Path,
) -> None:
    def stop_engine(session: Session) -> None:
        pid = session._host.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)

    hanging = Hanging(is_isolated=True, hang=stop_engine)
    model = str(tiny_models / "relu.xml")
    invocation = read_tune_invocation([model, "-nstreams", "1,2", "-nireq", "2"])
    tuner = make_tuner(invocation.base, invocation.plan_for(None))
    session = hanging.open(BenchmarkConfig())
    search = DrivenTuner(tuner, session)
    stalls = search_run.Stalls()
    session.start()
    try:
        search_run.drive(search, lambda: stalls.of(search.seen))
        assert "No inference has completed for" in stalls.first
        reasons = [trial.reason for trial in search.board.trials if not trial.has_run]
        assert any("No inference has completed for" in reason for reason in reasons)
        assert any(trial.has_run for trial in search.board.trials)
    finally:
        assert session.close(60.0)
