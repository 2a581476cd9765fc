"""Round numbers for the axes of charts."""

from __future__ import annotations

import math

LEAST = 1e-100
"""Smaller values have no place between ticks; dividing by their step could not be done."""


def nice_step(maximum: float, intervals: int) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that covers `maximum`."""
    if not (maximum > LEAST and math.isfinite(maximum)):
        return 1.0
    raw = maximum / max(1, intervals)
    power = float(10.0 ** math.floor(math.log10(raw)))
    for factor in (1.0, 2.0, 5.0):
        if raw <= factor * power * (1 + 1e-9):
            return factor * power
    return 10.0 * power


def log_steps(low: float, high: float) -> list[float]:
    """The numbers 1, 2, 5 times a power of ten between two positive ones, ends included.

    Over more than three powers of ten only the powers themselves.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    factors = (1.0, 2.0, 5.0) if last - first <= 3 else (1.0,)
    found = (factor * 10.0**power for power in range(first, last + 1) for factor in factors)
    return [step for step in found if low <= step <= high]
