"""What is searched, what for, and how long at most."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.tuning.objective import Objective
from ovbench_tui.tuning.space import SearchSpace


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """One search.

    Attributes:
        max_time_s: for everything.
    """

    space: SearchSpace
    objective: Objective
    max_time_s: float
