"""Rows as columns of text that are as wide as they need be, or as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Iterable, Sequence

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


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A head and a line for each row, separated by commas, lines ended as RFC 4180 has it.

    The cell of a number that is not finite is empty.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    for row in rows:
        writer.writerow(
            ["" if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row]
        )
    return text.getvalue()
