"""Figures that are shown only as far as the sample behind them reaches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_fps
from ovbench_tui.stats.sample_size import inferences_needed, measured_percentile, measured_rate

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.stats.run_stats import RunStats


def missing(stats: RunStats, percent: float) -> int:
    """How many more inferences a percentile needs; 0 = none."""
    return max(0, inferences_needed(percent) - stats.latency_count)


def percentile_of(stats: RunStats, percent: float, value_ms: float) -> float:
    """The percentile; NaN where it is no more than the maximum."""
    return measured_percentile(value_ms, percent, stats.latency_count)


def needs_text(run: RunView, percent: float) -> str:
    """How many more inferences it needs, as in ``needs 4,300``; '' = none."""
    short = missing(run.stats, percent)
    return f"needs {short:,}" if short and run.stats.count else ""


def sample_style(run: RunView, percent: float) -> str:
    """Dim where the sample is too small."""
    return "label" if missing(run.stats, percent) else "value"


def now_of(stats: RunStats) -> float:
    """The present rate; NaN where nothing is fed."""
    return stats.fps_now if stats.fps_now > 0 else math.nan


def now_text(stats: RunStats) -> str:
    """The present rate; a dash where nothing is fed."""
    return format_fps(now_of(stats))


def mean_of(stats: RunStats) -> float:
    """The mean rate; NaN where nothing is measured."""
    return measured_rate(stats.fps_mean, stats.count)


def peak_of(stats: RunStats) -> float:
    """The highest rate; NaN where nothing is measured, or what goes on now is not."""
    is_known = stats.count > 1 and stats.fps_peak >= stats.fps_now
    return stats.fps_peak if is_known else math.nan
