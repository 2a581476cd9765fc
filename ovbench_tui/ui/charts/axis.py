"""Scales that stay put: nice ticks, and no flicker between two of them."""

from __future__ import annotations

import math

_SHRINK_MARGIN = 1.25
_HOLD = 0.65
_HEADROOM = 1.15
_LEAST = 1e-100
"""Smaller values have no place between ticks; dividing by their step could not be done."""


def nice_step(maximum: float, intervals: int) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that covers `maximum`."""
    if not (maximum > _LEAST and math.isfinite(maximum)):
        return 1.0
    raw = maximum / max(1, intervals)
    power = float(10.0 ** math.floor(math.log10(raw)))
    for factor in (1.0, 2.0, 5.0):
        if raw <= factor * power * (1 + 1e-9):
            return factor * power
    return 10.0 * power


class ZeroBasedAxis:
    """The scale of one chart: grows at once, shrinks only when that leaves room to spare."""

    def __init__(self) -> None:
        self._intervals = 0
        self.step = 0.0
        self.top = 0.0

    def fit(self, maximum: float, intervals: int = 4) -> bool:
        """Make room for `maximum` with at most `intervals` ticks; tell whether that changed it."""
        if not (maximum > _LEAST and math.isfinite(maximum)):
            return False
        if intervals != self._intervals:
            # Another height is another chart: there is nothing to hold on to.
            self._intervals = intervals
            self.top = 0.0
        step, top = self._scale(maximum)
        if self.top and maximum <= self.top:
            roomy_step, roomy_top = self._scale(maximum * _SHRINK_MARGIN)
            if roomy_top >= self.top:
                return False
            step, top = roomy_step, roomy_top
        changed = (step, top) != (self.step, self.top)
        self.step, self.top = step, top
        return changed

    def ticks(self) -> tuple[float, ...]:
        """Return the labelled values from 0 to the top; empty before the first `fit`."""
        if not self.top:
            return ()
        return tuple(self.step * n for n in range(round(self.top / self.step) + 1))

    def step_at(self, tick: float) -> float:
        """What tells this tick from its neighbours."""
        return self.step if tick else 0.0

    def place(self, value: float) -> float:
        """Return where a value lies: 0 = bottom, 1 = top; NaN before the first `fit`."""
        return value / self.top if self.top else math.nan

    def _scale(self, maximum: float) -> tuple[float, float]:
        step = nice_step(maximum, self._intervals)
        return step, step * math.ceil(maximum / step - 1e-9)


class LogAxis:
    """A logarithmic scale between two of 1, 2, 5 times a power of ten; it stays put as well."""

    def __init__(self) -> None:
        self.bottom = 0.0
        self.top = 0.0

    def fit(self, lowest: float, highest: float) -> bool:
        """Make room for what lies between the two; tell whether that changed the scale."""
        if not (0 < lowest <= highest and math.isfinite(highest)):
            return False
        if self.top and self.bottom <= lowest and highest <= self.top:
            roomy = _around(lowest / _SHRINK_MARGIN, highest * _SHRINK_MARGIN)
            if roomy[0] <= self.bottom and self.top <= roomy[1]:
                return False
        before = self.bottom, self.top
        self.bottom, self.top = _around(lowest, highest)
        return before != (self.bottom, self.top)

    def ticks(self, most: int = 12) -> tuple[float, ...]:
        """Return at most about `most` labelled values, of both ends at least one."""
        if not self.top:
            return ()
        values = one_two_five(self.bottom, self.top)
        if len(values) > most:
            tens = [value for value in values if is_power_of_ten(value)]
            values = tens[:: math.ceil(len(tens) / most)]
        return tuple(values)

    def step_at(self, tick: float) -> float:
        """What tells this tick from its neighbours."""
        return tick

    def place(self, value: float) -> float:
        """Return where a value lies: 0 = bottom, 1 = top; NaN for what has no logarithm."""
        if not (self.top and value > 0):
            return math.nan
        return math.log(value / self.bottom) / math.log(self.top / self.bottom)


def one_two_five(low: float, high: float) -> list[float]:
    """Return all of 1, 2, 5 times a power of ten from `low` to `high`, both above 0."""
    first = math.floor(math.log10(low) + 1e-9)
    last = math.floor(math.log10(high) + 1e-9)
    found = (factor * 10.0**power for power in range(first, last + 1) for factor in (1.0, 2.0, 5.0))
    return [value for value in found if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]


def is_power_of_ten(value: float) -> bool:
    """Tell whether a value is 1 times a power of ten."""
    return abs(math.log10(value) - round(math.log10(value))) < 1e-6


def _around(lowest: float, highest: float) -> tuple[float, float]:
    """The nearest of 1, 2, 5 times a power of ten below and above."""
    below = one_two_five(lowest / 10, lowest)[-1]
    above = one_two_five(highest, highest * 10)[0]
    if above <= below:
        above = one_two_five(below * 1.5, below * 10)[0]
    return below, above


class HeldMaximum:
    """The top of a sparkline: a little above the largest value, held while that will do."""

    def __init__(self) -> None:
        self.top = 0.0

    def fit(self, maximum: float) -> None:
        """Take in the largest visible value; NaN and 0 leave the top as it is."""
        if maximum > self.top or 0 < maximum < self.top * _HOLD:
            self.top = maximum * _HEADROOM
