"""The ratio of two alternating configurations, from pairs of neighbouring slices.

What changes slowly (clocks, temperature, neighbours) hits both slices of a pair alike and
cancels in their ratio. Which of the two comes first is drawn by chance in each pair: noise that
neighbouring slices share then raises the ratio as often as it lowers it, independently of the
other pairs. So the logarithms of the ratios are symmetric about the true one and uncorrelated,
whatever the noise is like, which is all that `location` needs. A fixed order A B, B A does not
give that: noise as long as a slice makes neighbouring pairs alike there, and tells alike sides
apart in 7 to 8 % of all cases instead of 5 (tests/benchmarks/intervals.py).

The interval is meant for a moment chosen beforehand, as by -t. Who watches it and stops as soon
as it leaves out 1 will be wrong more often than its confidence says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ovbench_tui.stats.comparison.location import locate
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.stats.run_stats import PairedRatio

LEAST_PAIRS = 4
"""With fewer nothing can be said of how pairs vary."""

_CONFIDENCE = 0.95


def paired_ratio(
    figure: str,
    a: Sequence[float],
    b: Sequence[float],
    *,
    confidence: float = _CONFIDENCE,
    margin: float = EQUAL_MARGIN,
    seconds: float = math.nan,
) -> PairedRatio:
    """Return the ratio of B to A with its interval.

    Args:
        figure: what it is called.
        a, b: the figure of each pair's slices, in the same order, [n]; a pair in which one of
            the two is not known or 0 is left out.
        confidence: of the interval, as a fraction.
        margin: what counts as equal, as a fraction.
        seconds: that the pairs took; NaN = not known.
    """
    logs = [
        math.log(second / first)
        for first, second in zip(a, b, strict=True)
        if _is_known(first) and _is_known(second)
    ]
    count = len(logs)
    if not count:
        return PairedRatio(
            figure, confidence=confidence, reason="there is no whole pair yet", margin=margin
        )
    found = locate(logs, confidence)
    ratio = math.exp(found.mid)
    low, high, reason = math.exp(found.low), _exp(found.high), ""
    if count < LEAST_PAIRS:
        low = high = math.nan
        reason = f"{count} of at least {LEAST_PAIRS} pairs are measured"
    return PairedRatio(figure, count, ratio, low, high, confidence, reason, margin, seconds)


def _is_known(value: float) -> bool:
    return 0 < value < math.inf


def _exp(log: float) -> float:
    """Infinite, not an error, beyond what a float holds."""
    return math.exp(log) if log < 700 else math.inf
