"""The row of marks above a chart: where the configuration changed, and to what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ovbench_tui.console.text import clean, fit, width_of

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import Marker

MARK = "▼"
_LEAST_TEXT = 5


def cell_texts(markers: Iterable[Marker], first: int) -> dict[int, str]:
    """Return the text of each cell that something happened in, two history columns a cell.

    Args:
        first: number of the cell at the left edge.
    """
    texts: dict[int, str] = {}
    for marker in markers:
        place = marker.column // 2 - first
        texts[place] = f"{texts[place]}, {marker.text}" if place in texts else marker.text
    return texts


def marker_row(texts: Mapping[int, str], columns: int) -> str:
    """Draw marks with their texts in at most `columns` cells.

    A text stands right of its mark and ends before the next one; the last text stands left
    of its mark while there is no room between the mark and the edge.

    Args:
        texts: place, from 0 at the left edge, to text; places outside are left out.
    """
    places = sorted(place for place in texts if 0 <= place < columns)
    row = ""
    used = 0
    for place, following in zip(places, [*places, columns][1:], strict=True):
        text = clean(texts[place])
        is_last = following == columns
        room = following - place - (0 if is_last else 1)
        wanted = width_of(text) + 2
        left_of = place - wanted + 1
        if is_last and wanted > room and left_of >= used:
            piece, place = f"{text} {MARK}", left_of
        elif wanted <= room:
            piece = f"{MARK} {text}"
        else:
            piece = f"{MARK} {fit(text, room - 2)}" if room >= _LEAST_TEXT else MARK
        row += " " * (place - used) + piece
        used = place + width_of(piece)
        if not is_last and used < following:
            row += " "
            used += 1
    return row
