"""What of a chart stays while its scale and its size do: labels, grid and time axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ovbench_tui.ui.axis import ZeroBasedAxis
from ovbench_tui.ui.braille import DOTS, dot_of
from ovbench_tui.ui.format import format_tick
from ovbench_tui.ui.live import Part

GUTTER = 7
"""Cells left of the plot, for labels and the axis."""

_LABEL_EVERY_CELLS = 10
_LABELS_S = (10, 20, 30, 60, 120, 300)


@dataclass(frozen=True, slots=True)
class ChartFrame:
    """The still parts of a chart.

    Attributes:
        key: rows, columns, top of the scale and seconds a cell, for which this was made.
        unit: of the labels.
        edges: label and axis of each plot row.
        blank: a cell column without a line: its characters and its codes.
    """

    key: tuple[int, int, float, float]
    unit: str
    edges: list[Part]
    blank: tuple[str, str]
    time_axis: str


def make_frame(
    key: tuple[int, int, float, float], axis: ZeroBasedAxis, unit: str, factor: float
) -> ChartFrame:
    """Draw the still parts; values are multiplied by `factor` for their labels."""
    rows, columns, _, cell_s = key
    labels: dict[int, str] = {}
    for value in axis.ticks():
        dot = dot_of(value, axis.top, rows)
        if dot is not None:
            labels[rows - 1 - dot // DOTS] = format_tick(value * factor, axis.step * factor)
    return ChartFrame(
        key=key,
        unit=unit,
        edges=[_edge(labels.get(y)) for y in range(rows)],
        blank=(
            "".join("┈" if y in labels else " " for y in range(rows)),
            "".join("g" if y in labels else " " for y in range(rows)),
        ),
        time_axis=_time_axis(columns, cell_s),
    )


def _edge(label: str | None) -> Part:
    if label is None:
        return " " * (GUTTER - 1) + "│", "axis"
    return f"{label:>{GUTTER - 1}}┤", "axis"


def _time_axis(columns: int, cell_s: float) -> str:
    every_s = next((s for s in _LABELS_S if s / cell_s >= _LABEL_EVERY_CELLS), 600)
    line = [" "] * (GUTTER + columns)
    line[-3:] = "now"
    for count in range(1, math.floor(columns * cell_s / every_s) + 1):
        label = f"-{count * every_s}s"
        # The sign of the label stands under the cell it names.
        x = GUTTER + columns - 1 - round(count * every_s / cell_s)
        if x >= GUTTER:
            line[x : x + len(label)] = label
    return "".join(line)
