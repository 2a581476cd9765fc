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


def dot_of(value: float, top: float, rows: int) -> int | None:
    """Return the dot at which `value` of a zero-based scale lies; None for NaN or no scale."""
    if math.isnan(value) or top <= 0:
        return None
    last = rows * DOTS - 1
    return min(last, max(0, round(value / top * last)))


def line_mask(previous: int | None, current: int | None) -> int:
    """Return one column of dots: `current`, joined to `previous` by a vertical stroke."""
    if current is None:
        return 0
    if previous is None or previous == current:
        return 1 << current
    low, high = (previous + 1, current) if previous < current else (current, previous - 1)
    return ((1 << (high - low + 1)) - 1) << low


def cell_column(left: int, right: int, rows: int) -> list[int]:
    """Return the Braille bits of each row, top row first; 0 = an empty cell."""
    return [
        _LEFT[left >> shift & 15] | _RIGHT[right >> shift & 15]
        for shift in range((rows - 1) * DOTS, -1, -DOTS)
    ]


def braille(bits: int) -> str:
    """Return the character for the Braille bits of one cell."""
    return chr(0x2800 + bits)
