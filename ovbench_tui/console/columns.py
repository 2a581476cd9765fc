"""Rows of text as columns that are as wide as they need be."""

from __future__ import annotations

from collections.abc import Collection, Sequence

FIRST = (0,)


def aligned(rows: Sequence[Sequence[str]], left: Collection[int] = FIRST) -> list[str]:
    """A line for each row, without blanks at its end; no line for no rows.

    Args:
        rows: of equal length.
        left: numbers of the columns that begin at the left; the others end at the right.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place in left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
