"""Throughput over p99, a point a configuration, and the Pareto front as a line of Braille dots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovbench_tui.console.text import width_of
from ovbench_tui.console.units import suitable_unit
from ovbench_tui.engine.api.effective import p99_name
from ovbench_tui.stats.rate import FRAMES
from ovbench_tui.ui.charts.chart_frame import GUTTER
from ovbench_tui.ui.charts.plot import Dot, Line, Mark, Plot, Scale, cell_at, has_place

if TYPE_CHECKING:
    from ovbench_tui.ui.widgets.live import Part

FRONT, BEATEN, BEST, NOW = "●", "○", "◆", "▸"
_TICK_EVERY_CELLS = 12
_LEAST_ROWS, _LEAST_COLUMNS = 3, 12


@dataclass(frozen=True, slots=True)
class Point:
    """One run, or one configuration.

    Attributes:
        label: beside its sign.
        style: of sign and label.
        rank: of two points in one cell the higher is seen.
        sign: '' = that of the front, or of what is beaten.
    """

    p99_ms: float
    fps: float
    label: str
    style: str
    is_front: bool
    rank: int = 0
    sign: str = ""


def draw_scatter(
    points: Sequence[Point],
    width: int,
    height: int,
    *,
    legend: Line,
    nothing: str,
    front_style: str,
    limit_ms: float | None = None,
    unit: str = FRAMES,
) -> list[Line]:
    """Draw title, plot and p99 axis: `height` lines of at most `width` cells, or none.

    Args:
        points: those without figures are left out.
        legend: behind the title as far as there is room: pairs of a sign and its meaning.
        nothing: what stands there without points, in a sentence.
        limit_ms: drawn as an upright line, where it is on the scale.
        unit: of the rate; of tokens the latency is that of a token.
    """
    rows, columns = height - 2, width - GUTTER - 1
    if rows < _LEAST_ROWS or columns < _LEAST_COLUMNS:
        return []
    words: Part = (f" {unit} over {p99_name(unit)}   ", "title")
    title: Line = (words, *_whole_signs(legend, width - len(words[0])))
    known = [point for point in points if has_place(point.fps) and has_place(point.p99_ms)]
    if not known:
        return [title, ((f"  {nothing}", "label"),), *([()] * (height - 2))]
    fps = Scale([point.fps for point in known])
    p99 = Scale([point.p99_ms for point in known], may_be_log=True)
    plot = Plot(columns, rows)
    plot.draw_grid(fps)
    if limit_ms is not None and p99.low < limit_ms <= p99.high:
        plot.draw_upright(p99.place(limit_ms), "bad")
    plot.draw_dots(_front(plot, known, fps, p99), front_style)
    plot.draw_marks(
        Mark(
            p99.place(point.p99_ms),
            fps.place(point.fps),
            point.sign or (FRONT if point.is_front else BEATEN),
            point.style,
            point.label,
            point.rank,
        )
        for point in known
    )
    return [title, *plot.lines(), ((_p99_axis(p99, columns), "axis"),)]


def _whole_signs(legend: Line, room: int) -> Line:
    """The first pairs of a legend that have room."""
    parts: list[Part] = []
    for place in range(0, len(legend), 2):
        pair = legend[place : place + 2]
        text = "".join(text for text, _ in pair)
        if width_of(text.rstrip()) > room:
            break
        parts += pair
        room -= width_of(text)
    return tuple(parts)


def _front(plot: Plot, points: Sequence[Point], fps: Scale, p99: Scale) -> Iterator[Dot]:
    """The border of what was reached: a step at every point of the front."""
    front = sorted((point for point in points if point.is_front), key=lambda point: point.p99_ms)
    steps = [plot.dot(p99.place(point.p99_ms), fps.place(point.fps)) for point in front]
    if not steps:  # as while the first configuration is measured
        return
    ends = [*(x for x, _ in steps[1:]), plot.columns * 2 - 1]
    height = 0
    for (x, top), end in zip(steps, ends, strict=True):
        # Every other dot only: a line of Braille dots is as loud as the marks.
        yield from ((x, y) for y in range(height, top + 1) if y % 2)
        yield from ((place, top) for place in range(x, end + 1) if place % 2)
        height = top


def _p99_axis(p99: Scale, columns: int) -> str:
    unit = suitable_unit(p99.high)
    line = [" "] * (GUTTER + columns)
    free_from = 0
    for tick, label in p99.labels(max(1, columns // _TICK_EVERY_CELLS), unit.per_ms):
        x = GUTTER + cell_at(p99.place(tick), columns)
        end = x + len(label)
        if x >= free_from and end < GUTTER + columns - len(unit.name) - 1:
            line[x:end] = label
            free_from = end + 1
    line[-len(unit.name) :] = unit.name
    return "".join(line)
