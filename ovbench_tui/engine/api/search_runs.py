"""What is said of the runs of a search where they are one line."""

from __future__ import annotations

import math

from ovbench_tui.engine.api.search_mark import LOAD, SearchTrials
from ovbench_tui.engine.api.snapshot import RunView
from ovbench_tui.stats.limits import LimitVerdict, worst_of


def best_of(search: SearchTrials[RunView]) -> RunView:
    """The run with the most FPS; where a limit was to be kept by arrivals, of those that did."""
    keeping = [
        run
        for run in search.runs
        if run.config.arrivals and worst_of(run.limits) is LimitVerdict.PASSED
    ]
    return max(
        keeping if search.kind == LOAD and keeping else search.runs,
        key=lambda run: -math.inf if math.isnan(run.stats.fps_mean) else run.stats.fps_mean,
    )


def title_of(search: SearchTrials[RunView]) -> str:
    """Name it with the number of its trials; those that were measured again count once."""
    return search.title(len({run.config for run in search.runs}))


def setting_of(run: RunView) -> str:
    """The requests and streams that it ran with, as in ``nireq 4, streams 2``."""
    if run.config.arrivals:
        return run.config.arrivals
    effective = run.effective
    streams = f", streams {effective.streams}" if effective.streams else ""
    return f"nireq {effective.nireq}{streams}"
