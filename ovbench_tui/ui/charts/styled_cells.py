"""The cells of a line chart with a letter each for their style, and the parts of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.ui.charts.chart_panel import RUN

if TYPE_CHECKING:
    from ovbench_tui.ui.widgets.live import Part

# One character a cell names its style, so that equal neighbours are found by a pattern.
_STYLES = {
    " ": "base",
    "0": "first",
    "1": "second",
    "c": "cursor",
    "g": "grid",
    "m": "marker",
    "o": "overlay",
    "u": "under",
}


def styled(text: str, codes: str) -> list[Part]:
    """Make the parts of a row, neighbours of one style together."""
    return [
        (text[run.start() : run.end()], _STYLES[codes[run.start()]]) for run in RUN.finditer(codes)
    ]


def under_cursor(column: tuple[str, str]) -> tuple[str, str]:
    """Draw the cursor into a column of characters and their styles, behind the lines."""
    text = "".join("│" if code in " gmu" else char for char, code in zip(*column, strict=True))
    codes = "".join("c" if code in " gmu" else code for code in column[1])
    return text, codes
