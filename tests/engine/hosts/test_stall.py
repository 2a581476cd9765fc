"""An engine that hangs is told of, and another can be started in its place."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.hosts.watchdog import Watchdog
from ovbench_tui.engine.requests.request_queue import RequestQueue
from ovbench_tui.engine.session import Session
from tests.engine.conftest import measured, wait_for


class Clock:
    """Real seconds, and those that a test lets pass: half a second a look, or all at once."""

    def __init__(self) -> None:
        self.skipped_s = 0.0
        self._due_s = 0.0

    def let_pass(self, seconds: float) -> None:
        self._due_s += seconds

    @property
    def is_rushing(self) -> bool:
        """Whether what is to pass has not passed yet."""
        return self._due_s > 0

    def __call__(self) -> float:
        step_s = min(self._due_s, 0.5)
        self._due_s -= step_s
        self.skipped_s += step_s
        return perf_counter() + self.skipped_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    opened = threading.Event()
    yield opened
    opened.set()


def open_session(model: Path, clock: Clock, *, isolated: bool) -> Session:
    session = Session(BenchmarkConfig(model=str(model), nireq=2), isolated=isolated, clock=clock)
    session.start()
    return session


def assert_another_measures(session: Session, count: int, total: int) -> None:
    """The run that hung has kept its `count`, of at most `total` that its engine ever stored."""
    again = wait_for(session, measured(100, run_id=2))
    assert again.isolated
    assert not again.can_restart
    assert count <= session.runs[0].stats.count <= total
    assert session.failure == ""


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_a_process_that_hangs(tiny_models: Path, clock: Clock) -> None:
    session = open_session(tiny_models / "relu.xml", clock, isolated=True)
    try:
        wait_for(session, measured(100))
        pid = session._host.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        clock.let_pass(30.0)
        stalled = wait_for(session, lambda s: s.can_restart)
        assert "No inference has completed for" in stalled.notices[-1].text
        assert stalled.run is not None
        total = session.progress().count
        session.restart()
        assert_another_measures(session, stalled.run.stats.count, total)
    finally:
        assert session.close(60.0)


def test_a_thread_that_hangs(
    tiny_models: Path, clock: Clock, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_session(tiny_models / "relu.xml", clock, isolated=False)
    wait_for(session, measured(100))
    monkeypatch.setattr(RequestQueue, "feed_while", lambda *_, **__: gate.wait())
    session.take_profile()  # the worker turns to it, and then feeds again
    wait_for(session, lambda s: not session.profile_pending and s.measuring)
    clock.let_pass(30.0)
    stalled = wait_for(session, lambda s: s.can_restart)
    assert stalled.run is not None
    total = session.progress().count
    session.restart()
    clock.let_pass(6.0)
    reported = wait_for(session, lambda s: s.notices[-1].text.startswith("The old engine's thread"))
    assert reported.isolated
    assert_another_measures(session, stalled.run.stats.count, total)
    gate.set()
    assert session.close(60.0)


def test_waiting_is_no_stall(tiny_models: Path, clock: Clock) -> None:
    session = open_session(tiny_models / "relu.xml", clock, isolated=False)
    try:
        wait_for(session, measured(100))
        session.toggle_pause()
        wait_for(session, lambda s: not s.measuring)
        clock.let_pass(100.0)
        while clock.is_rushing:
            assert not session.snapshot(10).can_restart
        session.toggle_pause()
        assert not wait_for(session, lambda s: s.measuring).can_restart
    finally:
        assert session.close(60.0)


NAN = float("nan")


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def _watched(
    dog: Watchdog, hand: Hand, seconds: float, count: int, slowest_ms: float, pause_s: float = 0.0
) -> float:
    """Look four times a second for so long; returns what is said last."""
    said_s = dog.stalled_s(count, slowest_ms, pause_s)
    for _ in range(int(4 * seconds)):
        hand.now_s += 0.25
        said_s = dog.stalled_s(count, slowest_ms, pause_s)
    return said_s


@pytest.mark.parametrize(
    ("slowest_ms", "pause_s", "quiet_s", "stalls"),
    [
        (NAN, 0.0, 119.0, False),
        (NAN, 0.0, 121.0, True),
        (5.0, 0.0, 14.0, False),
        (5.0, 0.0, 16.0, True),
        (3000.0, 0.0, 59.0, False),
        (3000.0, 0.0, 61.0, True),
        (5.0, 100.0, 114.0, False),
        (5.0, 100.0, 116.0, True),
    ],
)
def test_how_long_is_too_long(
    slowest_ms: float, pause_s: float, quiet_s: float, stalls: bool
) -> None:
    hand = Hand()
    dog = Watchdog(hand)
    assert (_watched(dog, hand, quiet_s, 7, slowest_ms, pause_s) > 0) is stalls
    assert dog.stalled_s(8, slowest_ms, pause_s) == 0.0


def test_a_program_that_was_stopped_has_waited_for_nothing() -> None:
    hand = Hand()
    dog = Watchdog(hand)
    assert _watched(dog, hand, 5.0, 7, 5.0) == 0.0
    hand.now_s += 3600.0  # Ctrl-Z, a suspended machine
    assert _watched(dog, hand, 8.0, 7, 5.0) == 0.0
    assert _watched(dog, hand, 3.0, 7, 5.0) > 0
