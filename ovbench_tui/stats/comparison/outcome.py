"""What an interval decides about a ratio: different, equal, or undecided."""

from __future__ import annotations

import math
from enum import Enum
from typing import Protocol

EQUAL_MARGIN = 0.02
"""Closer than that, two configurations are called equal where nobody says another margin."""


class Outcome(Enum):
    """One of three; what the data cannot decide is never 'no difference'."""

    DIFFERENT = "different"
    EQUAL = "equal"
    UNDECIDED = "undecided"


class HasInterval(Protocol):
    """A ratio's interval."""

    @property
    def low(self) -> float:
        """Lower end; NaN where there is no interval."""
        ...

    @property
    def high(self) -> float:
        """Upper end."""
        ...


def is_within(interval: HasInterval, margin: float) -> bool:
    """Whether the whole interval lies within the margin around 1; False where there is none."""
    return interval.low >= 1 - margin and interval.high <= 1 + margin


def outcome_of(interval: HasInterval, margin: float = EQUAL_MARGIN) -> Outcome:
    """Decide; a difference that is smaller than the margin and yet sure is a difference."""
    if interval.low > 1 or interval.high < 1:
        return Outcome.DIFFERENT
    return Outcome.EQUAL if is_within(interval, margin) else Outcome.UNDECIDED


def noise_of(interval: HasInterval) -> float:
    """Half the interval, as a fraction: a smaller difference cannot be seen; NaN = not known."""
    half = (interval.high - interval.low) / 2
    return half if math.isfinite(half) else math.nan
