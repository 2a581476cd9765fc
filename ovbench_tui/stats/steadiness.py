"""Whether the windows of one figure agree over a whole run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

LEAST_WINDOWS = 3
"""From so many on there is a verdict, as with perf_analyzer."""

_LATELY = 5
KEPT = 60
"""Windows of a run, an even number; of more, neighbours are merged, so that they span all of it."""

_AGAIN = 0.9
"""Of the tolerance: so little must a figure vary to be steady again."""


class Verdict(Enum):
    """Whether a run's figures can be trusted.

    Attributes:
        WARMING_UP: nothing is measured yet.
        SETTLING: fewer windows than a verdict needs, and more to come.
        TOO_SHORT: it has ended with fewer.
    """

    WARMING_UP = "warming up"
    SETTLING = "settling"
    TOO_SHORT = "too short"
    STABLE = "stable"
    DRIFTING = "drifting"
    UNSTABLE = "unstable"


class Steady(Enum):
    """What one figure does from window to window."""

    STEADY = "steady"
    UNSTEADY = "unsteady"
    DRIFTING = "drifting"
    STEPPED = "stepped"
    STALLED = "stalled"


@dataclass(frozen=True, slots=True)
class _Window:
    value: float
    begin_s: float
    end_s: float
    seconds: float

    def joined(self, other: _Window) -> _Window:
        """The two as one; the value is the mean over the time of both."""
        seconds = self.seconds + other.seconds
        value = (self.value * self.seconds + other.value * other.seconds) / seconds
        return _Window(value, self.begin_s, other.end_s, seconds)


class Steadiness:
    """Whether the windows of one figure agree, over the whole run; slow to change its mind.

    They do where their coefficient of variation, which is what is shown, is within the tolerance:
    a word beside it can never say something else.
    """

    def __init__(self, tolerance: float) -> None:
        self._tolerance = tolerance
        self._windows: list[_Window] = []
        self._parts = 1
        self._open: _Window | None = None
        self._open_parts = 0
        self.is_steady: bool | None = None

    @property
    def values(self) -> list[float]:
        """The windows, oldest first."""
        return [window.value for window in self._windows]

    @property
    def begins_s(self) -> list[float]:
        """Where they begin."""
        return [window.begin_s for window in self._windows]

    @property
    def middles_s(self) -> list[float]:
        """Where their middles are."""
        return [(window.begin_s + window.end_s) / 2 for window in self._windows]

    @property
    def cv(self) -> float:
        """Sample standard deviation over mean; NaN where there are fewer than three windows."""
        values = self.values
        if len(values) < LEAST_WINDOWS:
            return math.nan
        mean = sum(values) / len(values)
        squares = sum((value - mean) ** 2 for value in values)
        return math.sqrt(squares / (len(values) - 1)) / mean if mean else math.nan

    @property
    def lately(self) -> float:
        """Mean of the last five windows; NaN where there is none."""
        values = self.values[-_LATELY:]
        return sum(values) / len(values) if values else math.nan

    def add(self, value: float, begin_s: float, end_s: float) -> None:
        """Judge again with one more window."""
        window = _Window(value, begin_s, end_s, end_s - begin_s)
        self._open = window if self._open is None else self._open.joined(window)
        self._open_parts += 1
        if self._open_parts < self._parts:
            return
        self._windows.append(self._open)
        self._open, self._open_parts = None, 0
        if len(self._windows) > KEPT:
            self._halve()
        self._judge()

    def _halve(self) -> None:
        """Merge neighbours; what comes is merged as much from now on, the odd one with it."""
        self._open, self._open_parts = self._windows.pop(), self._parts
        pairs = zip(self._windows[::2], self._windows[1::2], strict=True)
        self._windows = [one.joined(other) for one, other in pairs]
        self._parts *= 2

    def _judge(self) -> None:
        cv = self.cv
        if not math.isnan(cv):
            self.is_steady = cv <= self._tolerance * (_AGAIN if self.is_steady is False else 1.0)
