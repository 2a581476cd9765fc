"""Scales that stay put: ticks at 1-2-5 steps on whole rows, and no flicker between two scales."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from ovbench_tui.stats.round_steps import LEAST, nice_step, one_two_five

_SHRINK_MARGIN = 1.25
_HOLD = 0.65
_HEADROOM = 1.15
DOTS_A_ROW = 4
"""Steps of a Braille line within a row."""


class ZeroBasedAxis:
    """The scale of one chart: grows at once, shrinks only when that leaves room to spare.

    A tick is 1, 2 or 5 times a power of ten from the next one, and the same whole number of
    rows: labels are evenly spaced, and each names the lowest place of its row.

    Args:
        parts: places within a row; infinite where a bar may end anywhere, 1 = whole cells.
        spacing: the fewest rows from a tick to the next; at most twice as many.

    Attributes:
        step: from a tick to the next.
        top: the value at the highest place; 0 before the first `fit`.
        per_row: how much a row is.
    """

    def __init__(self, parts: float = DOTS_A_ROW, spacing: int = 2) -> None:
        self._parts = parts
        self._spacing = spacing
        self._rows = 0
        self._rows_a_step = 1
        self.step = 0.0
        self.top = 0.0
        self.per_row = 0.0

    def fit(self, maximum: float, rows: int) -> bool:
        """Make room for `maximum` in so many rows; returns whether that changed the scale."""
        if not (maximum > LEAST and math.isfinite(maximum)):
            return False
        if rows != self._rows:
            # Another height is another chart: there is nothing to hold on to.
            self._rows = rows
            self.top = 0.0
        step, rows_a_step = self._scale(maximum)
        if self.top and maximum <= self.top:
            roomy = self._scale(maximum * _SHRINK_MARGIN)
            if roomy[0] / roomy[1] >= self.per_row * (1 - 1e-9):
                return False
            step, rows_a_step = roomy
        changed = (step, rows_a_step) != (self.step, self._rows_a_step) or not self.top
        self.step, self._rows_a_step = step, rows_a_step
        self.per_row = step / rows_a_step
        self.top = self.per_row * self._rows_used
        return changed

    def ticks(self) -> tuple[float, ...]:
        """Return the labelled values from 0 up; empty before the first `fit`."""
        if not self.top:
            return ()
        return tuple(self.step * n for n in range((self._rows - 1) // self._rows_a_step + 1))

    def tick_rows(self) -> tuple[int, ...]:
        """Return the row of each tick, 0 = the lowest."""
        return tuple(n * self._rows_a_step for n in range(len(self.ticks())))

    def place(self, value: float) -> float:
        """Return where a value lies: 0 = bottom, 1 = top; NaN before the first `fit`."""
        return value / self.top if self.top else math.nan

    @property
    def _rows_used(self) -> float:
        # One row of whole cells has one place, and still needs a length.
        return self._rows - 1 / self._parts or 1.0

    def _scale(self, maximum: float) -> tuple[float, int]:
        """The step and its rows that leave the least room above `maximum`."""
        most = max(1, min(2 * self._spacing, self._rows - 1))
        per_row = maximum / self._rows_used
        scales = [
            (nice_step(per_row * rows * (1 - 1e-9), 1), rows)
            for rows in range(min(self._spacing, most), most + 1)
        ]
        return min(scales, key=lambda scale: (scale[0] / scale[1], scale[1]))


_ROWS_A_DECADE = (40, 30, 20, 17, 13, 10, 7, 5, 4, 3, 2, 1)
_WITH_TWO_AND_FIVE = frozenset((40, 30, 20, 17, 13, 10, 7, 3))
"""Where 2 and 5 lie within half a Braille dot of the lowest dot of a row."""

_FEWEST_TICKS = 2


class LogAxis:
    """A logarithmic scale with 1, 2 and 5 times a power of ten on whole rows; it stays put as well.

    Where 2 and 5 lie on no row, only the powers of ten have labels, and where there is no room
    for a row each, every second, third, ... of them.

    Attributes:
        bottom, top: the values at the lowest and the highest place; 0 before the first `fit`.
    """

    def __init__(self) -> None:
        self._rows = 0
        self._rows_a_decade = Fraction(1)
        self._first_row = 0
        self.bottom = 0.0
        self.top = 0.0

    def fit(self, lowest: float, highest: float, rows: int) -> bool:
        """Make room for what lies between the two; returns whether that changed the scale."""
        if not (0 < lowest <= highest and math.isfinite(highest)):
            return False
        if self.top and rows == self._rows and self._holds(lowest, highest):
            roomy, _ = _log_scale(lowest / _SHRINK_MARGIN, highest * _SHRINK_MARGIN, rows)
            if roomy <= self._rows_a_decade:
                return False
        self._rows = rows
        before = self.bottom, self.top
        self._rows_a_decade, self._first_row = _log_scale(lowest, highest, rows)
        per_decade = float(self._rows_a_decade)
        self.bottom = 10.0 ** (self._first_row / per_decade)
        self.top = 10.0 ** ((self._first_row + rows - 1 / DOTS_A_ROW) / per_decade)
        return before != (self.bottom, self.top)

    def ticks(self) -> tuple[float, ...]:
        """Return the labelled values; empty before the first `fit`."""
        if not self.top:
            return ()
        return tuple(value for _, value in self._ticks())

    def tick_rows(self) -> tuple[int, ...]:
        """Return the row of each tick, 0 = the lowest."""
        return tuple(row for row, _ in self._ticks()) if self.top else ()

    def place(self, value: float) -> float:
        """Return where a value lies: 0 = bottom, 1 = top; NaN for what has no logarithm."""
        if not (self.top and value > 0):
            return math.nan
        return math.log(value / self.bottom) / math.log(self.top / self.bottom)

    def _ticks(self) -> Iterator[tuple[int, float]]:
        return _log_ticks(self._rows_a_decade, self._first_row, self._rows)

    def _holds(self, lowest: float, highest: float) -> bool:
        return _first_row(lowest, self._rows_a_decade) >= self._first_row and highest <= self.top


def _log_scale(lowest: float, highest: float, rows: int) -> tuple[Fraction, int]:
    """The most rows a decade that have room, and the number of the lowest row."""
    coarse = (Fraction(1, decades) for decades in range(2, 1000))
    for per_decade in (*map(Fraction, _ROWS_A_DECADE), *coarse):
        first = _first_row(lowest, per_decade)
        end = (math.log10(highest) * float(per_decade) - first) * DOTS_A_ROW
        is_inside = end <= rows * DOTS_A_ROW - 0.5
        if is_inside and (
            per_decade <= 1 or len(list(_log_ticks(per_decade, first, rows))) >= _FEWEST_TICKS
        ):
            return per_decade, first
    return Fraction(1, 1000), _first_row(lowest, Fraction(1, 1000))


def _first_row(lowest: float, per_decade: Fraction) -> int:
    # Half a dot lower than a row is still its lowest dot.
    return math.floor(math.log10(lowest) * float(per_decade) + 0.5 / DOTS_A_ROW)


def _log_ticks(per_decade: Fraction, first: int, rows: int) -> Iterator[tuple[int, float]]:
    """The rows above number `first` that have a round value, and that value."""
    factors = (1.0, 2.0, 5.0) if per_decade in _WITH_TWO_AND_FIVE else (1.0,)
    begin = math.floor(first / per_decade)
    end = math.ceil((first + rows) / per_decade)
    for power in range(begin, end + 1):
        for factor in factors:
            row = round((power + math.log10(factor)) * float(per_decade), 6)
            if first <= round(row) < first + rows and abs(row - round(row)) <= 0.5 / DOTS_A_ROW:
                yield round(row) - first, factor * 10.0**power


def is_one_two_five(value: float) -> bool:
    """Whether a value above 0 is 1, 2 or 5 times a power of ten."""
    return bool(one_two_five(value, value))


class HeldMaximum:
    """The top of a sparkline: a little above the largest value, held while that will do."""

    def __init__(self) -> None:
        self.top = 0.0

    def fit(self, maximum: float) -> None:
        """Take in the largest visible value; NaN and 0 leave the top as it is."""
        if maximum > self.top or 0 < maximum < self.top * _HOLD:
            self.top = maximum * _HEADROOM
