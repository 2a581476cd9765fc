"""What is a stop of the process, and what only looks like one; by clocks that a test moves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.worker.stop_watch import Clocks, StopDetector, StopWatch

TWO_CPUS = 2.0


class Machine:
    """The clocks of a process that has two CPUs at work."""

    def __init__(self) -> None:
        self.clocks = Clocks(1000.0, 5000.0, 30.0)

    def pass_by(self, seconds: float, *, cpus: float, suspended_s: float = 0.0) -> Clocks:
        clocks = self.clocks
        self.clocks = Clocks(
            clocks.now_s + seconds,
            clocks.awake_s + seconds + suspended_s,
            clocks.cpu_s + cpus * seconds,
        )
        return self.clocks

    def __call__(self) -> Clocks:
        return self.clocks


def detector_at_work(machine: Machine, cpus: float = TWO_CPUS) -> StopDetector:
    detector = StopDetector(machine.clocks)
    for _ in range(5):
        assert detector.look(machine.pass_by(0.1, cpus=cpus)) is None
    return detector


@pytest.mark.parametrize("cpus", [0.0, 0.05, 1.0, 64.0])
@pytest.mark.parametrize("stopped_s", [1.2, 10.0, 3600.0])
def test_a_stop_is_seen_whatever_the_process_did_before(cpus: float, stopped_s: float) -> None:
    machine = Machine()
    detector = detector_at_work(machine, cpus)
    begin_s = machine.clocks.now_s
    machine.pass_by(0.09, cpus=cpus)  # it still runs for a while after the last tick
    machine.pass_by(stopped_s, cpus=0.0)
    stop = detector.look(machine.clocks)
    assert stop is not None
    assert (stop.begin_s, stop.end_s) == (begin_s, machine.clocks.now_s)
    assert stop.lasted_s == pytest.approx(stopped_s + 0.09)
    assert detector.look(machine.pass_by(0.1, cpus=cpus)) is None


@pytest.mark.parametrize(
    ("gap_s", "cpus"),
    [
        (0.3, 0.0),  # a busy machine, a quota that is used up
        (0.9, 0.0),
        (1.5, TWO_CPUS),  # the threads of the device work, and no Python ran
        (20.0, 1.2),  # native code that keeps the GIL: a converter, garbage collection
    ],
)
def test_a_late_tick_is_no_stop(gap_s: float, cpus: float) -> None:
    machine = Machine()
    detector = detector_at_work(machine)
    assert detector.look(machine.pass_by(gap_s, cpus=cpus)) is None


def test_a_suspended_machine_whose_clock_stood_still() -> None:
    machine = Machine()
    detector = detector_at_work(machine)
    stop = detector.look(machine.pass_by(0.1, cpus=TWO_CPUS, suspended_s=600.0))
    assert stop is not None
    assert stop.lasted_s == pytest.approx(600.1)
    assert stop.end_s - stop.begin_s == pytest.approx(0.1)


def test_nothing_is_good_after_a_stop_before_it_is_heeded() -> None:
    machine = Machine()
    notes: list[float] = []
    watch = StopWatch(notes.append, pytest.fail, machine)
    assert watch.take() is None
    assert notes == [1000.0]
    machine.pass_by(5.0, cpus=0.0)
    stop = watch.take()
    assert stop is not None
    machine.pass_by(0.1, cpus=TWO_CPUS)
    assert watch.take() == stop
    assert notes == [1000.0]
    machine.pass_by(3.0, cpus=0.0)  # and again, before the worker came to it
    assert watch.take() == replace(stop, end_s=machine.clocks.now_s, lasted_s=8.0)
    watch.go_on()
    assert notes == [1000.0, machine.clocks.now_s]
    assert watch.take() is None


def test_a_ring_says_up_to_when_its_completions_are_good() -> None:
    ring = LatencyRing(bytearray(LatencyRing.bytes_for(64)))
    assert ring.good_until_s == float("inf")
    ring.note_good_until(12.5)
    assert ring.good_until_s == pytest.approx(12.5, abs=1e-8)
    ring.note_good_until(float("inf"))
    assert ring.good_until_s == float("inf")
    store = ring.recorder()
    for _ in range(5):
        store(1.0, 0)
    times_s = ring.read(0).times_s
    assert ring.count_until(float(times_s[2]), 0) == 3
    assert ring.count_until(float(times_s[2]), 4) == 4
    piece = ring.read(0).until(float(times_s[2]))
    assert (piece.first, piece.end, piece.times_s.size, piece.groups.size) == (0, 3, 3, 3)
