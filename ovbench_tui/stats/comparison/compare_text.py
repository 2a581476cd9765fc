"""Comparisons in words: what changed, and whether that is more than chance."""

from __future__ import annotations

import math
from dataclasses import replace

from ovbench_tui.stats.comparison.outcome import (
    EQUAL_MARGIN,
    HasInterval,
    Outcome,
    is_within,
    noise_of,
    outcome_of,
)
from ovbench_tui.stats.run_stats import Comparison, PairedRatio

NAMES = {"fps": "FPS", "p50_ms": "p50", "p99_ms": "p99"}
"""Of each figure, for the user."""

HasRatio = Comparison | PairedRatio

_DASH = "\N{EN DASH}"


def sentence(comparison: Comparison, margin: float | None = None) -> str:
    """Say how run B differs from run A, and how sure that is: one of three verdicts.

    Args:
        margin: what counts as equal, as a fraction, where that is the question; None = it is not,
            and a smaller difference that is sure is a difference.
    """
    name = NAMES[comparison.figure]
    if math.isnan(comparison.ratio):
        return f"Nothing can be said of {name}: {comparison.reason}."
    change = _change(comparison)
    if math.isnan(comparison.low):
        return f"Undecided: {change}, but there is no interval, because {comparison.reason}."
    if math.isinf(comparison.high):
        return f"Undecided: {change}, but {comparison.reason}."
    percent = f"{comparison.confidence * 100:g} % interval"
    interval = f"{percent} {interval_text(comparison)}"
    limit = EQUAL_MARGIN if margin is None else margin
    outcome = outcome_of(comparison, limit)
    if outcome is Outcome.EQUAL or (margin is not None and is_within(comparison, margin)):
        return (
            f"B equals A in {name} within {limit * 100:g} %:"
            f" {change_text(comparison.ratio)} ({interval})."
        )
    if outcome is Outcome.DIFFERENT:
        ends = sorted(abs(end - 1) * 100 for end in (comparison.low, comparison.high))
        return f"{change} ({percent} {ends[0]:.1f} to {ends[1]:.1f} %)."
    return f"Undecided: {change}, within the noise of ±{_noise(comparison)} % ({interval})."


def verdict_words(comparison: HasRatio) -> str:
    """The verdict on B in a few words, as in ``B is 3.1 % slower``; '' without an interval."""
    outcome = outcome_of(comparison)
    is_endless = math.isinf(comparison.high)
    if math.isnan(comparison.low):
        return ""
    if outcome is Outcome.EQUAL:
        return f"equal within {EQUAL_MARGIN * 100:g} %"
    if outcome is Outcome.UNDECIDED:
        return "undecided" if is_endless else f"undecided ±{_noise(comparison)} %"
    return _change(comparison)


def _noise(interval: HasInterval) -> str:
    return f"{noise_of(interval) * 100:.1f}"


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
    """Write the interval as changes, as in ``-5.0 to -1.2 %``; where there is none, a dash."""
    if not math.isfinite(comparison.high):
        return _DASH
    return f"{(comparison.low - 1) * 100:+.1f} to {(comparison.high - 1) * 100:+.1f} %"


def _change(comparison: HasRatio) -> str:
    percent = f"{abs(comparison.ratio - 1) * 100:.1f} %"
    if comparison.figure == "fps":
        return f"B is {percent} {'slower' if comparison.ratio < 1 else 'faster'}"
    words = "lower" if comparison.ratio < 1 else "higher"
    return f"B's {NAMES[comparison.figure]} is {percent} {words}"
