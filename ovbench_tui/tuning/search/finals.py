"""The finals: the best few measured again in turn, so that a drifting machine favours none."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from statistics import fmean, median, stdev

from ovbench_tui.stats.comparison.location import locate
from ovbench_tui.stats.comparison.student_t import t_quantile
from ovbench_tui.tuning.trial_result import Figures, Interval, Trial

FINALISTS = 3
_SPREAD_FROM = 4
"""Rounds whose spread says how sure their centre is."""

_WITHIN = 0.08
"""A configuration takes part that is behind the best by no more than this, or whose interval
reaches it."""


def finalists(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """The best, at most two more that noise may have put behind it, and the best that is sure.

    The last is another one where the p99 of the others may turn out to be over the limit.
    """
    ranked = sorted(
        (trial for trial in trials if trial.has_run),
        key=lambda trial: trial.score.mid,
        reverse=True,
    )
    if not ranked:
        return ()
    best = ranked[0].score.mid
    chosen = [
        trial
        for trial in ranked[:FINALISTS]
        if trial.score.mid >= best - _WITHIN * abs(best) or trial.score.high >= best
    ]
    sure = next((trial for trial in ranked if trial.is_within_limit), None)
    if sure is not None and not any(trial.is_within_limit for trial in chosen):
        chosen.append(sure)
    return tuple(chosen)


def order_of_rounds(count: int, rounds: int, seed: int | None = None) -> Iterator[tuple[int, int]]:
    """Pairs of round and finalist: an order of chance, the same backwards, another, and so on.

    Backwards, so that a drift of the machine cancels; of chance, so that no noise favours one.

    Args:
        seed: of the order; None = another each time.
    """
    chance = random.Random(seed)  # noqa: S311 - nobody is to be kept from guessing it
    places: list[int] = []
    for number in range(rounds):
        places = places[::-1] if number % 2 else chance.sample(range(count), count)
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
    leader = max(scores, key=lambda own: median(own[:rounds]))
    return all(
        lead_interval(leader[:rounds], other[:rounds])[0] > 1
        for other in scores
        if other is not leader
    )


def merged(rounds: Sequence[Figures]) -> Figures:
    """Figures over all rounds of the finals; what was measured before them is left out.

    It was measured at another time than that of the other finalists, and the best of many
    noisy measurements is too good on the average. A round that went wrong moves FPS and p50
    little (see `locate`). In what may have a limit (p99, and p90 of TTFT and TPOT) it counts in
    full, and the upper end is where that of as many rounds of another day may be.

    Args:
        rounds: at least one.
    """
    return Figures(
        fps=_centre([one.fps for one in rounds]),
        p50_ms=_centre([one.p50_ms for one in rounds]),
        p99_ms=_once_more([one.p99_ms for one in rounds]),
        seconds=sum(one.seconds for one in rounds),
        windows=sum(one.windows for one in rounds),
        watts=fmean(one.watts for one in rounds),
        ttft_p90_ms=_once_more([one.ttft_p90_ms for one in rounds]),
        tpot_p90_ms=_once_more([one.tpot_p90_ms for one in rounds]),
        unit=rounds[0].unit,
    )


def _centre(rounds: Sequence[Interval]) -> Interval:
    if len(rounds) < _SPREAD_FROM or any(not one.mid > 0 for one in rounds):
        return _around_all(rounds)
    found = locate([math.log(one.mid) for one in rounds])
    return Interval(math.exp(found.low), math.exp(found.mid), math.exp(found.high))


def _once_more(rounds: Sequence[Interval]) -> Interval:
    """The mean of the rounds, and where that of as many new ones will be."""
    if len(rounds) < _SPREAD_FROM or any(not one.mid > 0 for one in rounds):
        return _around_all(rounds)
    logs = [math.log(one.mid) for one in rounds]
    half = t_quantile(0.95, len(logs) - 1) * stdev(logs) * math.sqrt(2 / len(logs))
    mid = fmean(logs)
    return Interval(math.exp(mid - half), math.exp(mid), math.exp(min(mid + half, 700.0)))


def _around_all(rounds: Sequence[Interval]) -> Interval:
    """The median of a few rounds, which are too few for a spread, and the ends of them all."""
    mid = median(one.mid for one in rounds)
    return Interval(min(one.low for one in rounds), mid, max(one.high for one in rounds))


def lead_interval(leader: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """95 % interval of the leader's score over the other's, from rounds measured in pairs.

    Of the logarithms of the ratios (see `locate`); a single round tells nothing.
    """
    logs = [math.log(one / two) for one, two in zip(leader, other, strict=True)]
    if len(logs) < 2:
        return 0.0, math.inf
    found = locate(logs)
    return math.exp(found.low), math.exp(min(found.high, 700.0))
