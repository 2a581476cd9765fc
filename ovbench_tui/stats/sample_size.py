"""Percentiles of latencies: what they are, and how many inferences they need."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_CHANCE_OF_TOO_FEW = 0.01


@cache
def inferences_needed(percent: float) -> int:
    """Return the smallest sample from which this percentile may be told.

    So many inferences that, with 99 % confidence, at least two of them lie beyond the
    percentile: 64 for p90, 662 for p99, 6636 for p99.9. These are the floors of MLPerf
    LoadGen's early stopping. From fewer, the percentile is often no more than the maximum.

    Args:
        percent: above 0 and at most 100; 100 is the maximum, which any sample has.
    """
    beyond = 1 - percent / 100
    if beyond <= 0:
        return 1
    low, high = 1, 2
    while _chance_of_too_few(high, beyond) > _CHANCE_OF_TOO_FEW:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        if _chance_of_too_few(middle, beyond) > _CHANCE_OF_TOO_FEW:
            low = middle + 1
        else:
            high = middle
    return low


def nearest_rank(ascending: npt.NDArray[np.float64], percent: float) -> float:
    """A percentile as benchmark_app has it, one of the values; NaN of nothing."""
    if not ascending.size:
        return math.nan
    return float(ascending[math.ceil(ascending.size * percent / 100) - 1])


def measured_percentile(value_ms: float, percent: float, count: int) -> float:
    """The percentile of so many latencies; NaN where it is nothing but the largest of them."""
    return math.nan if math.ceil(count * percent / 100) >= count else value_ms


def measured_rate(value: float, count: int) -> float:
    """The rate of so many completions; NaN of fewer than two, which have no time between them."""
    return value if count > 1 and value > 0 else math.nan


def _chance_of_too_few(count: int, beyond: float) -> float:
    """Binomial chance of none or one of `count` lying beyond."""
    if beyond >= 1:
        return 0.0
    none = count * math.log1p(-beyond)
    one = math.log(count * beyond) + (count - 1) * math.log1p(-beyond)
    return math.exp(none) + math.exp(one)
