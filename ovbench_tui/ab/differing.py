"""A table of what is otherwise in two compiled models."""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.console.columns import aligned
from ovbench_tui.console.printable import printable
from ovbench_tui.console.text import fit_middle
from ovbench_tui.stats.comparison.difference import Difference

_SHOWN = 10
_CELL = 25
_DASH = "-"


def differing_lines(title: str, found: Sequence[Difference]) -> list[str]:
    """The table, with the first ten of them, below its title and their number."""
    rows = [("Name", "A", "B")]
    rows += [_row(one) for one in found[:_SHOWN]]
    rest = len(found) - _SHOWN
    return [
        f"{title}: {len(found)}",
        *aligned([[_cell(text) for text in row] for row in rows], left=range(3)),
        *([f"and {rest} more, which --json lists"] if rest > 0 else []),
    ]


def _row(one: Difference) -> tuple[str, str, str]:
    """The whole on each side, or where that is too long only the words that differ."""
    a, b = one.a.split(), one.b.split()
    if max(len(one.a), len(one.b)) > _CELL and len(a) == len(b):
        pairs = [(word, other) for word, other in zip(a, b, strict=True) if word != other]
        a, b = ([pair[side] for pair in pairs] for side in (0, 1))
    return one.name, " ".join(a) or _DASH, " ".join(b) or _DASH


def _cell(text: str) -> str:
    """Three of them fit side by side on a terminal of 80 columns; --json has the whole."""
    text = printable(text)
    return fit_middle(text, _CELL) if len(text) > _CELL else text
