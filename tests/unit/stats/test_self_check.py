"""The overhead check's phases: their order, what they leave out, and what ends them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.reports.summary import format_summary
from ovbench_tui.stats.self_check import (
    PAIRS,
    PHASE_S,
    DisplayOverhead,
    OverheadCheck,
    Phase,
    is_costly,
    phase_long_enough_s,
)
from tests.unit.reports.test_summary import RUN

RATE = 1000.0
Rate = Callable[[float, Phase], float]


@dataclass(frozen=True)
class At:
    count: int
    last_s: float


class Machine:
    """Completes at `rate(seconds, phase)`, in steps of a millisecond."""

    def __init__(self, rate: Rate) -> None:
        self.now_s = 100.0
        self._done = 0.0
        self._rate = rate

    def run_until(self, end_s: float, phase: Phase) -> At:
        while self.now_s < end_s - 1e-9:
            self.now_s += 0.001
            self._done += self._rate(self.now_s - 100.0, phase) * 0.001
        return At(int(self._done), self.now_s)


def play(check: OverheadCheck, machine: Machine, *, looks: int = 4 * PAIRS) -> list[Phase]:
    """Look whenever the check wants it; returns the phases it went through."""
    phases = []
    for _ in range(looks):
        if check.is_over:
            break
        phase = check.phase
        at = machine.run_until(check.next_look_s, phase)
        if check.look(machine.now_s, at, measuring=True, run_id=1):
            phases.append(phase)
    return phases


def slower_when_drawn(share: float) -> Rate:
    return lambda _, phase: RATE * (share if phase is Phase.DRAWN else 1.0)


def effect_of(check: OverheadCheck) -> DisplayOverhead:
    assert check.effect is not None
    return check.effect


def test_the_cost_of_drawing_is_found() -> None:
    check = OverheadCheck(100.0, 1)
    machine = Machine(slower_when_drawn(0.95))
    phases = play(check, machine)
    assert check.is_over
    assert check.reason == ""
    assert "".join(phase.value[0] for phase in phases) == "dbbd" * (PAIRS // 2)
    assert machine.now_s - 100.0 == pytest.approx(2 * PAIRS * PHASE_S, abs=0.1)
    effect = effect_of(check)
    assert effect.pairs == PAIRS
    assert effect.phase_s == PHASE_S
    assert effect.ratio == pytest.approx(0.95, abs=0.002)
    assert effect.low <= effect.ratio <= effect.high


@pytest.mark.parametrize("fall", [-0.4, 0.4])
def test_a_drift_of_the_machine_does_not_pass_for_an_effect(fall: float) -> None:
    whole_s = 2 * PAIRS * PHASE_S
    check = OverheadCheck(100.0, 1)
    play(check, Machine(lambda s, _: RATE * (1 - fall * s / whole_s)))
    effect = effect_of(check)
    assert effect.ratio == pytest.approx(1.0, abs=0.005)
    assert effect.low < 0.99 < 1.01 < effect.high  # single pairs do show it


def test_the_beginning_of_a_phase_is_left_out() -> None:
    check = OverheadCheck(100.0, 1)

    def rate(seconds: float, _: Phase) -> float:
        return 10.0 if seconds % PHASE_S < 0.2 else RATE

    play(check, Machine(rate))
    assert effect_of(check).low == pytest.approx(1.0, abs=0.002)


def test_a_look_that_comes_too_early_changes_nothing() -> None:
    check = OverheadCheck(100.0, 1)
    assert not check.look(100.1, At(100, 100.1), measuring=False, run_id=9)
    assert check.next_look_s == pytest.approx(100.25)
    assert not check.ends_phase(500.0)
    assert not check.look(100.25, At(250, 100.25), measuring=True, run_id=1)
    assert not check.look(100.25, At(250, 100.25), measuring=False, run_id=9)
    assert check.next_look_s == pytest.approx(102.0)
    assert check.ends_phase(102.0)
    assert not check.is_over


def test_a_look_that_comes_late_still_gives_an_exact_rate() -> None:
    check = OverheadCheck(0.0, 1)
    now_s = 0.0
    for late_s in (0.3, 0.0, 1.7, 0.4) * PAIRS:
        now_s = check.next_look_s + late_s
        check.look(now_s, At(int(now_s * RATE), now_s), measuring=True, run_id=1)
    assert check.is_over
    assert effect_of(check).high == pytest.approx(1.0, abs=0.002)


@pytest.mark.parametrize(("measuring", "run_id"), [(False, 1), (True, 2)])
def test_it_ends_with_the_run(measuring: bool, run_id: int) -> None:
    check = OverheadCheck(100.0, 1)
    machine = Machine(slower_when_drawn(1.0))
    play(check, machine, looks=11)  # the end of the sixth phase would be the twelfth
    at = machine.run_until(check.next_look_s, check.phase)
    assert check.look(machine.now_s, at, measuring=measuring, run_id=run_id)
    assert check.is_over
    assert check.reason
    assert effect_of(check).pairs == check.complete_pairs == 2


@pytest.mark.parametrize(("phases", "pairs"), [(0, 0), (2, 0), (3, 0), (4, 2), (7, 3)])
def test_stopped_early_it_has_its_complete_pairs_if_there_are_two(phases: int, pairs: int) -> None:
    check = OverheadCheck(100.0, 1)
    play(check, Machine(slower_when_drawn(0.9)), looks=2 * phases)
    check.stop("a key stopped it")
    assert check.is_over
    assert check.reason == "a key stopped it"
    assert (check.effect.pairs if check.effect else 0) == pairs


def test_a_stop_after_the_end_is_no_trouble() -> None:
    check = OverheadCheck(100.0, 1)
    play(check, Machine(slower_when_drawn(1.0)))
    check.stop("too late")
    assert check.reason == ""


def test_too_few_inferences_are_no_rate() -> None:
    check = OverheadCheck(100.0, 1)
    play(check, Machine(lambda *_: 2.0))
    assert check.is_over
    assert check.effect is None
    assert check.reason.startswith("3 inferences in a phase of 2 s are too few, --blind 14")


def test_an_engine_that_stands_still_or_began_anew_is_no_rate() -> None:
    for end in (At(250, 100.25), At(3, 101.9)):
        check = OverheadCheck(100.0, 1)
        check.look(100.25, At(250, 100.25), measuring=True, run_id=1)
        assert check.look(102.0, end, measuring=True, run_id=1)
        assert check.reason.startswith("0 inferences")


@given(st.lists(st.floats(0.5, 1.5), min_size=2, max_size=9))
def test_the_spread_is_the_quartiles(ratios: list[float]) -> None:
    check = OverheadCheck(0.0, 1, pairs=len(ratios))
    count, last_s = 0.0, 0.0
    while not check.is_over:
        rate = 1e6 * (ratios[check.pair - 1] if check.phase is Phase.DRAWN else 1.0)
        now_s = check.next_look_s
        count, last_s = count + rate * (now_s - last_s), now_s
        check.look(now_s, At(round(count), now_s), measuring=True, run_id=1)
    effect = effect_of(check)
    expected = np.percentile(ratios, (25, 50, 75))
    assert (effect.low, effect.ratio, effect.high) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("fps", "frame_s", "phase_s"),
    [
        (60_000.0, 0.25, 2.0),
        (math.nan, 0.25, 2.0),
        (0.0, 0.25, 2.0),
        (5.0, 0.25, 4.0),
        (0.1, 0.25, 10.0),
        (500.0, 2.0, 8.0),
    ],
)
def test_a_phase_holds_enough(fps: float, frame_s: float, phase_s: float) -> None:
    assert phase_long_enough_s(fps, frame_s) == phase_s


def test_costly_is_what_lies_beyond_its_spread() -> None:
    assert is_costly(DisplayOverhead(6, 0.95, 0.94, 0.96, 2.0))
    assert not is_costly(DisplayOverhead(6, 0.95, 0.80, 1.01, 2.0))
    assert is_costly(DisplayOverhead(6, 0.91, 0.84, 0.93, 2.0))
    assert not is_costly(DisplayOverhead(6, 0.995, 0.994, 0.996, 2.0))


def test_noise_is_rarely_taken_for_a_cost() -> None:
    random = np.random.default_rng(1)
    alarms = 0
    for ratios in random.normal(1.0, 0.1, (2000, PAIRS)):
        low, ratio, high = np.percentile(ratios, (25, 50, 75))
        alarms += is_costly(DisplayOverhead(PAIRS, ratio, low, high, 2.0))
    assert alarms / 2000 < 0.15


def test_the_summary_tells_it_with_the_run_that_was_checked() -> None:
    effect = DisplayOverhead(6, 0.998, 0.9911, 1.0044, 2.0)
    line = (
        "Watching:        0.998 of the FPS without drawing (quartiles 0.991..1.004, 6 pairs of 2 s)"
    )
    second = replace(RUN, run_id=2)
    assert format_summary([RUN], effect, 1).splitlines()[-1] == line
    assert format_summary([RUN], effect).splitlines()[-1] == line
    text = format_summary([RUN, second], effect, 1)
    assert "Watching:" not in text
    assert text.splitlines()[-1].endswith("collected by callback   watching 0.998")
    text = format_summary([RUN, second], effect, 2)
    assert line in text
    assert "watching 0.998" not in text
    assert "Watching" not in format_summary([RUN, second])
