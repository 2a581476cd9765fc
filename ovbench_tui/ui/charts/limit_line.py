"""The line of a limit on a chart: dashes wherever nothing else is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.ui.charts.braille import DOTS, dot_at

if TYPE_CHECKING:
    from ovbench_tui.ui.widgets.live import Part

_DASH = "╌"
_FREE = frozenset(" gu")
"""Codes of cells that are empty, or only grid or shade."""

_CODE = "m"
_WITHIN = 3.0
"""A limit of more than so many times the largest value would press all others to the ground."""


def is_in_sight(limit: float, maximum: float) -> bool:
    """Whether the scale should reach to the limit."""
    return 0 < limit <= _WITHIN * maximum


def draw_limit(place: float, text: list[str], code: list[str]) -> None:
    """Draw a cell of the line.

    Args:
        place: of the limit on the scale, 0 = bottom and 1 = top; NaN = there is none.
        text, code: of the cell's rows, from the top.
    """
    if not 0 <= place <= 1:
        return
    dot = dot_at(place, len(text))
    row = len(text) - 1 - (dot or 0) // DOTS
    if code[row] in _FREE:
        text[row], code[row] = _DASH, _CODE


def limit_legend(limit: float, *, is_duration: bool) -> list[Part]:
    """What the line is, for the title; empty without one."""
    unit = " ms" if is_duration else ""
    return [(f"{_DASH} ", "marker"), (f"limit {limit:g}{unit}  ", "label")] if limit else []
