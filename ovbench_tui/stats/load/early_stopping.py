"""MLPerf LoadGen's early stopping: what a percentile surely is under, from few or many queries.

With n queries and a percentile p, at most t of the latencies may lie beyond a bound so that, with
99 % confidence, the share p of all queries to come is under it: t is the largest number for which
a binomial variable of n trials, each beyond with the chance 1 - p, is at most t with a probability
of less than 1 %. So the estimate of the percentile is the t-th longest latency.

From the appendix "Early Stopping Criterion" of the MLPerf Inference Rules
(github.com/mlcommons/inference_policies, inference_rules.adoc; tolerance 0, confidence 0.99) and
LoadGen's own early_stopping.cc and results.cc (github.com/mlcommons/inference, loadgen/).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_CHANCE = 0.01
_NEGLIGIBLE = 1e-12


def allowed_beyond(count: int, percent: float) -> int:
    """How many of so many queries may lie beyond a bound that the percentile is surely under.

    Returns:
        -1 where even none of them would not be enough.
    """
    beyond = 1 - percent / 100
    low, high = -1, math.floor(count * beyond)  # at the mean the chance is about a half
    while low < high:
        middle = (low + high + 1) // 2
        if _chance_of_at_most(middle, count, beyond) < _CHANCE:
            low = middle
        else:
            high = middle - 1
    return low


def estimate_ms(bins: Sequence[tuple[float, float, int]], percent: float, missed: int = 0) -> float:
    """The early-stopping estimate of a percentile; NaN where there are too few queries.

    Args:
        bins: of a histogram of latencies, ascending: lower and upper edge in ms, and count.
        missed: queries that have no latency, and count as longer than any.
    """
    count = sum(number for _, _, number in bins)
    return longest_ms(bins, allowed_beyond(count + missed, percent) - missed)


def longest_ms(bins: Sequence[tuple[float, float, int]], place: int) -> float:
    """The latency at a place from the longest, which is 1; NaN where there is none.

    Within 0.5 %, since a bin is at most 0.9 % wide.
    """
    if place < 1:
        return math.nan
    seen = 0
    for low_ms, high_ms, number in reversed(bins):
        seen += number
        if seen >= place:
            return math.sqrt(low_ms * high_ms)
    return math.nan


def _chance_of_at_most(most: int, count: int, chance: float) -> float:
    """Binomial: so many or fewer of `count`; `most` is not above the mean."""
    log = (
        math.lgamma(count + 1)
        - math.lgamma(most + 1)
        - math.lgamma(count - most + 1)
        + most * math.log(chance)
        + (count - most) * math.log1p(-chance)
    )
    term = sum_ = math.exp(log)
    odds = (1 - chance) / chance
    for number in range(most, 0, -1):  # below the mean each term is smaller than the one before
        term *= number / (count - number + 1) * odds
        sum_ += term
        if term < _NEGLIGIBLE * sum_:
            break
    return sum_
