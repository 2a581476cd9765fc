"""The percentiles of a run that every report has, and those that were asked for."""

from __future__ import annotations

from ovbench_tui.stats.run_stats import RunStats


def percentiles_of(stats: RunStats) -> tuple[tuple[float, float], ...]:
    """Pairs of percent and latency in ms, in rising order, each percent once."""
    always = {
        50.0: stats.p50_ms,
        90.0: stats.p90_ms,
        95.0: stats.p95_ms,
        99.0: stats.p99_ms,
        99.9: stats.p999_ms,
    }
    return tuple(sorted((always | dict(stats.percentiles_ms)).items()))
