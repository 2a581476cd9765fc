"""The finals: the best few measured again in turn, so that a drifting machine favours none."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ovbench_tui.stats.comparison.location import locate
from ovbench_tui.tuning.trial_result import Trial

FINALISTS = 3
_WITHIN = 0.08
"""A configuration takes part that is behind the best by no more than this, or whose interval
reaches it."""


def finalists(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """The best, and at most two more that noise may have put behind it."""
    ranked = sorted(
        (trial for trial in trials if trial.has_run),
        key=lambda trial: trial.score.mid,
        reverse=True,
    )
    if not ranked:
        return ()
    best = ranked[0].score.mid
    return tuple(
        trial
        for trial in ranked[:FINALISTS]
        if trial.score.mid >= best - _WITHIN * abs(best) or trial.score.high >= best
    )


def order_of_rounds(count: int, rounds: int) -> Iterator[tuple[int, int]]:
    """Pairs of round and finalist: forwards, backwards, forwards, so that a drift cancels."""
    for number in range(rounds):
        places = range(count) if number % 2 == 0 else reversed(range(count))
        for place in places:
            yield number, place


def is_decided(scores: Sequence[Sequence[float]]) -> bool:
    """Whether the leader is ahead of every other in whole rounds by more than the noise.

    Args:
        scores: for each finalist one a round; only rounds that all have finished count.
    """
    rounds = min(len(own) for own in scores)
    if len(scores) < 2 or rounds < 2 or any(score <= 0 for own in scores for score in own):
        return False
    leader = max(scores, key=lambda own: sum(own[:rounds]))
    return all(
        lead_interval(leader[:rounds], other[:rounds])[0] > 1
        for other in scores
        if other is not leader
    )


def lead_interval(leader: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """95 % interval of the leader's score over the other's, from rounds measured in pairs.

    Of the logarithms of the ratios (see `locate`); a single round tells nothing.
    """
    logs = [math.log(one / two) for one, two in zip(leader, other, strict=True)]
    if len(logs) < 2:
        return 0.0, math.inf
    found = locate(logs)
    return math.exp(found.low), math.exp(min(found.high, 700.0))
