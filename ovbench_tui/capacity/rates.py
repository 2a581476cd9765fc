"""What was measured at each rate of arrivals, whether the limit holds there, and the capacity."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from statistics import fmean, stdev

from ovbench_tui.capacity.knee import Round, knee_of
from ovbench_tui.config.load.pattern import parse_arrivals
from ovbench_tui.stats.comparison.student_t import t_quantile
from ovbench_tui.stats.run_stats import LoadStats
from ovbench_tui.tuning.state import TuningState
from ovbench_tui.tuning.trial_result import Ending, Figures, Interval, Trial

_LEFT = 0.02
"""So much of what came may be left at the end, or it was too slow for the rate."""

_STRETCH = 2.0
"""Latencies of a queue come in long and short spells, so an interval as of independent ones is
too narrow: near the knee of M/D/1 by about this factor."""

_SPREAD_FROM = 3
"""Rounds whose spread says how sure their mean is."""

_FEWEST, _FAR = 10, 0.25
_NEARLY = 0.96
"""Where a rate of so much of the most holds, and none was seen to fail, so does the most."""


class Verdict(Enum):
    """Whether the limit is kept at a rate.

    Attributes:
        OPEN: within the knee's interval.
    """

    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "undecided"


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate of arrivals, and the rounds in which it was measured, each with other gaps.

    Attributes:
        per_s: arrivals a second as they were requested.
    """

    per_s: float
    rounds: tuple[Trial, ...]

    @property
    def figures(self) -> tuple[Figures, ...]:
        """Of the rounds that ran."""
        return tuple(trial.figures for trial in self.rounds if trial.figures.load is not None)

    @property
    def loads(self) -> tuple[LoadStats, ...]:
        """What became of the arrivals of each round."""
        return tuple(one.load for one in self.figures if one.load is not None)

    @property
    def seconds(self) -> float:
        """Measured, of all rounds."""
        return sum(one.seconds for one in self.figures)

    @property
    def offered_per_s(self) -> float:
        """Arrivals that came; NaN where nothing was measured."""
        return _mean(load.offered_per_s for load in self.loads)

    @property
    def served_per_s(self) -> float:
        """Arrivals that were served."""
        return _mean(load.served_per_s for load in self.loads)

    @property
    def dropped(self) -> int:
        """Arrivals that were dropped, of all rounds."""
        return sum(load.dropped for load in self.loads)

    @property
    def dropped_per_s(self) -> float:
        """The same a second."""
        return _mean(load.dropped_per_s for load in self.loads)

    @property
    def waiting_ms(self) -> float:
        """Mean time from the arrival to the start."""
        return _mean(load.waiting.mean_ms for load in self.loads)

    @property
    def p50_ms(self) -> float:
        """Median of waiting and service, the mean of the rounds."""
        return _mean(one.p50_ms.mid for one in self.figures)

    @property
    def p99_ms(self) -> Interval:
        """The p99 of waiting and service over the rounds, with its 95 % interval.

        Of several rounds by their spread: they are independent, as the latencies in one are not.
        """
        known = [one.p99_ms for one in self.figures if one.p99_ms.mid > 0]
        if not known:
            return Interval()
        logs = [math.log(one.mid) for one in known]
        mid = math.exp(fmean(logs))
        if len(known) < _SPREAD_FROM:
            stretched = [_stretched(one) for one in known]
            return Interval(
                min(low for low, _ in stretched), mid, max(high for _, high in stretched)
            )
        half = t_quantile(0.95, len(logs) - 1) * stdev(logs) / math.sqrt(len(logs))
        return Interval(mid * math.exp(-half), mid, mid * math.exp(min(half, 700.0)))

    @property
    def overload(self) -> str:
        """Why the rate is too high whatever its latencies, in a few words; '' = it may not be."""
        if self.dropped:
            return f"{self.dropped:,} dropped"
        reasons = [reason for trial in self.rounds if (reason := overload_of(trial))]
        return reasons[-1] if 2 * len(reasons) > len(self.rounds) else ""

    @property
    def late(self) -> tuple[Round, ...]:
        """How many were late in each round that ran; all of them where it was too much anyway."""
        rounds = (round_of(self.per_s, trial) for trial in self.rounds)
        return tuple(one for one in rounds if one is not None)

    @property
    def failure(self) -> str:
        """Why it could not be measured, in a sentence; '' = it could."""
        return "" if self.late else next((one.reason for one in self.rounds if one.reason), "")


def overload_of(trial: Trial) -> str:
    """Why a round shows the rate to be too high whatever its latencies; '' = it does not."""
    load = trial.figures.load
    if load is None:
        return ""
    if load.dropped:
        return f"{load.dropped:,} dropped"
    # By Little's law so many are in there as come in the time that one takes.
    inside = load.served_per_s * (load.waiting.mean_ms + load.service.mean_ms) / 1e3
    allowed = inside + _LEFT * load.offered + (trial.run.effective.nireq if trial.run else 0)
    return "served falls behind" if load.unserved > allowed else ""


def round_of(per_s: float, trial: Trial) -> Round | None:
    """What a trial says of where the knee is; None = it has failed."""
    load = trial.figures.load
    if load is None or not load.served:
        return None
    late = load.served if overload_of(trial) else trial.figures.over_limit
    return Round(per_s, late, load.served)


