"""The trade between throughput and latency: what nothing else beats in both."""

from __future__ import annotations

from collections.abc import Iterable

from ovbench_tui.tuning.space import Point
from ovbench_tui.tuning.trial_result import Trial


def pareto_front(trials: Iterable[Trial]) -> tuple[Point, ...]:
    """The points to which no other is ahead in FPS and p99 both, by rising p99."""
    ranked = sorted(
        (trial for trial in trials if trial.has_run and trial.figures.p99_ms.mid > 0),
        key=lambda trial: (trial.figures.p99_ms.mid, -trial.figures.fps.mid),
    )
    front: list[Point] = []
    best_fps = 0.0
    for trial in ranked:
        if trial.figures.fps.mid > best_fps:
            best_fps = trial.figures.fps.mid
            front.append(trial.point)
    return tuple(front)
