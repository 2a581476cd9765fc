"""Effect size: how far the windows of two runs keep apart, whatever their distribution."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

_WORDS = ((0.147, "negligible"), (0.33, "small"), (0.474, "medium"))


def cliffs_delta(baseline: npt.NDArray[np.float64], values: npt.NDArray[np.float64]) -> float:
    """Share of pairs in which the value is above the baseline's, less that in which it is below.

    From -1 (every value is below every one of the baseline's) to 1; NaN without any pair.
    Source: Cliff (1993), "Dominance statistics", Psychological Bulletin 114.

    Args:
        baseline, values: [m] and [n].
    """
    if not baseline.size or not values.size:
        return math.nan
    ordered = np.sort(baseline)
    below = np.searchsorted(ordered, values, side="left").sum()
    not_above = np.searchsorted(ordered, values, side="right").sum()
    return float(below + not_above) / (baseline.size * values.size) - 1.0


def effect_word(delta: float) -> str:
    """Put it in a word, by the limits of Romano et al. (2006); '' for NaN."""
    if math.isnan(delta):
        return ""
    size = abs(delta)
    return next((word for limit, word in _WORDS if size < limit), "large")
