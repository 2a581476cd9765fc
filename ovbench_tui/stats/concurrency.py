"""Whether the model or the loop around it sets the pace."""

from __future__ import annotations

import math

from ovbench_tui.stats.run_stats import RunStats

_ENOUGH_COUNT = 50
_ENOUGH_PACED = 10
"""A rate that is held back shows its gaps in few inferences, and a low one completes no more."""

_BUSY_SHARE = 0.8
"""Below it infer requests stand idle a fifth of the time, waiting to be restarted."""


def requests_in_flight(stats: RunStats) -> float:
    """Mean number of infer requests that were busy; NaN while nothing was measured.

    Little's law: the rate of completions times how long each was in flight.
    """
    if not stats.count or not stats.frames:
        return math.nan
    inferences_per_s = stats.fps_mean * stats.count / stats.frames
    in_flight_ms = stats.load.service.mean_ms if stats.load is not None else stats.mean_ms
    return inferences_per_s * in_flight_ms / 1000


def idle_gap_note(stats: RunStats) -> str:
    """Say that the requested rate lets the device rest in between; '' where it does not."""
    busy = requests_in_flight(stats)
    if stats.count < _ENOUGH_PACED or not busy < _BUSY_SHARE:
        return ""
    cause = "rate of arrivals" if stats.load is not None else "rate cap"
    return (
        f"The {cause} leaves the device idle {1 - busy:.0%} of the time: after each gap its caches"
        " and clocks have to recover, so latency may be longer than at full rate."
    )


def idle_requests_note(
    stats: RunStats, nireq: int, *, is_sync: bool, takes_batch: bool = True
) -> str:
    """Say that requests do not keep the device busy, and what to do; '' where it does not.

    Not to be asked for a run whose rate is capped.

    Args:
        takes_batch: the model has an input whose batch can be raised.
    """
    busy = requests_in_flight(stats)
    if stats.count < _ENOUGH_COUNT or not nireq or not busy < _BUSY_SHARE * nireq:
        return ""
    remedy = "use the asynchronous API" if is_sync else "raise nireq"
    if takes_batch:
        remedy = "raise the batch" if is_sync else "raise nireq or batch"
    return f"Requests do not keep the device busy ({busy:.1f} of {nireq}): {remedy}."
