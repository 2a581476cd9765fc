"""Figures that are shown only as far as the sample behind them reaches."""

from __future__ import annotations

import math

from ovbench_tui.console.format import DASH, format_duration, format_fps
from ovbench_tui.engine.api.snapshot import RunView
from ovbench_tui.stats.run_stats import RunStats
from ovbench_tui.stats.sample_size import inferences_needed, measured_percentile, measured_rate


def missing(stats: RunStats, percent: float) -> int:
    """How many more inferences a percentile needs; 0 = none."""
    return max(0, inferences_needed(percent) - (stats.count - stats.dropped))


def percentile_text(run: RunView, percent: float, value_ms: float) -> str:
    """The percentile; a dash where it is no more than the maximum."""
    stats = run.stats
    return format_duration(measured_percentile(value_ms, percent, stats.count - stats.dropped))


def needs_text(run: RunView, percent: float) -> str:
    """How many more inferences it needs, as in ``needs 4,300``; '' = none."""
    short = missing(run.stats, percent)
    return f"needs {short:,}" if short and run.stats.count else ""


def sample_style(run: RunView, percent: float) -> str:
    """Dim where the sample is too small."""
    return "label" if missing(run.stats, percent) else "value"


def now_text(stats: RunStats) -> str:
    """The present rate; a dash where nothing is fed."""
    return format_fps(stats.fps_now) if stats.fps_now > 0 else DASH


def mean_text(run: RunView) -> str:
    """The mean rate; a dash where nothing is measured."""
    return format_fps(measured_rate(run.stats.fps_mean, run.stats.count))


def peak_text(run: RunView) -> str:
    """The highest rate; a dash where nothing is measured, or what goes on now is not."""
    stats = run.stats
    is_known = stats.count > 1 and stats.fps_peak >= stats.fps_now
    return format_fps(stats.fps_peak if is_known else math.nan)
