"""What is said of the runs of a search where they are one line."""

from __future__ import annotations

import math

from ovbench_tui.engine.api.search_mark import SearchTrials
from ovbench_tui.engine.api.snapshot import RunView


def best_of(search: SearchTrials[RunView]) -> RunView:
    """The run with the most FPS."""
    return max(
        search.runs,
        key=lambda run: -math.inf if math.isnan(run.stats.fps_mean) else run.stats.fps_mean,
    )


def title_of(search: SearchTrials[RunView]) -> str:
    """Name it with the number of its trials; those that were measured again count once."""
    return search.title(len({run.config for run in search.runs}))


def setting_of(run: RunView) -> str:
    """The requests and streams that it ran with, as in ``nireq 4, streams 2``."""
    effective = run.effective
    streams = f", streams {effective.streams}" if effective.streams else ""
    return f"nireq {effective.nireq}{streams}"
