"""The figures of one run; free of numpy, so that the screen starts without it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunStats:
    """Figures of one run, warm-up and disturbed stretches left out.

    Latencies are NaN while nothing was measured. Percentiles are nearest-rank over the
    whole run, from a histogram with at most 0.5 % relative error.

    Attributes:
        count: completed inferences, exact even when the ring was overwritten.
        dropped: completions counted whose latency was overwritten before it was read.
        elapsed_s: measured seconds.
        fps_now: over the last second or more, so that enough completions are in it.
        fps_peak: highest `fps_now` so far.
    """

    count: int
    dropped: int
    elapsed_s: float
    fps_now: float
    fps_mean: float
    fps_peak: float
    min_ms: float
    mean_ms: float
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    warmup_count: int
    warmup_s: float
