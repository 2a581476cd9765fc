"""Comparisons in words: what changed, and whether that is more than chance."""

from __future__ import annotations

import math
from dataclasses import replace

from ovbench_tui.stats.comparison.outcome import (
    HasInterval,
    Outcome,
    noise_of,
    outcome_of,
    runs_needed,
    seconds_needed,
)
from ovbench_tui.stats.run_stats import Comparison, PairedRatio

HasRatio = Comparison | PairedRatio

NAMES = {"fps": "FPS", "p50_ms": "p50", "p99_ms": "p99"}
"""Of each figure, for the user."""

FIGURES_BY_WORD = {name.lower(): figure for figure, name in NAMES.items()}
"""The figures by what the user calls them in an option, as ``p99``."""

GENERATION_NAMES = {
    "fps": "tokens/s",
    "p50_ms": "TPOT p50",
    "p99_ms": "TPOT p99",
    "ttft_p50_ms": "TTFT p50",
    "ttft_p99_ms": "TTFT p99",
    "request_p50_ms": "request p50",
}
"""The same of a model that generates tokens, which has more of them."""


def name_of(comparison: HasRatio) -> str:
    """What its figure is called."""
    return comparison.name or NAMES[comparison.figure]


_DASH = "\N{EN DASH}"
_IN_MINUTES_FROM_S = 120.0
_MOST_S = 3600.0
_MOST_RUNS = 100


def sentence(comparison: HasRatio) -> str:
    """Say how B differs from A, and how sure that is: one of three verdicts."""
    name = name_of(comparison)
    if math.isnan(comparison.ratio):
        return f"Nothing can be said about {name}: {comparison.reason}."
    change = _change(comparison)
    if math.isnan(comparison.low):
        return f"Undecided: {change}, but there is no interval, because {comparison.reason}."
    if math.isinf(comparison.high):
        return f"Undecided: {change}, but {comparison.reason}."
    percent = f"{comparison.confidence * 100:g} % interval"
    interval = f"{percent} {interval_text(comparison)}"
    outcome = outcome_of(comparison)
    if outcome is Outcome.EQUAL:
        return (
            f"B equals A in {name} within {margin_text(comparison)}:"
            f" {change_text(comparison.ratio)} ({interval})."
        )
    if outcome is Outcome.DIFFERENT:
        ends = sorted(abs(end - 1) * 100 for end in (comparison.low, comparison.high))
        return f"{change} ({percent} {ends[0]:.1f} to {ends[1]:.1f} %)."
    return f"Undecided: {noise_text(comparison)} ({change}, {interval})."


def verdict_words(comparison: HasRatio) -> str:
    """The verdict on B in a few words, as in ``B is 3.1 % slower``; '' without an interval."""
    outcome = outcome_of(comparison)
    if math.isnan(comparison.low):
        return ""
    if outcome is Outcome.EQUAL:
        return f"equal within {margin_text(comparison)}"
    if outcome is Outcome.UNDECIDED:
        is_endless = math.isinf(comparison.high)
        return "undecided" if is_endless else f"undecided ±{_noise(comparison)} %"
    return _change(comparison)


def noise_text(interval: HasInterval) -> str:
    """What hides the answer, and what it takes, as in ``noise ±5.0 %, about 40 s more needed``."""
    return ", ".join(filter(None, (f"noise ±{_noise(interval)} %", needed_text(interval))))


def needed_text(interval: HasInterval) -> str:
    """What it takes until an undecided interval decides; '' where it has, or nobody knows."""
    if outcome_of(interval) is not Outcome.UNDECIDED:
        return ""
    runs = runs_needed(interval)
    if not math.isnan(runs):
        if runs > _MOST_RUNS:
            return f"more than {_MOST_RUNS} more runs of each needed"
        return f"about {max(1, round(runs))} more run{'s' if runs > 1 else ''} of each needed"
    seconds = seconds_needed(interval)
    if math.isnan(seconds):
        return ""
    more = "more of each needed" if isinstance(interval, Comparison) else "more needed"
    if seconds > _MOST_S:
        return f"more than an hour {more}"
    if seconds > _IN_MINUTES_FROM_S:
        return f"about {math.ceil(seconds / 60)} min {more}"
    return f"about {max(1, math.ceil(seconds))} s {more}"


def margin_text(interval: HasInterval) -> str:
    """What counts as equal, as in ``±3 %``."""
    return f"±{interval.margin * 100:.3g} %"


def _noise(interval: HasInterval) -> str:
    return f"{noise_of(interval) * 100:.1f}"


def without_verdict(comparison: Comparison, reason: str) -> Comparison:
    """The same figures without an interval, where the two must not be judged.

    Args:
        reason: why not, in a clause.
    """
    return replace(comparison, low=math.nan, high=math.nan, reason=reason)


def regression(comparison: Comparison) -> tuple[float, float]:
    """By how much B is worse than A, as fractions: at least, and at most; NaN = unknown.

    Fewer FPS, or a longer latency; negative where it is better.
    """
    if comparison.figure == "fps":
        return 1 - comparison.high, 1 - comparison.low
    return comparison.low - 1, comparison.high - 1


def change_text(ratio: float) -> str:
    """Write a ratio as a change, as in ``-3.1 %``; NaN is a dash."""
    return _DASH if math.isnan(ratio) else f"{(ratio - 1) * 100:+.1f} %"


def interval_text(comparison: HasRatio) -> str:
    """Write the interval as changes, as in ``-5.0 to -1.2 %``; where there is none, a dash."""
    if not math.isfinite(comparison.high):
        return _DASH
    return f"{(comparison.low - 1) * 100:+.1f} to {(comparison.high - 1) * 100:+.1f} %"


def _change(comparison: HasRatio) -> str:
    percent = f"{abs(comparison.ratio - 1) * 100:.1f} %"
    if comparison.figure == "fps":
        return f"B is {percent} {'slower' if comparison.ratio < 1 else 'faster'}"
    words = "lower" if comparison.ratio < 1 else "higher"
    return f"B's {name_of(comparison)} is {percent} {words}"
