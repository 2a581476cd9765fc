"""Zero-based scales that stay put: nice ticks, and no flicker between two of them."""

from __future__ import annotations

import math

_SHRINK_MARGIN = 1.25
_HOLD = 0.65
_HEADROOM = 1.15


def nice_step(maximum: float, intervals: int) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that covers `maximum`."""
    if not (maximum > 0 and math.isfinite(maximum)):
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
        if not (maximum > 0 and math.isfinite(maximum)):
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

    def _scale(self, maximum: float) -> tuple[float, float]:
        step = nice_step(maximum, self._intervals)
        return step, step * math.ceil(maximum / step - 1e-9)


class HeldMaximum:
    """The top of a sparkline: a little above the largest value, held while that will do."""

    def __init__(self) -> None:
        self.top = 0.0

    def fit(self, maximum: float) -> None:
        """Take in the largest visible value; NaN and 0 leave the top as it is."""
        if maximum > self.top or 0 < maximum < self.top * _HOLD:
            self.top = maximum * _HEADROOM
