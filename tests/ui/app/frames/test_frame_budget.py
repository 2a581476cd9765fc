from __future__ import annotations

import pytest

from ovbench_tui.ui.app.frames.frame_budget import FrameBudget


def _run(
    budget: FrameBudget, seconds: float, percent: float, start: tuple[float, float]
) -> tuple[float, float]:
    """Draw for a while at a cost that does not depend on the interval."""
    now_s, cpu_s = start
    end_s = now_s + seconds
    while now_s < end_s:
        now_s += budget.interval_s
        cpu_s += budget.interval_s * percent / 100
        budget.read(now_s, cpu_s)
    return now_s, cpu_s


def test_cheap_drawing_keeps_the_wanted_rate() -> None:
    budget = FrameBudget(0.25, 3.0)
    _run(budget, 30.0, 1.0, (0.0, 0.0))
    assert budget.interval_s == 0.25
    assert budget.cost_percent == pytest.approx(1.0)
    assert not budget.is_slowed


def test_dear_drawing_slows_down_to_two_seconds_at_most() -> None:
    budget = FrameBudget(0.25, 3.0)
    _run(budget, 5.0, 9.0, (0.0, 0.0))
    assert budget.interval_s == pytest.approx(0.375)
    assert budget.is_slowed
    _run(budget, 120.0, 9.0, (10.0, 1.0))
    assert budget.interval_s == 2.0


def test_it_speeds_up_again_when_drawing_got_cheap() -> None:
    budget = FrameBudget(0.25, 3.0)
    clocks = _run(budget, 40.0, 9.0, (0.0, 0.0))
    assert budget.interval_s == 2.0
    _run(budget, 120.0, 0.5, clocks)
    assert budget.interval_s == 0.25


def test_between_the_marks_nothing_changes() -> None:
    budget = FrameBudget(0.25, 3.0)
    clocks = _run(budget, 4.2, 9.0, (0.0, 0.0))
    slowed = budget.interval_s
    assert slowed > 0.25
    _run(budget, 60.0, 2.0, clocks)
    assert budget.interval_s == slowed


def test_one_dear_moment_is_not_enough() -> None:
    budget = FrameBudget(0.25, 3.0)
    assert not budget.read(0.0, 0.0)
    assert not budget.read(0.25, 0.2)
    assert budget.interval_s == 0.25


def test_forgotten_work_does_not_count() -> None:
    budget = FrameBudget(0.25, 3.0)
    clocks = _run(budget, 3.0, 1.0, (0.0, 0.0))
    budget.forget()
    _run(budget, 8.0, 1.0, (clocks[0], clocks[1] + 5.0))
    assert budget.interval_s == 0.25


def test_a_wanted_rate_holds_at_once_and_a_slow_one_is_kept() -> None:
    budget = FrameBudget(0.25, 3.0)
    budget.want(4.0)
    _run(budget, 60.0, 9.0, (0.0, 0.0))
    assert budget.interval_s == 4.0
