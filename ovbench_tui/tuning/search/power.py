"""The energy counters of the processor packages, as Linux shows them in powercap."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from ovbench_tui.errors import BadInputError
from ovbench_tui.system.power import UJ_PER_J, package_counters
from ovbench_tui.tuning.search.objective import Goal


def no_energy() -> float:
    """Stand for a counter of joules where there is none."""
    return math.nan


def energy_reader(goal: Goal) -> Callable[[], float]:
    """A counter of joules, where the goal needs one.

    Raises:
        BadInputError: it needs one, and nothing can be read here, and why.
    """
    return EnergyMeter().read_j if goal is Goal.EFFICIENCY else no_energy


class EnergyMeter:
    """Joules of all processor packages since the meter was made.

    They count everything that runs on the machine, and nothing outside the packages.

    Args:
        root: of the file system, for tests.

    Raises:
        BadInputError: nothing can be read here, and why.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self._counters = package_counters(root)
        if not self._counters:
            raise BadInputError(
                "--objective efficiency needs the energy counters of the processor (RAPL), and"
                " this machine shows none in /sys/class/powercap: choose throughput or latency."
            )
        for counter in self._counters:
            if counter.total_uj() is None:
                raise BadInputError(
                    f"--objective efficiency: {counter.path} cannot be read, mostly because only"
                    " root may: run 'sudo chmod a+r' on it, or choose throughput or latency."
                )

    def read_j(self) -> float:
        """Joules so far; NaN when a counter has become unreadable."""
        totals_uj = [counter.total_uj() for counter in self._counters]
        if any(total_uj is None for total_uj in totals_uj):
            return math.nan
        return sum(total_uj or 0 for total_uj in totals_uj) / UJ_PER_J
