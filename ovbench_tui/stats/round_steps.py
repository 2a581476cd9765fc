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


def one_two_five(low: float, high: float) -> list[float]:
    """Return all of 1, 2, 5 times a power of ten from `low` to `high`, both above 0."""
    first = math.floor(math.log10(low) + 1e-9)
    last = math.floor(math.log10(high) + 1e-9)
    found = (factor * 10.0**power for power in range(first, last + 1) for factor in (1.0, 2.0, 5.0))
    return [value for value in found if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]


def log_steps(low: float, high: float) -> list[float]:
    """As `one_two_five`; over more than three powers of ten only the powers themselves."""
    steps = one_two_five(low, high)
    return steps if high < low * 1e3 else [step for step in steps if _is_power(step)]


def _is_power(step: float) -> bool:
    return math.isclose(math.log10(step), round(math.log10(step)), abs_tol=1e-9)
