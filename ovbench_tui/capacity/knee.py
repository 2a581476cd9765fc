"""The rate at which the share of late answers is what a percentile allows, from many rounds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

from ovbench_tui.stats.comparison.student_t import t_quantile
from ovbench_tui.tuning.trial_result import Interval

ALLOWED = 0.01
"""The share over the limit of the p99."""

NEAR = 0.13
"""Rates that differ from the knee by no more than this logarithm say where it is."""

_FAR = 25 * ALLOWED
"""A larger share counts as this: how far beyond the limit a rate is says nothing of the knee."""

_SIDES = 4
"""Rounds on each side of a step, before it is taken for one."""

_ALL = 0.9
_WIDEST = 1.0
"""A logarithm on either side; an interval that reaches further says nothing."""

_PASSES = 6
_STEPS = 40
_FIRST_SLOPE, _STEEPEST = 10.0, 300.0
_ENOUGH = 1e-9


@dataclass(frozen=True, slots=True)
class Round:
    """What came of one measurement.

    Attributes:
        per_s: the rate of arrivals.
        late: answers over the limit.
        count: all of them.
    """

    per_s: float
    late: int
    count: int

    @property
    def share(self) -> float:
        """Of late answers, as far as it counts."""
        return min(self.late / self.count, _FAR)

    @property
    def keeps_limit(self) -> bool:
        """Whether the percentile of this round is under the limit."""
        return self.share <= ALLOWED


@lru_cache(maxsize=8)  # a search that is watched is looked at in every frame
def knee_of(rounds: tuple[Round, ...]) -> Interval:
    """The rate at which the share of late answers is the allowed one, and its 95 % interval.

    NaN where no round kept the limit, or every one did. Near the knee the logarithm of the
    share is taken as linear in that of the rate, and fitted as a quasi-Poisson regression
    (McCullagh and Nelder, Generalized Linear Models, 9.2): latencies of a queue come in spells, so
    the spread of the rounds says how sure it is, not their number of latencies. Shares are right
    on the average however short a round is, as its percentiles are not.
    """
    if len({one.keeps_limit for one in rounds}) < 2:
        return Interval()
    knee, found = _middle(rounds), Interval()
    for _ in range(_PASSES):
        found = _fitted(_near(rounds, knee), math.log(knee))
        if math.isnan(found.mid):
            return Interval(mid=knee)
        moved = math.exp(min(max(found.mid, -NEAR), NEAR)) * knee
        if math.isclose(moved, knee, rel_tol=_ENOUGH):
            break
        knee = moved
    near = _near(rounds, knee)
    if not max(abs(found.low - found.mid), abs(found.high - found.mid)) < _WIDEST:
        return _with_step(near, Interval(mid=knee))
    low, high = (knee * math.exp(end - found.mid) for end in (found.low, found.high))
    return _with_step(near, Interval(low, knee, high))


def _middle(rounds: Sequence[Round]) -> float:
    """The place between two rates that leaves the least on its wrong side."""
    rates = sorted({one.per_s for one in rounds})
    places = [math.sqrt(one * other) for one, other in itertools.pairwise(rates)]
    return min(places, key=lambda place: _misplaced(rounds, place), default=rates[0])


def _misplaced(rounds: Sequence[Round], knee: float) -> int:
    return sum(one.keeps_limit == (one.per_s > knee) for one in rounds)


def _near(rounds: Sequence[Round], knee: float) -> list[Round]:
    """The rounds that say where the knee is: of rates that are far too high, the lowest only."""
    near = [one for one in rounds if abs(math.log(one.per_s / knee)) <= NEAR]
    for per_s in sorted({one.per_s for one in near}):
        own = [one.share for one in near if one.per_s == per_s]
        above = [one.share for one in near if one.per_s >= per_s]
        if min(fmean(own), fmean(above)) >= _FAR * _ALL:
            return [one for one in near if one.per_s <= per_s]
    return near


def _with_step(near: Sequence[Round], knee: Interval) -> Interval:
    """Of a step, it is anywhere between the last rate that held and the first that did not."""
    holding = [one.per_s for one in near if one.keeps_limit]
    failing = [one.per_s for one in near if not one.keeps_limit]
    if min(len(holding), len(failing)) < _SIDES or max(holding) > min(failing):
        return knee
    low, high = max(holding), min(failing)
    if not math.isfinite(knee.high - knee.low):
        return Interval(low, knee.mid, high)
    return Interval(min(low, knee.low), knee.mid, max(high, knee.high))


def _fitted(near: Sequence[Round], origin: float) -> Interval:
    """Where the fitted share is the allowed one, as a logarithm from the origin.

    The interval is Fieller's, for the slope is an estimate as well; it has no end where the share
    may not grow with the rate at all.
    """
    if len(near) < 3 or len({one.per_s for one in near}) < 2:
        return Interval()
    xs = [math.log(one.per_s) - origin for one in near]
    wanted = math.log(ALLOWED)
    level, slope, mean_x = wanted, _FIRST_SLOPE, 0.0
    for _ in range(_STEPS):
        # Iteratively reweighted least squares, with weights as of Poisson counts.
        logs = [min(level + slope * (x - mean_x), 0.0) for x in xs]
        shares = [math.exp(log) for log in logs]
        weights = [one.count * share for one, share in zip(near, shares, strict=True)]
        errors = [(one.share - share) / share for one, share in zip(near, shares, strict=True)]
        aims = [log + error for log, error in zip(logs, errors, strict=True)]
        sum_, before = sum(weights), (level, slope)
        mean_x = sum(w * x for w, x in zip(weights, xs, strict=True)) / sum_
        level = sum(w * aim for w, aim in zip(weights, aims, strict=True)) / sum_
        spread = sum(w * (x - mean_x) ** 2 for w, x in zip(weights, xs, strict=True))
        rise = sum(w * (x - mean_x) * aim for w, x, aim in zip(weights, xs, aims, strict=True))
        slope = min(max(rise / spread, -_STEEPEST), _STEEPEST) if spread else 0.0
        if math.dist(before, (level, slope)) < _ENOUGH:
            break
    if slope <= 0:
        return Interval()
    freedom = len(near) - 2
    spell = max(1.0, sum(w * e**2 for w, e in zip(weights, errors, strict=True)) / freedom)
    scale = t_quantile(0.95, freedom) ** 2 * spell
    short = level - wanted
    middle = mean_x - short / slope
    curve = slope**2 - scale / spread
    root = (slope * short) ** 2 - curve * (short**2 - scale / sum_)
    if curve <= 0 or root < 0:
        return Interval(mid=middle)
    low, high = (mean_x - (slope * short + sign * math.sqrt(root)) / curve for sign in (1, -1))
    return Interval(low, middle, high)
