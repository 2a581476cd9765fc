from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.stats.round_steps import nice_step
from ovbench_tui.ui.charts.axis import HeldMaximum, LogAxis, ZeroBasedAxis
from ovbench_tui.ui.charts.braille import dot_at, dot_of


@given(st.floats(min_value=1e-6, max_value=1e12), st.integers(min_value=1, max_value=10))
def test_step_is_one_two_or_five_and_covers(maximum: float, intervals: int) -> None:
    step = nice_step(maximum, intervals)
    mantissa = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert round(mantissa, 6) in (1.0, 2.0, 5.0)
    assert step * intervals >= maximum * (1 - 1e-6)
    assert step * intervals <= maximum * 2.51


@pytest.mark.parametrize(
    ("maximum", "rows", "ticks", "tick_rows"),
    [
        (350.0, 14, (0, 100, 200, 300, 400), (0, 3, 6, 9, 12)),
        (8.0, 10, (0, 2, 4, 6, 8), (0, 2, 4, 6, 8)),
        (23.0, 5, (0, 10, 20), (0, 2, 4)),
        (0.9, 1, (0,), (0,)),
    ],
)
def test_ticks_are_round_and_on_whole_rows(
    maximum: float, rows: int, ticks: tuple[float, ...], tick_rows: tuple[int, ...]
) -> None:
    axis = ZeroBasedAxis()
    assert axis.fit(maximum, rows)
    assert axis.ticks() == ticks
    assert axis.tick_rows() == tick_rows


@given(
    st.floats(min_value=1e-6, max_value=1e12),
    st.integers(min_value=1, max_value=60),
    st.sampled_from((4, 1, math.inf)),
)
def test_every_tick_is_the_lowest_place_of_its_row(maximum: float, rows: int, parts: float) -> None:
    axis = ZeroBasedAxis(parts)
    axis.fit(maximum, rows)
    assert axis.top >= maximum * (1 - 1e-6)
    assert axis.tick_rows()[-1] < rows
    for tick, row in zip(axis.ticks(), axis.tick_rows(), strict=True):
        assert tick / axis.per_row == pytest.approx(row)
    if rows > 3:
        assert len(axis.ticks()) >= 2
        # At most a good half of the room is empty.
        assert axis.top <= maximum * 2.51
    if parts == 4:
        dots = [dot_of(tick, axis.top, rows) for tick in axis.ticks()]
        assert dots == [row * 4 for row in axis.tick_rows()]


def test_axis_grows_at_once() -> None:
    axis = ZeroBasedAxis()
    axis.fit(390.0, 12)
    top = axis.top
    assert axis.fit(top * 1.01, 12)
    assert axis.top >= top * 1.01


def test_axis_does_not_flicker_at_a_boundary() -> None:
    axis = ZeroBasedAxis()
    axis.fit(390.0, 12)
    axis.fit(axis.top * 1.01, 12)
    top = axis.top
    maxima = (top, top * 0.9, top * 0.95, top * 0.9)
    assert not any(axis.fit(maximum, 12) for maximum in maxima)
    assert axis.top == top


def test_axis_shrinks_when_there_is_room_to_spare() -> None:
    axis = ZeroBasedAxis()
    axis.fit(1000.0, 12)
    assert axis.fit(100.0, 12)
    assert axis.top < 200.0


@pytest.mark.parametrize("nothing", [0.0, math.nan, math.inf, -1.0])
def test_axis_ignores_what_is_no_maximum(nothing: float) -> None:
    axis = ZeroBasedAxis()
    assert not axis.fit(nothing, 12)
    assert axis.ticks() == axis.tick_rows() == ()


@given(st.lists(st.floats(min_value=1e-3, max_value=1e6), min_size=1, max_size=20))
def test_axis_always_has_room_for_the_last_maximum(maxima: list[float]) -> None:
    axis = ZeroBasedAxis()
    for maximum in maxima:
        axis.fit(maximum, 10)
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
    ("lowest", "highest", "rows", "ticks", "tick_rows"),
    [
        (1.5, 18.0, 5, (1, 2, 5, 10, 20), (0, 1, 2, 3, 4)),
        (2.0, 90.0, 6, (2, 5, 10, 20, 50, 100), (0, 1, 2, 3, 4, 5)),
        (2.0, 4.0, 10, (2, 5), (0, 8)),
        (1.2, 80.0, 14, (1, 2, 5, 10, 20, 50, 100), (0, 2, 5, 7, 9, 12, 14)),
        (1.1, 90.0, 10, (1, 10, 100), (0, 5, 10)),
        (0.01, 500.0, 5, (0.01, 0.1, 1, 10, 100), (0, 1, 2, 3, 4)),
        (0.001, 1e5, 5, (0.0001, 0.01, 1, 100, 10000), (0, 1, 2, 3, 4)),
    ],
)
def test_a_log_axis_has_round_values_on_whole_rows(
    lowest: float,
    highest: float,
    rows: int,
    ticks: tuple[float, ...],
    tick_rows: tuple[int, ...],
) -> None:
    axis = LogAxis()
    assert axis.fit(lowest, highest, rows)
    shown = [(tick, row) for tick, row in zip(ticks, tick_rows, strict=True) if row < rows]
    assert axis.ticks() == pytest.approx([tick for tick, _ in shown])
    assert list(axis.tick_rows()) == [row for _, row in shown]
    assert axis.place(axis.bottom) == 0.0
    assert axis.place(axis.top) == 1.0


def test_a_decade_of_a_log_axis_is_everywhere_as_long() -> None:
    axis = LogAxis()
    axis.fit(1.0, 100.0, 20)
    places = [axis.place(value) for value in (1.0, 10.0, 100.0)]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1])
    assert math.isnan(axis.place(0.0))
    assert math.isnan(axis.place(math.nan))


def test_a_log_axis_stays_put_until_there_is_room_to_spare() -> None:
    axis = LogAxis()
    axis.fit(2.1, 51.0, 10)
    before = axis.bottom, axis.top
    assert not axis.fit(2.1, 40.0, 10)
    assert not axis.fit(2.2, 51.0, 10)
    assert axis.fit(2.1, 9.0, 10)
    assert axis.top < before[1]
    assert axis.fit(before[0] * 0.5, 9.0, 10)
    assert axis.bottom < before[0]


@given(
    st.lists(st.tuples(st.floats(1e-3, 1e5), st.floats(1.0, 1e3)), min_size=1, max_size=20),
    st.integers(1, 60),
)
def test_a_log_axis_always_has_room_for_what_came_last(
    ranges: list[tuple[float, float]], rows: int
) -> None:
    axis = LogAxis()
    for lowest, times in ranges:
        axis.fit(lowest, lowest * times, rows)
        places = axis.place(lowest), axis.place(lowest * times)
        # Within half a dot of its ends.
        assert places[0] * (rows * 4 - 1) >= -0.51
        assert (places[1] - 1) * (rows * 4 - 1) <= 0.51
        dots = [dot_at(axis.place(tick), rows) for tick in axis.ticks()]
        assert dots == [row * 4 for row in axis.tick_rows()]
        assert len(dots) >= min(rows, 2)


@pytest.mark.parametrize("nothing", [(0.0, 1.0), (2.0, 1.0), (1.0, math.inf), (math.inf, 0.0)])
def test_a_log_axis_ignores_what_is_no_range(nothing: tuple[float, float]) -> None:
    axis = LogAxis()
    assert not axis.fit(*nothing, 10)
    assert axis.ticks() == axis.tick_rows() == ()
    assert math.isnan(axis.place(1.0))
