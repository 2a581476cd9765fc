"""The unit of a figure, and columns of numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.console.numbers import DASH, three_digits
from ovbench_tui.console.units import (
    COLUMN_WIDTH,
    MICROSECONDS,
    MILLISECONDS,
    SECONDS,
    DurationColumn,
    NumberColumn,
    StickyUnit,
    duration_parts,
    format_duration,
    in_unit,
)

NAN = math.nan


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0.0583, "58.3 µs"),
        (0.9994, "999 µs"),
        (0.9996, "1.00 ms"),
        (7.8163, "7.82 ms"),
        (12.434, "12.4 ms"),
        (583.14, "583 ms"),
        (999.6, "1.00 s"),
        (61_000, "61.0 s"),
        (1e7, "10000 s"),
        (NAN, f"{DASH} ms"),
    ],
)
def test_a_duration_has_the_unit_of_its_size(ms: float, text: str) -> None:
    assert format_duration(ms) == text


@given(st.floats(min_value=1e-3, max_value=9e7))
def test_a_duration_keeps_three_digits(ms: float) -> None:
    number, unit = duration_parts(ms)
    back = float(number) * {"µs": 1e-3, "ms": 1.0, "s": 1e3}[unit]
    assert back == pytest.approx(ms, rel=5.1e-3)
    assert len(number.replace(".", "")) == 3 or unit == "s"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0583, "0.058"), (0.99951, "1.00"), (9.9951, "10.0"), (99951, "99951")]
)
def test_three_digits(value: float, text: str) -> None:
    assert three_digits(value) == text


def test_a_unit_stays_until_the_values_have_left_it_far() -> None:
    sticky = StickyUnit()
    assert sticky.of(1.9) is MILLISECONDS
    for ms in (0.95, 0.101, 1500.0, 9999.0, NAN, 3.0):
        assert sticky.of(ms) is MILLISECONDS
    assert sticky.of(10_000.0) is SECONDS
    assert sticky.of(200.0) is SECONDS
    assert sticky.of(99.0) is MILLISECONDS
    assert sticky.of(0.0999) is MICROSECONDS
    assert sticky.of(2.0) is MICROSECONDS


def test_a_unit_is_not_held_before_enough_is_known() -> None:
    sticky = StickyUnit()
    assert sticky.of(NAN) is MILLISECONDS
    assert sticky.of(0.9, is_enough=False) is MICROSECONDS
    assert sticky.of(1.1) is MILLISECONDS
    assert sticky.of(0.9, is_enough=False) is MILLISECONDS


@given(st.lists(st.floats(1e-3, 1e5), min_size=1, max_size=40))
def test_a_unit_changes_only_with_a_value_that_is_ten_times_outside(values: list[float]) -> None:
    sticky = StickyUnit()
    unit = sticky.of(values[0])
    for ms in values[1:]:
        following = sticky.of(ms)
        assert (following is unit) or not 0.1 <= ms * unit.per_ms < 10_000
        unit = following


def test_points_stand_below_each_other() -> None:
    column = DurationColumn(MILLISECONDS)
    written = [column.write(ms) for ms in (1.9, 15.04, 234.0, 1234.0, NAN)]
    assert [f"{text:>10}" for text in written] == [
        "   1.90 ms",
        "  15.0  ms",
        " 234    ms",
        "1234    ms",
        f"   {DASH}      ",
    ]


def test_a_column_has_the_unit_of_its_middle_value() -> None:
    assert DurationColumn.of((0.4, 0.5, 90.0)).unit is MICROSECONDS
    assert DurationColumn.of((0.4, 5.0, 90.0)).write(0.4) == "0.400 ms"
    assert DurationColumn.of(()).write(NAN).strip() == DASH
    sticky = StickyUnit()
    DurationColumn.of((2.0,), sticky)
    assert DurationColumn.of((0.9,), sticky).unit is MILLISECONDS


def test_numbers_of_a_column_without_decimals_have_no_blanks() -> None:
    column = NumberColumn.of((512.0, 1234.0, NAN))
    assert [column.write(value) for value in (512.4, 1234.0, NAN)] == ["512", "1234", DASH]
    # What is too wide for its column loses its blanks, and no digit.
    column = NumberColumn.of((0.5, 1234.0))
    assert [column.write(value) for value in (0.5, 15.0, 1234.0)] == ["0.500", "15.0  ", "1234"]


@given(st.lists(st.floats(1e-2, 9.9e4), min_size=1, max_size=20))
def test_a_column_is_never_wider_than_it_says(values: list[float]) -> None:
    column = DurationColumn.of(values)
    written = [column.write(ms) for ms in values if ms * column.unit.per_ms < 999_999]
    assert all(len(text) <= COLUMN_WIDTH for text in written)


def test_a_sentence_has_no_blanks_within_a_number() -> None:
    assert in_unit(15.04, MILLISECONDS) == "15.0 ms"
    assert in_unit(0.4, MILLISECONDS) == "0.400 ms"
    assert in_unit(NAN, SECONDS) == DASH
