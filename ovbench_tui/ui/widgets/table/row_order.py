"""Which rows of a table are seen, and in what order: filtered, sorted, parts below their whole."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ovbench_tui.ui.widgets.table.table_parts import Row


def arranged(
    rows: Sequence[Row],
    words: Sequence[str],
    opened: Collection[Hashable],
    place: int | None,
    *,
    is_descending: bool,
) -> list[Row]:
    """Choose the rows that are seen, and sort them.

    Args:
        words: every one must occur in a row, in lower case; a row that holds such a row is seen,
            too, and shows those, also where it is closed.
        opened: keys of the rows whose parts are seen.
        place: of the cell that is sorted by; None = the order in which they came.
    """
    wholes = {row.key for row in rows if row.parent is None}
    parts: dict[Hashable, list[Row]] = {}
    for row in rows:
        if row.parent in wholes and row.parent is not None and (not words or _has(row, words)):
            parts.setdefault(row.parent, []).append(row)
    tops = [
        row
        for row in rows
        if (row.parent is None or row.parent not in wholes)
        and (not words or row.key in parts or _has(row, words))
    ]
    view: list[Row] = []
    for row in _in_order(tops, place, is_descending):
        view.append(row)
        if words or row.key in opened:
            view += _in_order(parts.get(row.key, ()), place, is_descending)
    return view


def _has(row: Row, words: Sequence[str]) -> bool:
    text = " ".join([row.words, *(cell.text for cell in row.cells)]).casefold()
    return all(word in text for word in words)


def _in_order(rows: Sequence[Row], place: int | None, is_descending: bool) -> Sequence[Row]:
    """Sort by one cell's order; numbers before texts, what has none last."""
    if place is None:
        return rows
    known: list[tuple[int, float, str, Row]] = []
    unknown: list[Row] = []
    for row in rows:
        order = row.cells[place].order if place < len(row.cells) else None
        if order is None or order != order:
            unknown.append(row)
        elif isinstance(order, str):
            known.append((1, 0.0, order.casefold(), row))
        else:
            known.append((0, order, "", row))
    known.sort(key=lambda item: item[:3], reverse=is_descending)
    return [*(row for _, _, _, row in known), *unknown]
