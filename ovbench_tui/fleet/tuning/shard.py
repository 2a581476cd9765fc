"""A part of a search, for one of several machines of a kind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.tuning.search.finals import order_of_rounds
from ovbench_tui.tuning.search.objective import Objective
from ovbench_tui.tuning.search.pace import Pace
from ovbench_tui.tuning.search.power import energy_reader
from ovbench_tui.tuning.search.racing import Strategy, ladder_search
from ovbench_tui.tuning.search.space import Point, SearchSpace, usable_cpus
from ovbench_tui.tuning.trial_result import Trial
from ovbench_tui.tuning.tuner import Tuner

_SEARCH = Pace(rounds=0)
_PACE = Pace()
_FINALS = Pace(precision=math.inf, least_s=_PACE.final_s, race_s=math.inf, rounds=0)
"""The finals compare whole rounds, so each of their measurements takes the same time."""


@dataclass(frozen=True, slots=True)
class Shard:
    """What one machine is to measure.

    Attributes:
        number: tells the shares of a search apart.
        space: to be searched, where nothing is to be measured in turn.
        best: of all machines so far, to race against.
        in_turn: finalists, measured `rounds` times forwards and backwards.
        search: the mark that its runs get, the same on all machines; '' = none.
    """

    number: int
    space: SearchSpace
    objective: Objective
    best: Trial | None = None
    in_turn: tuple[Point, ...] = ()
    rounds: int = 0
    search: str = ""


def start_share(base: BenchmarkConfig, share: Shard) -> Tuner:
    """Begin to measure a share on this machine; who gave it decides how long it may take.

    Raises:
        BadInputError: the objective needs energy counters, and there are none.
    """
    goal = share.objective.goal
    walk = (
        _in_turn(share.in_turn, share.rounds)
        if share.in_turn
        else ladder_search(share.space, goal, cpus=usable_cpus(), best=share.best)
    )
    return Tuner(
        base,
        walk,
        share.objective,
        size=share.space.size,
        known=() if share.best is None else (share.best,),
        max_time_s=math.inf,
        pace=_FINALS if share.in_turn else _SEARCH,
        read_energy=energy_reader(goal),
        search=share.search,
    )


def _in_turn(points: Sequence[Point], rounds: int) -> Strategy:
    for _, place in order_of_rounds(len(points), rounds):
        yield points[place]