def surely_misses(figures: Figures) -> bool:
    """Whether a round need not go on, since far too many latencies are over the limit."""
    load, late = figures.load, figures.over_limit
    return load is not None and late >= _FEWEST and late > _FAR * load.served


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is known of the highest rate at which the limit holds.

    Attributes:
        limit_ms: of the p99 of waiting and service together.
        rates: ascending.
        most: the closed loop; None = not measured yet.
        knee: the rate at which the p99 reaches the limit, and its 95 % interval; not known (NaN)
            before rates on both sides of it were measured.
    """

    limit_ms: float
    rates: tuple[Rate, ...]
    most: Trial | None = None
    knee: Interval = field(default_factory=Interval)

    @property
    def most_per_s(self) -> float:
        """Inferences a second with all requests busy, more than which cannot be served."""
        return inferences_per_s(self.most) if self.most is not None else math.nan

    @property
    def is_known(self) -> bool:
        """Whether there is a capacity with an interval."""
        return math.isfinite(self.knee.high - self.knee.low)

    def verdict(self, rate: Rate) -> Verdict:
        """Whether the limit holds at this rate.

        It does where even the upper end of the p99 is under the limit, which is below the lower
        end of the knee's interval, and nothing is dropped or left behind.
        """
        if rate.overload or rate.per_s >= self.knee.high:
            return Verdict.FAILS
        return Verdict.HOLDS if rate.per_s <= self.knee.low else Verdict.OPEN

    def utilisation(self, rate: Rate) -> float:
        """Offered over the most that can be served; NaN while that is not known."""
        return rate.offered_per_s / self.most_per_s if self.most_per_s > 0 else math.nan


def capacity_of(board: TuningState) -> Capacity:
    """The rates that a search has measured."""
    limit_ms = board.objective.p99_under_ms or math.inf
    trials = [trial for trial in board.trials if trial.ending is not Ending.SAME]
    closed = [trial for trial in trials if not trial.point.arrivals and trial.has_run]
    rates = _rates_of(trials)
    capacity = Capacity(limit_ms, rates, closed[0] if closed else None)
    return replace(capacity, knee=_knee(rates, capacity.most_per_s))


def _knee(rates: Sequence[Rate], most_per_s: float) -> Interval:
    highest = max((rate.per_s for rate in rates if rate.late), default=0.0)
    rounds = tuple(one for rate in rates for one in rate.late)
    if highest >= _NEARLY * most_per_s and all(one.keeps_limit for one in rounds):
        return Interval(highest, most_per_s, most_per_s)
    return knee_of(rounds)


def _rates_of(trials: Sequence[Trial]) -> tuple[Rate, ...]:
    """The trials of an open loop by their rates, ascending."""
    by_rate: dict[float, list[Trial]] = {}
    for trial in trials:
        if trial.point.arrivals:
            by_rate.setdefault(parse_arrivals(trial.point.arrivals).rate, []).append(trial)
    return tuple(Rate(per_s, tuple(by_rate[per_s])) for per_s in sorted(by_rate))


def inferences_per_s(trial: Trial) -> float:
    """Of a closed loop; NaN where it did not run."""
    if not trial.has_run or trial.run is None or not trial.run.stats.frames:
        return math.nan
    stats = trial.run.stats
    return trial.figures.fps.mid * stats.count / stats.frames


def capacity_sentence(capacity: Capacity) -> str:
    """Say what the capacity is; '' before anything is measured."""
    measured = [rate for rate in capacity.rates if rate.late]
    if not measured:
        return ""
    knee, limit = capacity.knee, f"p99 under {capacity.limit_ms:g} ms"
    if capacity.is_known:
        share = knee.mid / capacity.most_per_s
        of_most = f", {share:.0%} of the most that it can serve" if share == share else ""
        return (
            f"Capacity: {limit} holds up to {_per_s(knee.mid)} (95 % interval"
            f" {_per_s(knee.low)} to {_per_s(knee.high)}){of_most}."
        )
    if knee.mid == knee.mid:
        return (
            f"Capacity near {_per_s(knee.mid)} with {limit}: too little was measured for an"
            " interval."
        )
    lowest, highest = measured[0], measured[-1]
    if all(one.keeps_limit for one in lowest.late):
        return f"With {limit} it can serve {_per_s(highest.per_s)}; no higher rate was measured."
    found = lowest.overload or f"the p99 is {lowest.p99_ms.mid:.3g} ms"
    return (
        f"No capacity: {limit} holds at none of the rates, of which the lowest is"
        f" {_per_s(lowest.per_s)}: {found}."
    )


def _per_s(rate: float) -> str:
    return f"{rate:.4g}/s"


def _stretched(p99_ms: Interval) -> tuple[float, float]:
    """The ends of an interval as of independent latencies, further apart by the logarithm."""
    if not (p99_ms.mid > 0 and p99_ms.low > 0):
        return 0.0, math.inf
    low = p99_ms.mid * (p99_ms.low / p99_ms.mid) ** _STRETCH
    return low, p99_ms.mid * (p99_ms.high / p99_ms.mid) ** _STRETCH


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if value == value]
    return fmean(known) if known else math.nan
