"""Where a handful of symmetric values lie: one robust estimate and its interval.

Six values or more: the Hodges-Lehmann estimate with the interval of Wilcoxon's signed-rank test
(Hollander & Wolfe, "Nonparametric Statistical Methods", section 3.2 and 3.3). It is exact for
every symmetric distribution, also for one with two modes or heavy tails, and a wild value moves
it little. Fewer values cannot reach 95 % that way: there it is the mean and Student's t.

Free of numpy, for the screen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist, fmean, stdev

from ovbench_tui.stats.comparison.student_t import t_quantile

_RANKED_FROM = 6
_EXACT_UP_TO = 60
_MOST_VALUES = 120
"""More are averaged in groups of neighbours first, for the work grows with their square."""


@dataclass(frozen=True, slots=True)
class Location:
    """An estimate with the ends of its interval; infinite where one value tells nothing of them."""

    low: float
    mid: float
    high: float


def locate(values: Sequence[float], confidence: float = 0.95) -> Location:
    """Estimate the centre of values whose errors are symmetric and not correlated.

    Args:
        values: finite, at least one, in the order in which they were measured.
        confidence: of the interval, as a fraction.
    """
    values = _grouped(values)
    count = len(values)
    if count == 1:
        return Location(-math.inf, values[0], math.inf)
    rank = _rank(count, confidence) if count >= _RANKED_FROM else 0
    if not rank:
        mid = fmean(values)
        half = t_quantile(confidence, count - 1) * stdev(values) / math.sqrt(count)
        return Location(mid - half, mid, mid + half)
    averages = sorted(
        (one + values[place]) / 2
        for number, one in enumerate(values)
        for place in range(number, count)
    )
    middle, is_odd = divmod(len(averages), 2)
    mid = averages[middle] if is_odd else (averages[middle - 1] + averages[middle]) / 2
    return Location(averages[rank - 1], mid, averages[-rank])


def _grouped(values: Sequence[float]) -> Sequence[float]:
    size = -(-len(values) // _MOST_VALUES)
    if size <= 1:
        return values
    whole = len(values) // size
    return [fmean(values[number * size : (number + 1) * size]) for number in range(whole)]


@lru_cache(maxsize=256)
def _rank(count: int, confidence: float) -> int:
    """Which average from either end bounds the interval, from 1; 0 = none holds so much."""
    tail = (1 - confidence) / 2
    if count > _EXACT_UP_TO:
        mean = count * (count + 1) / 4
        spread = math.sqrt(count * (count + 1) * (2 * count + 1) / 24)
        return max(0, math.floor(mean + NormalDist().inv_cdf(tail) * spread))
    # Of all 2^count choices of signs, how many have each sum of positive ranks.
    ways = [1] + [0] * (count * (count + 1) // 2)
    for number in range(1, count + 1):
        for total in range(len(ways) - 1, number - 1, -1):
            ways[total] += ways[total - number]
    allowed = tail * 2**count
    rank = so_far = 0
    while so_far + ways[rank] <= allowed:
        so_far += ways[rank]
        rank += 1
    return rank
