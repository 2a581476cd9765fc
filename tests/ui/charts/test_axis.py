from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.ui.charts.axis import HeldMaximum, LogAxis, ZeroBasedAxis, nice_step


@given(st.floats(min_value=1e-6, max_value=1e12), st.integers(min_value=1, max_value=10))
def test_step_is_one_two_or_five_and_covers(maximum: float, intervals: int) -> None:
    step = nice_step(maximum, intervals)
    mantissa = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert round(mantissa, 6) in (1.0, 2.0, 5.0)
    assert step * intervals >= maximum * (1 - 1e-6)
    assert step * intervals <= maximum * 2.51


@pytest.mark.parametrize(
    ("maximum", "ticks"), [(350.0, (0, 100, 200, 300, 400)), (8.0, (0, 2, 4, 6, 8))]
)
def test_ticks_reach_from_zero_to_above_the_maximum(
    maximum: float, ticks: tuple[float, ...]
) -> None:
    axis = ZeroBasedAxis()
    assert axis.fit(maximum)
    assert axis.ticks() == ticks


def test_axis_grows_at_once() -> None:
    axis = ZeroBasedAxis()
    axis.fit(390.0)
    assert axis.fit(401.0)
    assert axis.top >= 401.0


def test_axis_does_not_flicker_at_a_boundary() -> None:
    axis = ZeroBasedAxis()
    axis.fit(401.0)
    top = axis.top
    assert not any(axis.fit(maximum) for maximum in (399.0, 401.0, 399.0, 395.0))
    assert axis.top == top


def test_axis_shrinks_when_there_is_room_to_spare() -> None:
    axis = ZeroBasedAxis()
    axis.fit(1000.0)
    assert axis.fit(100.0)
    assert axis.top < 200.0


@pytest.mark.parametrize("nothing", [0.0, math.nan, math.inf, -1.0])
def test_axis_ignores_what_is_no_maximum(nothing: float) -> None:
    axis = ZeroBasedAxis()
    assert not axis.fit(nothing)
    assert axis.ticks() == ()


@given(st.lists(st.floats(min_value=1e-3, max_value=1e6), min_size=1, max_size=20))
def test_axis_always_has_room_for_the_last_maximum(maxima: list[float]) -> None:
    axis = ZeroBasedAxis()
    for maximum in maxima:
        axis.fit(maximum)
        assert axis.top >= maximum * (1 - 1e-6)


def test_held_maximum_stays_for_small_changes() -> None:
    held = HeldMaximum()
    held.fit(100.0)
    top = held.top
    assert top > 100.0
    for maximum in (99.0, 104.0, 80.0, math.nan, 0.0):
        held.fit(maximum)
    assert held.top == top
    held.fit(10.0)
    assert held.top < 20.0


@pytest.mark.parametrize(
    ("lowest", "highest", "ticks"),
    [
        (1.5, 18.0, (1, 2, 5, 10, 20)),
        (3.0, 3.1, (2, 5)),
        (5.0, 5.0, (5, 10)),
        (0.01, 900.0, (0.01, 0.1, 1, 10, 100, 1000)),
    ],
)
def test_a_log_axis_lies_between_one_two_five(
    lowest: float, highest: float, ticks: tuple[float, ...]
) -> None:
    axis = LogAxis()
    assert axis.fit(lowest, highest)
    assert axis.ticks() == pytest.approx(ticks)
    assert axis.place(axis.bottom) == 0.0
    assert axis.place(axis.top) == 1.0


def test_a_decade_of_a_log_axis_is_everywhere_as_long() -> None:
    axis = LogAxis()
    axis.fit(1.0, 100.0)
    assert axis.place(10.0) == pytest.approx(0.5)
    assert math.isnan(axis.place(0.0))
    assert math.isnan(axis.place(math.nan))


def test_a_log_axis_stays_put_until_there_is_room_to_spare() -> None:
    axis = LogAxis()
    axis.fit(2.1, 51.0)
    assert (axis.bottom, axis.top) == pytest.approx((2.0, 100.0))
    assert not axis.fit(2.0, 49.0)
    assert axis.fit(2.0, 30.0)
    assert axis.top == pytest.approx(50.0)
    assert axis.fit(1.9, 30.0)
    assert axis.bottom == pytest.approx(1.0)


@given(st.lists(st.tuples(st.floats(1e-3, 1e5), st.floats(1.0, 1e3)), min_size=1, max_size=20))
def test_a_log_axis_always_has_room_for_what_came_last(ranges: list[tuple[float, float]]) -> None:
    axis = LogAxis()
    for lowest, times in ranges:
        axis.fit(lowest, lowest * times)
        assert axis.bottom <= lowest * (1 + 1e-6)
        assert axis.top >= lowest * times * (1 - 1e-6)
        assert axis.top > axis.bottom


@pytest.mark.parametrize("nothing", [(0.0, 1.0), (2.0, 1.0), (1.0, math.inf), (math.inf, 0.0)])
def test_a_log_axis_ignores_what_is_no_range(nothing: tuple[float, float]) -> None:
    axis = LogAxis()
    assert not axis.fit(*nothing)
    assert axis.ticks() == ()
    assert math.isnan(axis.place(1.0))
