"""What the machine did during a run, in a line."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ovbench_tui.stats.run_stats import MachineSeries


def describe_machine_use(machine: MachineSeries) -> str:
    """As in ``ours 51 %, others 49 % (most: python3, pid 812, 45 %), 2.90 GHz``; '' = unknown.

    Shares are of the time of all CPUs, on average.
    """
    parts = [
        f"{name} {mean * 100:.0f} %"
        for name, shares in (("ours", machine.own_share), ("others", machine.others_share))
        if not math.isnan(mean := mean_of(shares))
    ]
    if not parts:
        return ""
    if machine.processes:
        most = max(machine.processes, key=lambda one: one.share * (one.until_s - one.from_s))
        parts[-1] += f" (most: {most.name}, pid {most.pid}, {most.share * 100:.0f} %)"
    ghz = [value for value in machine.frequency_ghz if math.isfinite(value)]
    if ghz:
        parts.append(f"{mean_of(ghz):.2f} GHz ({min(ghz):.2f} to {max(ghz):.2f})")
    if any(rate > 0 for rate in machine.throttles_per_s):
        parts.append("throttled for heat")
    return ", ".join(parts)


def mean_of(values: Sequence[float]) -> float:
    """The mean of those that are known; NaN where none is."""
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan
