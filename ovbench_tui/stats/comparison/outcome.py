"""What an interval decides about a ratio: different, equal, or undecided and for how long yet.

The only place where two figures are judged. A difference that is sure but lies wholly within the
margin is no difference that anybody cares for, so it is called equal.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Protocol

EQUAL_MARGIN = 0.03
"""Closer than that, two figures are called equal where nobody says another margin."""

_LEAST_SHRINK = 1e-3
"""An interval that must become narrower than that needs a million times as long: no estimate."""


class Outcome(Enum):
    """One of three; what the data cannot decide is never 'no difference'."""

    DIFFERENT = "different"
    EQUAL = "equal"
    UNDECIDED = "undecided"


class HasInterval(Protocol):
    """A ratio with its interval, and what it comes from."""

    @property
    def ratio(self) -> float:
        """One figure over the other; NaN while it is not known."""
        ...

    @property
    def low(self) -> float:
        """Lower end; NaN where there is no interval."""
        ...

    @property
    def high(self) -> float:
        """Upper end."""
        ...

    @property
    def margin(self) -> float:
        """What counts as equal, as a fraction."""
        ...

    @property
    def seconds(self) -> float:
        """Measured time behind the interval; NaN where it is not known."""
        ...

    @property
    def runs(self) -> int:
        """Independent runs behind the interval; 0 where it is from time measured."""
        ...


def is_within(interval: HasInterval, margin: float) -> bool:
    """Whether the whole interval lies within the margin around 1; False where there is none."""
    return interval.low >= 1 - margin and interval.high <= 1 + margin


def outcome_of(interval: HasInterval) -> Outcome:
    """Decide by the whole interval: within its margin, else to one side of 1, else undecided."""
    if is_within(interval, interval.margin):
        return Outcome.EQUAL
    if interval.low > 1 or interval.high < 1:
        return Outcome.DIFFERENT
    return Outcome.UNDECIDED


def noise_of(interval: HasInterval) -> float:
    """Half the interval, as a fraction: a smaller difference cannot be seen; NaN = not known."""
    half = (interval.high - interval.low) / 2
    return half if math.isfinite(half) else math.nan


def seconds_needed(interval: HasInterval) -> float:
    """About how many more seconds until an undecided interval decides; 0 where it has decided.

    The standard error of a mean falls with the square root of what is averaged (as in the
    sequential fixed-width intervals of Chow & Robbins 1965, Annals of Mathematical Statistics
    36): where an interval of T seconds must shrink to the share s of its width, that takes
    T (1 / s^2 - 1) more. It is an estimate: the ratio itself still moves, and noise that is as
    strong over minutes as over seconds shrinks more slowly.

    Returns:
        NaN where the interval, or the time behind it, is not known.
    """
    return interval.seconds * _growth(interval)


def runs_needed(interval: HasInterval) -> float:
    """The same in whole runs, where the interval is from several independent ones; else NaN."""
    return math.ceil(interval.runs * _growth(interval)) if interval.runs else math.nan


def _growth(interval: HasInterval) -> float:
    """How much more must be measured, as a multiple of what is."""
    if outcome_of(interval) is not Outcome.UNDECIDED:
        return 0.0
    if not (interval.low > 0 and interval.high < math.inf and interval.ratio > 0):
        return math.nan
    shrink = min(1.0, _shrink(interval))
    return 1 / shrink**2 - 1 if shrink > _LEAST_SHRINK else math.inf


def _shrink(interval: HasInterval) -> float:
    """To which share of its width an interval around the same ratio must shrink to decide.

    Whichever comes first: that it leaves out 1, or that it lies within the margin.
    """
    middle = math.log(interval.ratio)
    below, above = middle - math.log(interval.low), math.log(interval.high) - middle
    differs = _share(middle, below) if middle > 0 else _share(-middle, above)
    margin = min(interval.margin, 1 - 1e-9)
    equals = min(
        _share(middle - math.log1p(-margin), below), _share(math.log1p(margin) - middle, above)
    )
    return max(differs, equals)


def _share(room: float, width: float) -> float:
    return room / width if width > 0 else math.copysign(math.inf, room)
