"""The Pareto front of the configurations tried."""

from __future__ import annotations

from collections.abc import Iterable

from ovbench_tui.stats import pareto
from ovbench_tui.tuning.search.space import Point
from ovbench_tui.tuning.trial_result import Trial


def pareto_front(trials: Iterable[Trial]) -> tuple[Point, ...]:
    """The points to which no other is ahead in FPS and p99 both, by rising p99."""
    return pareto.pareto_front(
        (trial.point, trial.figures.p99_ms.mid, trial.figures.fps.mid)
        for trial in trials
        if trial.has_run
    )
