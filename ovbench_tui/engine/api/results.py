"""Everything that is known of one run when it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field

from ovbench_tui.engine.api.events import ProfileTaken
from ovbench_tui.engine.api.snapshot import RunView
from ovbench_tui.stats.run_stats import RunSeries


@dataclass(frozen=True, slots=True)
class RunResult:
    """One run for a report: its figures and what they were made from.

    Attributes:
        histogram: for each bin that holds latencies its lower and upper edge in ms, and how
            many; bins are at most 0.9 % wide.
        series: the run over time, for charts and comparisons.
        profile: the last profile taken of this run, or None.
    """

    view: RunView
    histogram: tuple[tuple[float, float, int], ...]
    profile: ProfileTaken | None = None
    series: RunSeries = field(default_factory=RunSeries)
