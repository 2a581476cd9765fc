"""How far a single run is, in a line."""

from __future__ import annotations

import math

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.stats.sample_size import measured_rate


def describe_progress(snapshot: Snapshot) -> str:
    """Say in one line what goes on: what is prepared, or the throughput so far."""
    run = snapshot.run
    if run is None or not snapshot.measuring:
        return snapshot.background or snapshot.state.value
    stats = run.stats
    seconds = f"{stats.elapsed_s:.0f}{_limit(run.config.duration_s)} s"
    iterations = f"{stats.count}{_limit(run.config.iterations)} iterations"
    median = f"  median {stats.p50_ms:.3g} ms" if stats.count > stats.dropped else ""
    rate = measured_rate(stats.fps_mean, stats.count)
    fps = "" if math.isnan(rate) else f"  {rate:.2f} {run.effective.unit}"
    return f"{seconds}  {iterations}{fps}{median}"


def fraction_done(snapshot: Snapshot) -> float | None:
    """How much of the run is done; with two limits both must be reached. None = not known."""
    run = snapshot.run
    if run is None or snapshot.background:
        return None
    parts = _parts(run.config, run.stats.elapsed_s, run.stats.count)
    return min(1.0, *parts) if parts else None


def _limit(limit: float | None) -> str:
    return "" if limit is None else f"/{limit:g}" if limit < 1e6 else f"/{limit:.0f}"


def _parts(config: BenchmarkConfig, elapsed_s: float, count: int) -> list[float]:
    parts: list[float] = []
    if config.duration_s:
        parts.append(elapsed_s / config.duration_s)
    if config.iterations:
        parts.append(count / config.iterations)
    return parts
