"""What a chart asks of the session's past, and what it gets; free of numpy, for the screen."""

from __future__ import annotations

import math
from dataclasses import dataclass

CURRENT_COLUMN_S = 0.5
"""Seconds of a column of the live history, where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A stretch of the session that is to be drawn.

    Attributes:
        columns: that there is room for.
        column_s: seconds of a column that are wanted; what is nearest to it and known is
            given. Infinite = the whole session in the columns.
        end_s: the newest moment to be seen, in seconds of the session; None = now.
    """

    columns: int
    column_s: float = CURRENT_COLUMN_S
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class HeatColumns:
    """How many completions had which latency, over time: shades of a grid.

    Attributes:
        column_s: seconds of a column.
        first_column: number of column 0, counted from the session's start.
        edges_ms: of the rows, from the lowest up: one more than there are rows.
        rows: from the lowest latency up; one byte a column: 0 where there was no completion,
            else from 1 to `LEVELS` by the logarithm of the count.
        most: completions in the fullest cell.
        beyond_ms: upper edge of the highest latency in the top row, where that row also holds
            what is above its edge; NaN where it does not.
    """

    column_s: float
    first_column: int
    edges_ms: tuple[float, ...]
    rows: tuple[bytes, ...]
    most: int
    beyond_ms: float = math.nan


LEVELS = 8


@dataclass(frozen=True, slots=True)
class LatencyBars:
    """The latencies of a run as bars of equal width, on a logarithmic scale or a linear one.

    Attributes:
        low_ms, high_ms: the ends of the scale.
        bars: completions in each bar; no whole numbers, where a bar is narrower than what is
            told apart.
        marks: the percent and the latency in ms of each percentile asked for.
        below, above: completions left of the scale, and right of it.
    """

    run_id: int
    count: int
    is_log: bool
    low_ms: float
    high_ms: float
    bars: tuple[float, ...]
    marks: tuple[tuple[float, float], ...]
    below: int
    above: int
