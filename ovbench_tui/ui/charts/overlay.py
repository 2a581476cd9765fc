"""An old run drawn under the live charts: over its own time, and beyond it as a dashed line."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_fps
from ovbench_tui.console.units import duration_parts
from ovbench_tui.ui.charts.braille import dot_at, stroke_mask

if TYPE_CHECKING:
    from ovbench_tui.stats.run_stats import RunSeries, RunStats


@dataclass(frozen=True, slots=True)
class Overlay:
    """The lines of an old run for one chart.

    Attributes:
        label: for the title, as in ``history 42: 281.4 FPS``.
        step_s: seconds of a window.
        lines: a value for each window; NaN where nothing completed.
        usual: where the dashes are: the mean FPS of the run, the medians of its windows' p50 and
            p99, which are what the live ones compare with; NaN where it is not known.
    """

    label: str
    step_s: float
    lines: tuple[tuple[float, ...], ...]
    usual: tuple[float, ...]

    def value(self, line: int, begin_s: float, end_s: float) -> float:
        """Mean of the windows in a stretch; NaN outside of the run.

        Args:
            begin_s, end_s: in seconds since the run began.
        """
        values = self.lines[line]
        if not self.step_s:
            return math.nan
        first = math.floor(round(begin_s / self.step_s, 6))
        last = max(first + 1, math.ceil(round(end_s / self.step_s, 6)))
        if first < 0 or last > len(values):
            return math.nan
        known = [value for value in values[first:last] if value == value]
        return sum(known) / len(known) if known else math.nan

    def masks(
        self,
        line: int,
        cell: int,
        column_s: float,
        from_s: float,
        dot_of: Callable[[float], int | None],
    ) -> tuple[int, int]:
        """Both columns of dots of a cell of the chart.

        Args:
            column_s: seconds of a column; a cell has two.
            from_s: the moment of the session under which the old run's first window lies.
            dot_of: the dot of a value; None where it is not on the scale.
        """
        columns = [
            self.value(line, n * column_s - from_s, (n + 1) * column_s - from_s)
            for n in range(2 * cell - 1, 2 * cell + 2)
        ]
        dots = [dot_of(value) for value in columns]
        before, left, right = (None if dot is None else (dot, dot) for dot in dots)
        if columns[1] == columns[1] or columns[2] == columns[2]:
            return stroke_mask(before, left), stroke_mask(left, right)
        dash = None if cell % 2 else dot_of(self.usual[line])
        return (0, 0) if dash is None else (1 << dash, 1 << dash)


@dataclass(frozen=True, slots=True)
class PastRun:
    """An old run for both charts.

    Attributes:
        run_id: its number in the history.
    """

    run_id: int
    fps: Overlay
    latency: Overlay


def past_run(run_id: int, series: RunSeries, stats: RunStats) -> PastRun:
    """Make the lines of a run; without a series, as of a very short one, they are dashes alone."""
    step_s = series.step_s
    fps = tuple(frames / step_s for frames in series.frames) if step_s else ()
    name = f"history {run_id}:"
    p50, p99 = (" ".join(duration_parts(ms)) for ms in (stats.p50_ms, stats.p99_ms))
    return PastRun(
        run_id,
        Overlay(
            f"{name} {format_fps(stats.fps_mean)} {stats.unit}",
            step_s,
            (fps,),
            (stats.fps_mean,),
        ),
        Overlay(
            f"{name} p50 {p50}, p99 {p99}",
            step_s,
            (series.p50_ms, series.p99_ms),
            (_usual(series.p50_ms, stats.p50_ms), _usual(series.p99_ms, stats.p99_ms)),
        ),
    )


def dots_of(place: Callable[[float], float], rows: int) -> Callable[[float], int | None]:
    """Return what finds the dot of a value: unlike a live one, it is left out beyond the scale."""

    def dot(value: float) -> int | None:
        at = place(value)
        return dot_at(at, rows) if 0.0 <= at <= 1.0 else None

    return dot


def _usual(values: Sequence[float], otherwise: float) -> float:
    # Not by `statistics`, whose loading would take its time before the first frame.
    known = sorted(value for value in values if value == value)
    return known[len(known) // 2] if known else otherwise
