"""Sleeping until a point of time: never too early, and how late is counted."""

from __future__ import annotations

from time import perf_counter

import pytest

from ovbench_tui.engine.workloads.precise_sleep import PreciseSleep
from tests.unit.engine.workloads.rigged import counts, words


class System:
    """A clock, and a sleep that always lasts a bit longer."""

    def __init__(self, late_s: float) -> None:
        self.now_s = 0.0
        self.naps_s: list[float] = []
        self._late_s = late_s

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.naps_s.append(seconds)
        # Letting go of the GIL takes a microsecond.
        self.now_s += seconds + self._late_s if seconds else 1e-6


def test_it_sleeps_most_of_the_time_and_waits_awake_for_the_rest() -> None:
    system, counted = System(late_s=60e-6), words()
    assert PreciseSleep(counted, system.clock, system.sleep).until(0.0105, lambda: True)
    assert system.now_s == pytest.approx(0.0105, abs=2e-6)
    assert system.now_s >= 0.0105
    assert [nap for nap in system.naps_s if nap] == pytest.approx([0.0104])
    assert counts(counted).sleeps == 1
    assert counts(counted).late_ns == counts(counted).latest_ns < 2000


def test_a_system_that_wakes_it_late_is_on_record() -> None:
    system, counted = System(late_s=0.003), words()
    sleeper = PreciseSleep(counted, system.clock, system.sleep)
    sleeper.until(0.0101, lambda: True)
    sleeper.until(0.0201, lambda: True)
    assert counts(counted).sleeps == 2
    assert counts(counted).late_ns == pytest.approx(2 * 2.9e6, rel=0.01)
    assert counts(counted).latest_ns == pytest.approx(2.9e6, rel=0.01)


def test_what_is_due_already_is_no_sleep() -> None:
    system, counted = System(late_s=0.0), words()
    assert PreciseSleep(counted, system.clock, system.sleep).until(-1.0, lambda: True)
    assert not system.naps_s
    assert counts(counted).sleeps == 0


def test_a_message_ends_a_long_sleep_which_is_no_measure_of_lateness() -> None:
    system, counted = System(late_s=0.0), words()
    sleeper = PreciseSleep(counted, system.clock, system.sleep)
    assert not sleeper.until(3600.0, lambda: len(system.naps_s) < 3)
    assert system.now_s < 0.1
    assert counts(counted).sleeps == 0


def test_by_the_real_clock_it_never_wakes_too_early() -> None:
    counted = words()
    sleeper = PreciseSleep(counted)
    for _ in range(20):
        due_s = perf_counter() + 0.0005
        sleeper.until(due_s, lambda: True)
        assert perf_counter() >= due_s
    assert counts(counted).sleeps == 20
