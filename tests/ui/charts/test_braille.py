from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.ui.charts.braille import braille, cell_column, dot_of, line_mask, stroke_mask


@pytest.mark.parametrize(
    ("value", "dot"), [(0.0, 0), (100.0, 7), (50.0, 4), (200.0, 7), (-5.0, 0), (math.nan, None)]
)
def test_dot_of_a_two_row_scale(value: float, dot: int | None) -> None:
    assert dot_of(value, 100.0, 2) == dot


def test_without_a_scale_there_is_no_dot() -> None:
    assert dot_of(1.0, 0.0, 4) is None


def test_line_is_joined_without_doubling_the_previous_dot() -> None:
    assert line_mask(None, 3) == 0b1000
    assert line_mask(1, 3) == 0b1100
    assert line_mask(3, 1) == 0b0110
    assert line_mask(2, 2) == 0b0100
    assert line_mask(2, None) == 0


def test_cells_from_the_top() -> None:
    # Left column: the lowest dot; right column: the highest of two rows.
    cells = cell_column(1, 1 << 7, 2)
    assert [braille(bits) for bits in cells] == ["⠈", "⡀"]


@given(
    st.integers(min_value=1, max_value=12),
    st.data(),
)
def test_every_dot_is_drawn_once(rows: int, data: st.DataObject) -> None:
    limit = (1 << (rows * 4)) - 1
    left = data.draw(st.integers(0, limit))
    right = data.draw(st.integers(0, limit))
    cells = cell_column(left, right, rows)
    assert len(cells) == rows
    assert sum(bits.bit_count() for bits in cells) == left.bit_count() + right.bit_count()


@given(st.tuples(st.integers(0, 40), st.integers(0, 40)), st.tuples(*[st.integers(0, 40)] * 2))
def test_a_stroke_has_all_its_dots_and_meets_the_one_before(
    before: tuple[int, int], ends: tuple[int, int]
) -> None:
    low, high = sorted(ends)
    first, last = sorted(before)
    drawn = {n for n in range(64) if stroke_mask((first, last), (low, high)) >> n & 1}
    assert set(range(low, high + 1)) <= drawn
    assert len(drawn) == max(drawn) - min(drawn) + 1
    assert min(drawn) <= last + 1
    assert max(drawn) >= first - 1
    assert stroke_mask((first, last), None) == 0
    assert stroke_mask(None, (low, high)).bit_count() == high - low + 1
