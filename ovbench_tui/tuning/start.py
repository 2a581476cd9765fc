"""A tuner for a plan; the same for the command line and the screen."""

from __future__ import annotations

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.search_mark import TUNE, new_mark
from ovbench_tui.tuning.search.objective import SearchPlan
from ovbench_tui.tuning.search.power import energy_reader
from ovbench_tui.tuning.search.racing import ladder_search
from ovbench_tui.tuning.search.space import usable_cpus
from ovbench_tui.tuning.tuner import Tuner


def make_tuner(base: BenchmarkConfig, plan: SearchPlan) -> Tuner:
    """Begin a search; its time runs from now on.

    Raises:
        BadInputError: the objective needs energy counters, and there are none.
    """
    return Tuner(
        base,
        ladder_search(plan.space, plan.objective.goal, cpus=usable_cpus()),
        plan.objective,
        size=plan.space.size,
        max_time_s=plan.max_time_s,
        read_energy=energy_reader(plan.objective.goal),
        search=new_mark(TUNE),
    )
