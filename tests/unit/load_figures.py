"""Figures of an open loop, made up."""

from __future__ import annotations

from ovbench_tui.stats.run_stats import GroupStats, LoadStats


def load_stats(**changes: float) -> LoadStats:
    """Figures of an open loop in which a tenth of the arrivals is dropped."""
    waiting = GroupStats(10_000, 0.01, 3.5, 2.25, 41.0, p90_ms=8.5, p99_ms=21.0)
    service = GroupStats(10_000, 4.0, 5.5, 5.25, 12.0, p90_ms=6.5, p99_ms=9.75)
    values: dict[str, float] = {
        "offered": 11_112,
        "served": 10_000,
        "refused": 1_000,
        "expired": 109,
        "unserved": 3,
        "offered_per_s": 111.12,
        "served_per_s": 100.0,
        "dropped_per_s": 11.09,
        "queue_now": 4,
        "queue_mean": 0.75,
        "queue_max": 17,
        "late_mean_ms": 0.0123,
        "late_max_ms": 1.5,
    }
    return LoadStats(waiting=waiting, service=service, **(values | changes))  # type: ignore[arg-type]
