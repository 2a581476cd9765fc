"""Median, p99 and waiting over the rate of arrivals, with the limit and the knee."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ovbench_tui.console.units import suitable_unit
from ovbench_tui.ui.charts.chart_frame import GUTTER
from ovbench_tui.ui.charts.plot import Dot, Line, Mark, Plot, Scale, cell_at, has_place, straight

P99, P50, WAITING, _NOW = "●", "○", "·", "◌"
_LEAST_ROWS, _LEAST_COLUMNS = 3, 16
_TICK_EVERY_CELLS = 12
_FARTHEST = 10.0
"""What is so many times the limit is drawn there: how far beyond it is does not matter."""

_BELOW = 20.0
"""The scale ends so many times below the limit."""


@dataclass(frozen=True, slots=True)
class RatePoint:
    """What one rate of arrivals does to the latency.

    Attributes:
        style: of its p99.
        is_now: it is still measured.
    """

    per_s: float
    p50_ms: float
    p99_ms: float
    waiting_ms: float
    style: str = "accent"
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class CapacityMark:
    """The limit, and where it is reached; NaN = not known."""

    limit_ms: float
    knee_per_s: float
    most_per_s: float


def draw_capacity(
    points: Sequence[RatePoint], mark: CapacityMark, width: int, height: int
) -> list[Line]:
    """Draw title, plot and axis: `height` lines of at most `width` cells, or none.

    Args:
        points: by ascending rates.
    """
    rows, columns = height - 2, width - GUTTER - 1
    if rows < _LEAST_ROWS or columns < _LEAST_COLUMNS:
        return []
    unit = suitable_unit(mark.limit_ms)
    title: Line = (
        (f" Latency over arrivals/s, {unit.name}  ", "title"),
        (f"{P99} ", "accent"),
        ("p99  ", "label"),
        (f"{P50} ", "value"),
        ("median  ", "label"),
        (f"{WAITING} ", "warn"),
        ("waiting  ", "label"),
        ("╌ ", "bad"),
        ("limit", "label"),
    )
    known = [point for point in points if has_place(point.p99_ms)]
    if not known:
        return [title, *([()] * (height - 1))]
    rates = Scale([0.0, *(one.per_s for one in known), *filter(has_place, (mark.most_per_s,))])
    low_ms, high_ms = mark.limit_ms / _BELOW, mark.limit_ms * _FARTHEST
    values = [
        min(max(value, low_ms), high_ms)
        for one in known
        for value in (one.p99_ms, one.p50_ms, one.waiting_ms)
        if has_place(value)
    ]
    latency = Scale([*values, mark.limit_ms], may_be_log=True)
    plot = Plot(columns, rows)
    plot.draw_grid(latency, unit.per_ms)
    plot.draw_level(latency.place(mark.limit_ms), "bad")
    if has_place(mark.knee_per_s):
        plot.draw_upright(rates.place(mark.knee_per_s), "good")
    marks: list[Mark] = []
    for sign, style, rank, value_of in _SERIES:
        places = [
            (rates.place(one.per_s), latency.place(min(max(value_of(one), low_ms), high_ms)), one)
            for one in known
            if has_place(value_of(one))
        ]
        plot.draw_dots(_joined(plot, [(x, y) for x, y, _ in places]), "label")
        for x, y, one in places:
            own = one.style if sign == P99 else style
            marks.append(
                Mark(x, y, _NOW if one.is_now else sign, "warn" if one.is_now else own, rank=rank)
            )
    plot.draw_marks(marks)
    return [title, *plot.lines(), ((_axis(rates, columns), "axis"),)]


_SERIES: tuple[tuple[str, str, int, Callable[[RatePoint], float]], ...] = (
    (WAITING, "warn", 0, lambda one: one.waiting_ms),
    (P50, "value", 1, lambda one: one.p50_ms),
    (P99, "accent", 2, lambda one: one.p99_ms),
)


def _joined(plot: Plot, places: Sequence[tuple[float, float]]) -> list[Dot]:
    dots = [plot.middle(x, y) for x, y in places]
    return [dot for pair in itertools.pairwise(dots) for dot in straight(*pair)]


def _axis(rates: Scale, columns: int) -> str:
    line = [" "] * (GUTTER + columns)
    free_from = 0
    for tick, label in rates.labels(max(1, columns // _TICK_EVERY_CELLS)):
        x = GUTTER + cell_at(rates.place(tick), columns)
        end = x + len(label)
        if x >= free_from and end < GUTTER + columns - 3:
            line[x:end] = label
            free_from = end + 1
    line[-2:] = "/s"
    return "".join(line)
