"""Numbers for the screen: three significant digits."""

from __future__ import annotations

import math

DASH = "\N{EN DASH}"
NUMBER_WIDTH = 6
"""Characters of a number that stands alone: ``0.583``, ``7.81``, ``583``, ``123456``."""

_MOST_PLACES = 3


def three_digits(value: float, places: int = _MOST_PLACES) -> str:
    """Write a number with three digits, whole ones with all of theirs; NaN is a dash.

    Args:
        places: decimals at most.
    """
    if math.isnan(value):
        return DASH
    return f"{value:.{min(places, decimals_of(value))}f}"


def in_a_table(value: float | None) -> str:
    """Write a figure of a printed table: two decimals, four below 1; NaN and None are a hyphen."""
    if value is None or math.isnan(value):
        return "-"
    return f"{value:.2f}" if value >= 1 else f"{value:.4f}"


def decimals_of(value: float) -> int:
    """How many decimals a number of three digits has; three for what is below 1."""
    if value < 0.9995:
        return _MOST_PLACES
    return 2 if value < 9.995 else 1 if value < 99.95 else 0
