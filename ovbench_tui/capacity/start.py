"""The search for the capacity: rates between 0 and the most, halved until the ends are close."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, fields, replace
from time import perf_counter

from ovbench_tui.capacity.knee import Round, knee_of
from ovbench_tui.capacity.rates import inferences_per_s, round_of, surely_misses
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.load.load_options import QUEUE_LIMIT
from ovbench_tui.config.load.pattern import CONSTANT, ArrivalPattern
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.search_mark import LOAD, new_mark
from ovbench_tui.stats.sample_size import inferences_needed
from ovbench_tui.tuning.search.objective import Objective
from ovbench_tui.tuning.search.pace import Pace
from ovbench_tui.tuning.search.racing import Strategy
from ovbench_tui.tuning.search.space import Point, Variant
from ovbench_tui.tuning.trial_result import Ending, Figures, Interval, Trial
from ovbench_tui.tuning.tuner import Tuner

PRECISION = 0.04
"""Half of the capacity's 95 % interval that is small enough, as a fraction."""

_STEP = 1.02
"""From one rate that may be measured to the next."""

_RATES = 150
"""So many, down to 5 % of the most."""

_NEAR_KNEE = (5, -5, 2, -2, -2, 2, -5, 5)
"""Steps from the knee at which rounds are measured in turn; mirrored, so that a drift cancels."""

LEAST_ROUNDS, MOST_ROUNDS = 24, 96
"""Near the knee."""

_AT_THE_MOST = 4
"""Rounds near the most where the limit holds even there."""

_SEEDS = 2**31

_LIMITS_IN_ROUND = 10
"""A round lasts at least so many times the limit, or what falls behind would not show."""


@dataclass(frozen=True, slots=True)
class CapacityPlan:
    """What is searched for.

    Attributes:
        pattern: of the arrivals, whose rate is varied.
        p99_under_ms: the limit of waiting and service together.
        max_time_s: for all of it.
    """

    pattern: ArrivalPattern
    p99_under_ms: float
    max_time_s: float


@dataclass(frozen=True, slots=True)
class CapacityPace(Pace):
    """A round ends when its p99 has latencies enough, or is far beyond the limit.

    Attributes:
        limit_ms: of the p99.
    """

    least_s: float = 4.0
    most_s: float = 20.0
    race_s: float = 1.5
    slowest_s: float = 120.0
    has_finals: bool = False
    limit_ms: float = math.inf

    def ending(
        self, figures: Figures, score: Interval, is_worse: Callable[[Interval], bool]
    ) -> Ending | None:
        """Why the measurement is over; None = it is not. The closed loop ends as in a sweep."""
        load = figures.load
        if load is None:
            return _CLOSED.ending(figures, score, is_worse)
        if figures.windows < 3:
            return None
        if figures.seconds >= self.race_s and surely_misses(figures):
            return Ending.WORSE
        least_s = min(self.most_s, max(self.least_s, _LIMITS_IN_ROUND * self.limit_ms / 1e3))
        if figures.seconds >= least_s and load.served >= inferences_needed(99):
            return Ending.STABLE
        return Ending.NOISY if figures.seconds >= self.most_s else None


_CLOSED = Pace(precision=0.03, least_s=1.5, most_s=6.0, race_s=math.inf)


class _ClosedLoop(Point):
    """As fast as it goes: the options that only arrivals have are for the rates."""

    __slots__ = ()

    def config(self, base: BenchmarkConfig) -> BenchmarkConfig:
        """As any point, without them."""
        return super().config(replace(base, queue_limit=QUEUE_LIMIT, timeout_ms=0.0))


@dataclass(frozen=True, slots=True)
class CapacityObjective(Objective):
    """A limit of the p99 that is to hold."""

    def misfit(self, effective: EffectiveConfig) -> str:
        """Why it means nothing for what runs, in a sentence; '' = it does."""
        if not effective.generates:
            return ""
        return (
            "load is for models of single inferences, and this one generates tokens, for which"
            " there are no arrivals: use sweep for tokens/s and latencies over concurrency."
        )


def make_capacity_search(
    base: BenchmarkConfig,
    plan: CapacityPlan,
    clock: Callable[[], float] = perf_counter,
) -> Tuner:
    """Begin a search; its time runs from now on."""
    return Tuner(
        replace(base, p99_under_ms=plan.p99_under_ms),
        find_capacity(variant_of(base), base.nireq, plan.pattern),
        CapacityObjective(p99_under_ms=plan.p99_under_ms),
        size=0,
        max_time_s=plan.max_time_s,
        pace=CapacityPace(limit_ms=plan.p99_under_ms),
        search=new_mark(LOAD),
        clock=clock,
    )


def variant_of(base: BenchmarkConfig) -> Variant:
    """What of a configuration takes a compile, and stays as it is."""
    return Variant(**{field.name: getattr(base, field.name) for field in fields(Variant)})


def find_capacity(variant: Variant, nireq: int, pattern: ArrivalPattern) -> Strategy:
    """The closed loop for the most, then rates below it, which are some steps of 2 %.

    First the place of the knee, by halving what is between a rate that holds and one that does
    not, with a single round at each. Then rounds on both sides of where the knee seems to be, until
    its interval is small: latencies near it are long and vary, and only many rounds average.
    """
    most = yield _ClosedLoop(variant, nireq)
    most_per_s = inferences_per_s(most)
    if not most_per_s > 0:
        return
    most_per_s = pattern.at_rate(most_per_s).rate  # which has a limit of its own
    grid = [rounded(most_per_s / _STEP**number) for number in range(_RATES)]
    rounds = _Rounds(variant, nireq, pattern)
    fails, holds = -1, len(grid)
    while holds - fails > 1:
        middle = (fails + holds) // 2
        keeps_limit = yield from rounds.measure(grid[middle])
        if keeps_limit is None:
            return
        if keeps_limit:
            holds = middle
        else:
            fails = middle
    if holds == len(grid):
        return
    for number in range(MOST_ROUNDS):
        knee = knee_of(tuple(rounds.known))
        if number >= LEAST_ROUNDS and not knee.half_width > PRECISION:
            return
        if math.isnan(knee.mid) and number >= _AT_THE_MOST:
            return
        place = holds if math.isnan(knee.mid) else _nearest(grid, knee.mid)
        place += _NEAR_KNEE[number % len(_NEAR_KNEE)]
        if (yield from rounds.measure(grid[min(max(place, 0), len(grid) - 1)])) is None:
            return


def _nearest(grid: Sequence[float], per_s: float) -> int:
    return min(range(len(grid)), key=lambda place: abs(grid[place] - per_s))


def rounded(per_s: float) -> float:
    """A rate that can be read."""
    return float(f"{per_s:.4g}")


class _Rounds:
    """Measures rates, each time with other gaps between the arrivals."""

    def __init__(self, variant: Variant, nireq: int, pattern: ArrivalPattern) -> None:
        self._variant = variant
        self._nireq = nireq
        self._pattern = pattern
        self.known: list[Round] = []

    def measure(self, per_s: float) -> Generator[Point, Trial, bool | None]:
        """Measure a round; tells whether the limit was kept in it, None = it has failed."""
        pattern = self._pattern.at_rate(per_s)
        if pattern.kind != CONSTANT:
            pattern = replace(pattern, seed=(pattern.seed + len(self.known)) % _SEEDS)
        trial = yield Point(self._variant, self._nireq, pattern.text)
        found = round_of(per_s, trial)
        if found is None:
            return None
        self.known.append(found)
        return found.keeps_limit
