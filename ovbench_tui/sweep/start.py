"""A sweep: every point of a grid in order, each until its throughput is steady."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.search_mark import SWEEP, new_mark
from ovbench_tui.tuning.search.objective import Objective
from ovbench_tui.tuning.search.pace import Pace
from ovbench_tui.tuning.search.racing import Strategy
from ovbench_tui.tuning.search.space import Point, SearchSpace
from ovbench_tui.tuning.trial_result import Ending
from ovbench_tui.tuning.tuner import Tuner

STEADY = Pace(
    precision=0.03, least_s=1.5, most_s=10.0, race_s=math.inf, slowest_s=30.0, has_finals=False
)
"""Nothing is cut short for being worse, and nothing is measured twice."""


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What is swept, and how long at most."""

    space: SearchSpace
    max_time_s: float


def make_sweep(
    base: BenchmarkConfig,
    plan: SweepPlan,
    pace: Pace = STEADY,
    clock: Callable[[], float] = perf_counter,
) -> Tuner:
    """Begin a sweep; its time runs from now on."""
    return Tuner(
        base,
        every_point(plan.space),
        Objective(),
        size=plan.space.size,
        max_time_s=plan.max_time_s,
        pace=pace,
        search=new_mark(SWEEP),
        clock=clock,
    )


def every_point(space: SearchSpace) -> Strategy:
    """The whole grid, one compiled model after the other, few requests before many."""
    for variant in reversed(space.variants):
        for nireq in space.nireq:
            trial = yield Point(variant, nireq)
            if trial.ending is Ending.SAME:
                break  # all its points are those of another
