"""What a table is made of: columns, and rows of cells."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from ovbench_tui.ui.widgets.live import Part

Line = tuple[Part, ...]

_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, its cells given in the order of the columns.

    Attributes:
        title: names it, too: no two are the same.
        width: cells it takes at least; `most` where there is room, 0 = never more than `width`.
        rank: where it is narrow, columns of the highest rank go first; 0 = never.
        is_right: numbers stand at the right.
        sorts: a click on its title, and the keys, sort by it.
        most_first: sorting by it begins with the largest.
        cuts_middle: what is too long loses its middle, not its end.
    """

    title: str
    width: int
    most: int = 0
    rank: int = 0
    is_right: bool = False
    sorts: bool = True
    most_first: bool = False
    cuts_middle: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Text, or a bar.

    Attributes:
        style: the name of a style of the view, as in ``good``.
        share: from 0 to 1, drawn as a bar over the column instead of the text.
        is_tail: what is too long is seen from its end.
        order: what to sort by; None comes last in both directions.
        opens: the row holds others, and here it shows whether they are seen.
        is_joined: its room belongs to the cell before it.
    """

    text: str = ""
    style: str = "value"
    share: float | None = None
    is_tail: bool = False
    order: float | str | None = None
    opens: bool = False
    is_joined: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        key: tells the rows apart; the cursor stays on its row while the order changes.
        words: more that the filter finds the row by.
        parent: key of the row that holds this one, which is seen below it once that is opened.
    """

    key: Hashable
    cells: tuple[Cell, ...]
    words: str = ""
    parent: Hashable = None


def share_bar(share: float, width: int) -> str:
    """Draw a share from 0 to 1 as a bar in exactly `width` cells, in steps of an eighth of one."""
    if share != share or width <= 0:
        return " " * max(0, width)
    eighths = round(min(1.0, max(0.0, share)) * width * 8)
    whole, rest = divmod(eighths, 8)
    text = "█" * whole + (_EIGHTHS[rest] if rest else "")
    return text + " " * (width - len(text))
