"""Comparisons in words: what changed, and whether that is more than chance."""

from __future__ import annotations

import math
from dataclasses import replace

from ovbench_tui.stats.run_stats import Comparison

NAMES = {"fps": "FPS", "p50_ms": "p50", "p99_ms": "p99"}
"""Of each figure, for the user."""

_DASH = "\N{EN DASH}"


def sentence(comparison: Comparison) -> str:
    """Say how run B differs from run A, and how sure that is."""
    if math.isnan(comparison.ratio):
        return f"Nothing can be said of {NAMES[comparison.figure]}: {comparison.reason}."
    change = _change(comparison)
    if math.isnan(comparison.low):
        return (
            f"{change}, but that may be noise: there is no interval, because {comparison.reason}."
        )
    percent = f"{comparison.confidence * 100:g} % interval"
    if comparison.is_real:
        ends = sorted(abs(end - 1) * 100 for end in (comparison.low, comparison.high))
        return f"{change} ({percent} {ends[0]:.1f} to {ends[1]:.1f} %)."
    return (
        f"No real difference in {NAMES[comparison.figure]}: {change}, and the {percent} of"
        f" {interval_text(comparison)} includes 0."
    )


def without_verdict(comparison: Comparison, reason: str) -> Comparison:
    """The same figures without an interval, where the two must not be judged.

    Args:
        reason: why not, in a clause.
    """
    return replace(comparison, low=math.nan, high=math.nan, reason=reason)


def regression(comparison: Comparison) -> float:
    """By how much B is worse than A, as a fraction: fewer FPS, or a longer latency; NaN = unknown.

    Negative where it is better.
    """
    is_rate = comparison.figure == "fps"
    return 1 - comparison.ratio if is_rate else comparison.ratio - 1


def change_text(ratio: float) -> str:
    """Write a ratio as a change, as in ``-3.1 %``; NaN is a dash."""
    return _DASH if math.isnan(ratio) else f"{(ratio - 1) * 100:+.1f} %"


def interval_text(comparison: Comparison) -> str:
    """Write the interval as changes, as in ``-5.0 to -1.2 %``; NaN is a dash."""
    if math.isnan(comparison.low):
        return _DASH
    return f"{(comparison.low - 1) * 100:+.1f} to {(comparison.high - 1) * 100:+.1f} %"


def _change(comparison: Comparison) -> str:
    percent = f"{abs(comparison.ratio - 1) * 100:.1f} %"
    if comparison.figure == "fps":
        return f"B is {percent} {'slower' if comparison.ratio < 1 else 'faster'}"
    words = "lower" if comparison.ratio < 1 else "higher"
    return f"B's {NAMES[comparison.figure]} is {percent} {words}"
