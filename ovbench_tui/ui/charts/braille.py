"""Braille lines: two history columns to a cell, four dots to a row.

A column of dots is one integer, bit 0 the lowest dot; a cell column is then two table
look-ups a row and needs no drawing surface.
"""

from __future__ import annotations

import math

DOTS = 4
BLANK = "\N{BRAILLE PATTERN BLANK}"


def _nibbles(bottom_to_top: tuple[int, int, int, int]) -> tuple[int, ...]:
    return tuple(
        sum(bit for dot, bit in enumerate(bottom_to_top) if nibble >> dot & 1)
        for nibble in range(16)
    )


_LEFT = _nibbles((0x40, 0x04, 0x02, 0x01))
_RIGHT = _nibbles((0x80, 0x20, 0x10, 0x08))


def dot_at(place: float, rows: int) -> int | None:
    """Return the dot at a place of the scale, 0 = bottom and 1 = top; None for NaN."""
    if math.isnan(place):
        return None
    last = rows * DOTS - 1
    return min(last, max(0, round(place * last)))


def dot_of(value: float, top: float, rows: int) -> int | None:
    """Return the dot at which `value` of a zero-based scale lies; None for NaN or no scale."""
    return dot_at(value / top, rows) if top > 0 else None


def line_mask(previous: int | None, current: int | None) -> int:
    """Return one column of dots: `current`, joined to `previous` by a vertical stroke."""
    return stroke_mask(
        None if previous is None else (previous, previous),
        None if current is None else (current, current),
    )


def stroke_mask(previous: tuple[int, int] | None, current: tuple[int, int] | None) -> int:
    """Return one column of dots: from a lowest to a highest one, joined to those before."""
    if current is None:
        return 0
    low, high = current
    if previous is not None:
        # Where the two do not meet, the stroke goes on to just beside the one before.
        low, high = min(low, previous[1] + 1), max(high, previous[0] - 1)
    return ((1 << (high - low + 1)) - 1) << low


def below_mask(line: int) -> int:
    """Return the dots below a column's line."""
    return (line & -line) - 1 if line else 0


def cell_column(left: int, right: int, rows: int) -> list[int]:
    """Return the Braille bits of each row, top row first; 0 = an empty cell."""
    return [
        _LEFT[left >> shift & 15] | _RIGHT[right >> shift & 15]
        for shift in range((rows - 1) * DOTS, -1, -DOTS)
    ]


def braille(bits: int) -> str:
    """Return the character for the Braille bits of one cell."""
    return chr(0x2800 + bits)
