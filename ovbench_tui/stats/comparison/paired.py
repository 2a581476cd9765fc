"""The ratio of two alternating configurations, from pairs of neighbouring slices.

What changes slowly (clocks, temperature, neighbours) hits both slices of a pair alike and
cancels in their ratio; the order A B, B A cancels what changes steadily within a pair, too.
The ratios of pairs are therefore hardly correlated, and the interval can be that of a mean:
Student's t on their logarithms, which makes B/A and A/B the same statement.

Slices that a neighbour disturbs give a few ratios far from the others. A fifth of the logarithms
at each end is therefore trimmed, and their spread is that of the winsorized ones (Tukey &
McLaughlin 1963, "Less vulnerable confidence and significance procedures for location based on a
single sample"). Against the median with a bootstrap it is narrower, needs no random numbers, so
that the figure does not flicker, and holds for a handful of pairs, which a bootstrap does not.

The interval is meant for a moment chosen beforehand, as by -t. Who watches it and stops as soon
as it leaves out 1 will be wrong more often than its confidence says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.comparison.student_t import t_quantile
from ovbench_tui.stats.run_stats import PairedRatio

LEAST_PAIRS = 4
"""With fewer nothing can be said of how pairs vary."""

_TRIMMED = 0.2
_CONFIDENCE = 0.95
_MOST_FREEDOM = 120
"""Beyond that the quantile falls by less than a percent, and takes long to find."""


def paired_ratio(
    figure: str, a: Sequence[float], b: Sequence[float], *, confidence: float = _CONFIDENCE
) -> PairedRatio:
    """Return the ratio of B to A with its interval.

    Args:
        figure: what it is called.
        a, b: the figure of each pair's slices, in the same order, [n]; a pair in which one of
            the two is not known or 0 is left out.
        confidence: of the interval, as a fraction.
    """
    sides = np.array([a, b], dtype=np.float64)
    known = np.isfinite(sides).all(axis=0) & (sides > 0).all(axis=0)
    logs = np.sort(np.log(sides[1, known] / sides[0, known]))
    count = logs.size
    if not count:
        return PairedRatio(figure, confidence=confidence, reason="there is no whole pair yet")
    trimmed = math.floor(_TRIMMED * count)
    middle = float(logs[trimmed : count - trimmed].mean())
    ratio = math.exp(middle)
    if count < LEAST_PAIRS:
        reason = f"{count} of at least {LEAST_PAIRS} pairs are measured"
        return PairedRatio(figure, count, ratio, confidence=confidence, reason=reason)
    half = _half_width(logs, trimmed, confidence)
    return PairedRatio(
        figure, count, ratio, math.exp(middle - half), math.exp(middle + half), confidence
    )


def _half_width(logs: npt.NDArray[np.float64], trimmed: int, confidence: float) -> float:
    """Half the interval of a trimmed mean of sorted values."""
    count = logs.size
    winsorized = np.clip(logs, logs[trimmed], logs[count - 1 - trimmed])
    left = count - 2 * trimmed
    error = float(winsorized.std(ddof=1)) / (left / count * math.sqrt(count))
    # An even number, as `t_quantile` needs: rounded down, so that the interval is rather too wide.
    freedom = min(_MOST_FREEDOM, max(2, (left - 1) // 2 * 2))
    return t_quantile(confidence, freedom) * error
