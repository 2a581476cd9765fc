"""What of a chart stays while its scale and its size do: labels, grid and time axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ovbench_tui.ui.widgets.live import Part

GUTTER = 7
"""Cells left of the plot, for labels and the axis."""

TITLE_FROM_HEIGHT = 9
"""Rows of a chart from which on its title has a row of its own."""

_LABEL_EVERY_CELLS = 10
_MINUTE_S, _HOUR_S = 60, 3600
_LABELS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400)


class Axis(Protocol):
    """A scale of values, as the frame needs it."""

    def ticks(self) -> tuple[float, ...]:
        """The labelled values."""
        ...

    def tick_rows(self) -> tuple[int, ...]:
        """The row of each of them, 0 = the lowest."""
        ...


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a chart over time.

    Attributes:
        name: what stands there, as in ``now``; '' = nothing.
        ago_s: how long before what is counted back from.
    """

    name: str = "now"
    ago_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ChartFrame:
    """The still parts of a chart.

    Attributes:
        key: all that this was made for.
        edges: label and axis of each plot row.
        blank: a cell column without a line: its characters and its codes.
    """

    key: object
    edges: list[Part]
    blank: tuple[str, str]


def make_frame(
    key: object, rows: int, axis: Axis, label_all: Callable[[Sequence[float]], Sequence[str]]
) -> ChartFrame:
    """Draw the still parts; `label_all` writes the ticks in at most `GUTTER` - 1 characters."""
    labels = {
        rows - 1 - row: label
        for row, label in zip(axis.tick_rows(), label_all(axis.ticks()), strict=True)
    }
    return ChartFrame(
        key=key,
        edges=[edge(labels.get(y)) for y in range(rows)],
        blank=(
            "".join("┈" if y in labels else " " for y in range(rows)),
            "".join("g" if y in labels else " " for y in range(rows)),
        ),
    )


def edge(label: str | None) -> Part:
    """Draw one row left of the plot."""
    if label is None:
        return " " * (GUTTER - 1) + "│", "axis"
    return f"{label:>{GUTTER - 1}}┤", "axis"


def time_axis(columns: int, cell_s: float, right: Edge, cursor: int | None = None) -> str:
    """Draw the row below a plot: how long ago it was.

    Args:
        columns: cells of the plot.
        cursor: cell of the plot to point at.
    """
    every_s = next((s for s in _LABELS_S if s / cell_s >= _LABEL_EVERY_CELLS), 7 * 86400)
    line = [" "] * (GUTTER + columns)
    if right.name:
        line[-len(right.name) :] = right.name
    first = math.floor(right.ago_s / every_s) + 1
    last = math.floor((right.ago_s + columns * cell_s) / every_s)
    for count in range(first, last + 1):
        label = f"-{_ago(count * every_s, every_s)}"
        # The sign of the label stands under the cell it names.
        x = GUTTER + columns - 1 - round((count * every_s - right.ago_s) / cell_s)
        if x >= GUTTER and x + len(label) <= len(line):
            line[x : x + len(label)] = label
    if cursor is not None and 0 <= cursor < columns:
        if columns - cursor <= len(right.name):
            line[-len(right.name) :] = " " * len(right.name)
        line[GUTTER + cursor] = "▲"
    return "".join(line)


def _ago(seconds: int, every_s: int) -> str:
    if every_s < _MINUTE_S:
        return f"{seconds}s"
    if every_s < _HOUR_S:
        return f"{seconds // _MINUTE_S}m"
    return f"{seconds // _HOUR_S}h"
