"""Whether a series of windows goes up or down, beyond its noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Trend:
    """What a series does over its whole length.

    Attributes:
        change: of the fitted line from its first to its last moment, as a fraction of the
            median; negative = a fall.
        tau: Kendall's tau against time, -1 to 1: how monotone the series is.
        z: of the Mann-Kendall test; its size is above 2.58 by chance in 1 % of all series
            without a trend.
        scatter: standard deviation about the line, as a fraction of the median.
    """

    change: float = 0.0
    tau: float = 0.0
    z: float = 0.0
    scatter: float = 0.0


def trend_of(times_s: npt.NDArray[np.float64], values: npt.NDArray[np.float64]) -> Trend:
    """Fit a line by Theil and Sen, and test for a trend by Mann and Kendall.

    Both look at all pairs of windows and at ranks or medians only, so that one window that
    went wrong makes no trend.

    Args:
        times_s: shape [n], rising; values: shape [n]. Fewer than 3 values have no trend.
    """
    count = values.size
    if count < 3:
        return Trend()
    middle = float(np.median(values))
    if not middle:
        return Trend()
    earlier, later = np.triu_indices(count, 1)
    steps = values[later] - values[earlier]
    spans_s = times_s[later] - times_s[earlier]
    slope = float(np.median(steps / np.maximum(spans_s, 1e-9)))
    score = float(np.sign(steps).sum())
    spread = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    about_line = values - slope * times_s
    return Trend(
        change=slope * float(times_s[-1] - times_s[0]) / middle,
        tau=2 * score / (count * (count - 1)),
        z=math.copysign(max(0.0, abs(score) - 1), score) / spread,
        scatter=float(about_line.std()) / abs(middle),
    )
