"""The rates of a search for the capacity as rows of a table, and as points of its chart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ovbench_tui.capacity.rates import Capacity, Rate, Verdict
from ovbench_tui.capacity.report import note_on
from ovbench_tui.config.load.pattern import parse_arrivals
from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.units import COLUMN_WIDTH, DurationColumn, NumberColumn, StickyUnit
from ovbench_tui.ui.charts.capacity_chart import CapacityMark, RatePoint
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Row

if TYPE_CHECKING:
    from ovbench_tui.tuning.search.space import Point
    from ovbench_tui.tuning.state import TuningState

COLUMNS: tuple[Column, ...] = (
    Column(" ", 1, sorts=False),
    Column("Rate", 8, is_right=True, most_first=True),
    Column("Offered", 8, rank=2, is_right=True),
    Column("Served", 8, rank=1, is_right=True),
    Column("Dropped", 8, rank=3, is_right=True),
    Column("Of most", 8, most=20, rank=4, sorts=False),
    Column("p50", COLUMN_WIDTH, rank=3, is_right=True),
    Column("p99", COLUMN_WIDTH, is_right=True),
    Column("±", 6, rank=2, is_right=True, sorts=False),
    Column("Waiting", COLUMN_WIDTH, rank=2, is_right=True),
    Column("Note", 15, most=40, rank=1, sorts=False),
)
_STYLES = {Verdict.HOLDS: "good", Verdict.FAILS: "bad", Verdict.OPEN: "label"}
_MARKS = {Verdict.HOLDS: "●", Verdict.FAILS: "○", Verdict.OPEN: "◐"}


def capacity_rows(
    board: TuningState, capacity: Capacity, sticky: StickyUnit | None = None
) -> list[Row]:
    """One row a rate, ascending; its first round is the key.

    Args:
        sticky: holds the unit of the latencies.
    """
    rates = capacity.rates
    latency = DurationColumn.of(
        (ms for rate in rates for ms in (rate.p50_ms, rate.p99_ms.mid, rate.waiting_ms)), sticky
    )
    numbers = NumberColumn.of(rate.per_s for rate in rates)
    now = rate_of(board.current)
    rows: list[Row] = []
    for rate in rates:
        verdict, p99_ms = capacity.verdict(rate), rate.p99_ms
        is_now = rate.per_s == now
        half = p99_ms.half_width
        note = "measuring again" if is_now else note_on(rate, capacity)
        cells = (
            Cell("◌" if is_now else _MARKS[verdict], "warn" if is_now else _STYLES[verdict]),
            Cell(numbers.write(rate.per_s), order=rate.per_s),
            Cell(numbers.write(rate.offered_per_s), order=rate.offered_per_s),
            Cell(numbers.write(rate.served_per_s), order=rate.served_per_s),
            Cell(numbers.write(rate.dropped_per_s), order=rate.dropped_per_s),
            Cell(style="bar", share=capacity.utilisation(rate)),
            Cell(latency.write(rate.p50_ms), order=rate.p50_ms),
            Cell(latency.write(p99_ms.mid), order=p99_ms.mid),
            Cell(f"{100 * half:.0f} %" if half < 10 else DASH, "label"),
            Cell(latency.write(rate.waiting_ms), order=rate.waiting_ms),
            Cell(note, "warn" if is_now else _STYLES[verdict]),
        )
        rows.append(Row(rate.rounds[0].point, cells))
    return rows


def rate_of(point: Point | None) -> float:
    """The arrivals a second of a point; NaN of a closed loop."""
    if point is None or not point.arrivals:
        return math.nan
    return parse_arrivals(point.arrivals).rate


def rate_points(board: TuningState, capacity: Capacity) -> list[RatePoint]:
    """What the chart shows: the rates, and what is measured now."""
    points = [_point(rate, capacity) for rate in capacity.rates]
    now, figures = rate_of(board.current), board.current_figures
    if now == now and figures.load is not None:
        waiting_ms = figures.load.waiting.mean_ms
        points.append(
            RatePoint(now, figures.p50_ms.mid, figures.p99_ms.mid, waiting_ms, is_now=True)
        )
    return sorted(points, key=lambda point: point.per_s)


def _point(rate: Rate, capacity: Capacity) -> RatePoint:
    style = _STYLES[capacity.verdict(rate)] if capacity.is_known else "accent"
    return RatePoint(rate.per_s, rate.p50_ms, rate.p99_ms.mid, rate.waiting_ms, style)


def mark_of(capacity: Capacity) -> CapacityMark:
    """The limit, the knee and the most of the chart."""
    return CapacityMark(capacity.limit_ms, capacity.knee.mid, capacity.most_per_s)
