"""What is being done before figures come, and how long it may take."""

from __future__ import annotations

import math

from ovbench_tui.engine.api.events import WorkerState
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.settings.recent import RecentModels

_LEAST_TOLD_S = 1.0


def stage(snapshot: Snapshot, recent: RecentModels) -> tuple[str, float, float]:
    """Return what goes on, for how many seconds it has, and how many it took the last time.

    The text is '' when nothing goes on; the last time is NaN where it is not known or too short
    to be told.
    """
    if snapshot.background:
        expected_s = math.nan
        if snapshot.background.startswith("compiling"):
            expected_s = _last_compile_s(snapshot, recent)
        return snapshot.background, snapshot.background_s, expected_s
    if snapshot.state is WorkerState.WARMING_UP and snapshot.run is not None:
        return "warming up", snapshot.run.stats.warmup_s, math.nan
    return "", 0.0, math.nan


def _last_compile_s(snapshot: Snapshot, recent: RecentModels) -> float:
    requested = snapshot.requested
    times_s = [
        run.compile_ms / 1000
        for run in snapshot.runs
        if (run.config.model, run.config.device) == (requested.model, requested.device)
    ]
    found_s = times_s[-1] if times_s else recent.compile_s(requested.model, requested.device)
    return found_s if found_s >= _LEAST_TOLD_S else math.nan
