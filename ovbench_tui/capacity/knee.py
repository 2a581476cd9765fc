"""The rate at which the share of late answers is what a percentile allows, from many rounds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ovbench_tui.stats.comparison.student_t import t_quantile
from ovbench_tui.tuning.trial_result import Interval

ALLOWED = 0.01
"""The share over the limit of the p99."""

NEAR = 0.13
"""Rates that differ from the knee by no more than this logarithm say where it is."""

_MOST = 25 * ALLOWED
"""A larger share counts as this: how far beyond the limit a rate is says nothing of the knee."""

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
        return min(self.late / self.count, _MOST)

    @property
    def keeps_limit(self) -> bool:
        """Whether the percentile of this round is under the limit."""
        return self.share <= ALLOWED


@lru_cache(maxsize=8)  # a search that is watched is looked at in every frame
def knee_of(rounds: tuple[Round, ...]) -> Interval:
    """The rate at which the share of late answers is the allowed one, and its 95 % interval.

    NaN where no round kept the limit, or every one did. Near the knee the logarithm of the share
    is taken as linear in that of the rate, and fitted as a quasi-Poisson regression (McCullagh and
    Nelder, Generalized Linear Models, 9.2): latencies of a queue come in spells, so the spread of
    the rounds says how sure it is, not their number of latencies. Shares are right on the average
    however short a round is, as its percentiles are not.
    """
    if len({one.keeps_limit for one in rounds}) < 2:
        return Interval()
    knee, found = _middle(rounds), Interval()
    for _ in range(_PASSES):
        near = [one for one in rounds if abs(math.log(one.per_s / knee)) <= NEAR]
        found = _fitted(near, math.log(knee))
        if math.isnan(found.mid):
            return Interval(mid=knee)
        moved = math.exp(min(max(found.mid, -NEAR), NEAR)) * knee
        if math.isclose(moved, knee, rel_tol=_ENOUGH):
            break
        knee = moved
    if not math.isfinite(found.high - found.low):
        return Interval(mid=knee)
    return Interval(
        *(knee * math.exp(end - found.mid) for end in (found.low, found.mid, found.high))
    )


def _middle(rounds: Sequence[Round]) -> float:
    """The place between two rates that leaves the least on its wrong side."""
    rates = sorted({one.per_s for one in rounds})
    places = [math.sqrt(one * other) for one, other in itertools.pairwise(rates)]
    return min(places, key=lambda place: _misplaced(rounds, place), default=rates[0])


def _misplaced(rounds: Sequence[Round], knee: float) -> float:
    return sum(abs(one.share - ALLOWED) for one in rounds if one.keeps_limit == (one.per_s > knee))


def _fitted(near: Sequence[Round], origin: float) -> Interval:
    """Where the fitted share is the allowed one, as a logarithm from the origin.

    The interval is Fieller's, for the slope is an estimate as well; it has no end where the share
    may not grow with the rate at all.
    """
    if len(near) < 3 or len({one.per_s for one in near}) < 2:
        return Interval()
    points = [(math.log(one.per_s) - origin, one.share, float(one.count)) for one in near]
    wanted = math.log(ALLOWED)
    level, slope, mean_x = wanted, _FIRST_SLOPE, 0.0
    for _ in range(_STEPS):
        # Iteratively reweighted least squares, with weights as of Poisson counts.
        fits = [math.exp(min(level + slope * (x - mean_x), 0.0)) for x, _, _ in points]
        weights = [n * fit for (_, _, n), fit in zip(points, fits, strict=True)]
        aims = [
            level + slope * (x - mean_x) + (y - fit) / fit
            for (x, y, _), fit in zip(points, fits, strict=True)
        ]
        sum_, before = sum(weights), slope
        mean_x = sum(w * x for w, (x, _, _) in zip(weights, points, strict=True)) / sum_
        level = sum(w * aim for w, aim in zip(weights, aims, strict=True)) / sum_
        spread = sum(w * (x - mean_x) ** 2 for w, (x, _, _) in zip(weights, points, strict=True))
        rise = sum(
            w * (x - mean_x) * aim for w, (x, _, _), aim in zip(weights, points, aims, strict=True)
        )
        slope = min(max(rise / spread, -_STEEPEST), _STEEPEST) if spread else 0.0
        if abs(slope - before) < _ENOUGH:
            break
    if slope <= 0:
        return Interval()
    freedom = len(near) - 2
    squares = sum(n * (y - fit) ** 2 / fit for (_, y, n), fit in zip(points, fits, strict=True))
    error = t_quantile(0.95, freedom) ** 2 * max(1.0, squares / freedom)
    short = level - wanted
    middle = mean_x - short / slope
    curve = slope**2 - error / spread
    root = (slope * short) ** 2 - curve * (short**2 - error / sum_)
    if curve <= 0 or root < 0:
        return Interval(mid=middle)
    low, high = (mean_x - (slope * short + sign * math.sqrt(root)) / curve for sign in (1, -1))
    return Interval(low, middle, high)
