"""Latency over size, where the shapes of a run differ: a mark for each set of shapes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_count
from ovbench_tui.console.text import clean
from ovbench_tui.console.units import suitable_unit
from ovbench_tui.ui.charts.chart_frame import GUTTER
from ovbench_tui.ui.charts.chart_panel import ChartPanel, Phrase, fitting
from ovbench_tui.ui.charts.plot import Mark, Plot, Scale, cell_at, has_place

if TYPE_CHECKING:
    from ovbench_tui.engine.api.effective import EffectiveConfig
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.stats.run_stats import GroupStats
    from ovbench_tui.ui.widgets.live import Part

P50, P99, FIRST = "●", "○", "✕"
_TITLE = "Latency over size"
_NOTHING = "The shapes of this run do not differ: -data_shape [1,1..512] draws sizes."
_NO_DATA = "No latency has been measured yet."
_SKEWED_FROM = 4.0
"""Half of the sizes are below this part of the largest: most would share a few cells."""

_TICK_EVERY_CELLS = 12
_LEAST_ROWS, _LEAST_COLUMNS = 2, 12


@dataclass(frozen=True, slots=True)
class SizeAxis:
    """What the shapes of a run differ in.

    Attributes:
        name: of what is counted: ``ids[1,N]``, or ``elements`` where several sizes differ.
        sizes: one for each shape group.
    """

    name: str
    sizes: tuple[int, ...]


def size_axis(effective: EffectiveConfig) -> SizeAxis | None:
    """The one size that differs, or else the elements of all inputs; None = no size differs.

    Sizes that are always the same as each other, as those of ids and their mask, count as one.
    """
    groups = effective.shape_groups
    if len(groups) < 2 or effective.generates or not all(group.shapes for group in groups):
        return None
    shapes = [[shape for _, shape in group.shapes] for group in groups]
    ranks = {tuple(map(len, each)) for each in shapes}
    if len(ranks) > 1:
        return SizeAxis("elements", tuple(map(_elements, shapes)))
    columns: dict[tuple[int, ...], str] = {}
    for place, (label, first) in enumerate(groups[0].shapes):
        for axis in range(len(first)):
            sizes = tuple(each[place][axis] for each in shapes)
            if len(set(sizes)) > 1:
                words = ("N" if n == axis else str(size) for n, size in enumerate(first))
                columns.setdefault(sizes, f"{clean(label)}[{','.join(words)}]")
    if len(columns) == 1:
        ((sizes, name),) = columns.items()
        return SizeAxis(f"N in {name}", sizes)
    return SizeAxis("elements", tuple(map(_elements, shapes)))


class SizeChart(ChartPanel):
    """p50 and p99 of the latencies of each shape, and its first one as a mark of its own."""

    STYLE_CLASSES = (
        "chart--axis",
        "chart--first",
        "chart--grid",
        "chart--marker",
        "chart--second",
    )
    is_over_time = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._axis: SizeAxis | None = None
        self._groups: tuple[GroupStats, ...] = ()
        self._of: EffectiveConfig | None = None

    def show(self, run: RunView | None) -> None:
        """Draw the figures of this run."""
        effective = run.effective if run else None
        if effective is not self._of:
            self._of = effective
            self._axis = size_axis(effective) if effective else None
        self._groups = run.stats.groups if run else ()
        self.repaint_if_new((self._axis, self._groups, self.outer_size))

    def paint(self) -> None:
        """Draw the title, the marks and both scales."""
        rows, columns = self.plot_rows, self.plot_columns
        if rows < _LEAST_ROWS or columns < _LEAST_COLUMNS:
            return
        axis = self._axis
        marks = _points(axis, self._groups) if axis else []
        if axis is None or not marks:
            self._paint_empty(rows, _NO_DATA if axis else _NOTHING)
            return
        is_skewed = statistics.median(axis.sizes) * _SKEWED_FROM < max(axis.sizes)
        sizes = Scale(axis.sizes, may_be_log=is_skewed)
        latency = Scale([ms for _, ms, _, _, _ in marks], may_be_log=True)
        unit = suitable_unit(latency.high)
        plot = Plot(columns, rows)
        plot.draw_grid(latency, unit.per_ms)
        plot.draw_marks(
            Mark(sizes.place(size), latency.place(ms), sign, style, rank=rank)
            for size, ms, sign, style, rank in marks
        )
        legend: list[Part] = [
            (P50, "first"), (" p50  ", "label"), (P99, "second"), (" p99  ", "label"),
            (FIRST, "marker"), (" first", "label"),
        ]  # fmt: skip
        title = [
            Phrase(((f" {_TITLE}", "title"),)),
            Phrase(((f", {unit.name}", "title"),), rank=1),
            Phrase((("   ", "label"), *legend), rank=2),
            Phrase(((f"   {len(axis.sizes)} shapes", "label"),), rank=3),
        ]
        heading = fitting(title, self._painted_size.width)
        top_rows = self._set_heading(heading, unit.name, ("", "label"), "")
        if top_rows == 1:
            self.set_row(0, (f"{unit.name:>{GUTTER - 1}} ", "title"), *legend)
        else:
            self.set_row(1, (" " * GUTTER, "axis"))
        for y, line in enumerate(plot.lines(), top_rows):
            self.set_row(y, *line)
        self.set_row(top_rows + rows, (_size_row(axis, sizes, columns), "axis"))

    def _paint_empty(self, rows: int, sentence: str) -> None:
        top_rows = self._set_heading([(f" {_TITLE}", "title")], "", (sentence, "label"), "")
        for y in range(rows):
            self.set_row(top_rows + y, (" " * (GUTTER - 1) + "│", "axis"))
        self.set_row(top_rows + rows, (" " * GUTTER, "axis"))


_Point = tuple[int, float, str, str, int]


def _points(axis: SizeAxis, groups: Sequence[GroupStats]) -> list[_Point]:
    """Size, latency, sign, style and rank of every mark; of two in one cell p50 is seen."""
    points: list[_Point] = []
    for size, group in zip(axis.sizes, groups, strict=False):
        for ms, sign, style, rank in (
            (group.p50_ms, P50, "first", 2),
            (group.p99_ms, P99, "second", 1),
            (group.first_ms, FIRST, "marker", 0),
        ):
            if size > 0 and has_place(ms):
                points.append((size, ms, sign, style, rank))
    return points


def _size_row(axis: SizeAxis, sizes: Scale, columns: int) -> str:
    """The row of sizes below the plot, and at its end what they are."""
    line = [" "] * (GUTTER + columns)
    name = axis.name if len(axis.name) <= columns // 2 else "size"
    free_from, end = 0, len(line) - len(name) - 1
    for tick, _ in sizes.labels(max(1, columns // _TICK_EVERY_CELLS)):
        label = format_count(round(tick))
        x = GUTTER + cell_at(sizes.place(tick), columns)
        if x >= free_from and x + len(label) < end:
            line[x : x + len(label)] = label
            free_from = x + len(label) + 1
    line[-len(name) :] = name
    return "".join(line)


def _elements(shapes: Sequence[Sequence[int]]) -> int:
    return sum(math.prod(shape) for shape in shapes)
