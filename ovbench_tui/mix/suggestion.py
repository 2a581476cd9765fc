"""Which split of the processors serves all models of a mix best: found by measuring together."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from time import perf_counter

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.search_mark import MIX, new_mark
from ovbench_tui.mix.member import MemberView
from ovbench_tui.mix.plan import LEAST_COUNT, LONGEST_S
from ovbench_tui.mix.splits import Configs, splits_of
from ovbench_tui.mix.view import MixLike, MixView, Stage
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN, Outcome, outcome_of
from ovbench_tui.stats.comparison.paired import paired_ratio
from ovbench_tui.stats.limits import LimitResult, LimitVerdict
from ovbench_tui.stats.run_stats import PairedRatio
from ovbench_tui.tuning.search.finals import order_of_rounds
from ovbench_tui.tuning.search.space import usable_cpus

SLICE_S = 2.0
_PATIENCE_S = 1.0
_RACE_SHARE = 0.4
"""Of the time; the final needs the rest."""

_FEW = 2
"""Of so many the better one is the winner of the race."""

_LEAST_ROUNDS, _MOST_ROUNDS = 6, 30
"""Of the final between the winner of the race and what there was."""

_SURE = 0.99
"""Confidence of the interval that ends the final early: whoever looks after each round and stops
at the first that decides is wrong more often than the interval says."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What all models did together for a while.

    Attributes:
        fps: of each.
        limits: of all of them.
    """

    fps: tuple[float, ...]
    limits: tuple[LimitResult, ...]

    @property
    def score(self) -> float:
        """The geometric mean of their FPS; 0 where one has done nothing."""
        if not self.fps or min(self.fps) <= 0:
            return 0.0
        return math.exp(fmean(map(math.log, self.fps)))


@dataclass(slots=True)
class Split:
    """A split that is tried; the first one is what there is already.

    Attributes:
        race, final: what was measured, a round each.
        reason: why it cannot be used, in a sentence; '' = it can.
    """

    configs: Configs
    race: list[Measured] = field(default_factory=list)
    final: list[Measured] = field(default_factory=list)
    reason: str = ""

    @property
    def best_known(self) -> list[Measured]:
        """The final, where it took part: before that the best of many looks too good."""
        return self.final or self.race

    @property
    def score(self) -> float:
        """The median of its rounds."""
        return median(one.score for one in self.best_known) if self.best_known else 0.0

    @property
    def missed(self) -> tuple[LimitResult, ...]:
        """The limits that it does not keep, by the median of its rounds."""
        rounds = [one.limits for one in self.best_known]
        by_limit = zip(*rounds, strict=True) if rounds else ()
        middles = (_middle(results) for results in by_limit)
        return tuple(result for result in middles if _is_missed(result))

    def rank_beside(self, now: Split) -> tuple[bool, float]:
        """The larger the better: limits come first, then the score against that of each round.

        Args:
            now: what there is, which took part in every round.
        """
        pairs = self.beside(now)
        known = [one.score / other.score for one, other in pairs if other.score > 0]
        return not self.missed, median(known) if known else 0.0

    def beside(self, now: Split) -> list[tuple[Measured, Measured]]:
        """Its rounds, each with what there is in the same round."""
        is_final = bool(self.final)
        own, other = (self.final, now.final) if is_final else (self.race, now.race)
        return list(zip(own, other, strict=False))


class SuggestionSearch:
    """A race of all splits, the worse half left out after each round, and a final.

    In the final the winner of the race and what there was are measured anew, in turn: the best
    of many noisy measurements is too good on the average.

    Args:
        mix: all of its models run together; they end with what serves them best.
        now: what there is.
        splits: what is tried beside it.
        max_time_s: for all of it.
        seed: of the orders; None = others each time.

    Attributes:
        splits: what there is, and then the others.
        winner: what won the race; None while that goes on.
        is_over: nothing more is measured.
    """

    def __init__(
        self,
        mix: MixLike,
        now: Configs,
        splits: Sequence[Configs],
        *,
        max_time_s: float,
        slice_s: float = SLICE_S,
        margin: float = EQUAL_MARGIN,
        seed: int | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.splits = [Split(now), *map(Split, splits)]
        self.winner: Split | None = None
        self.is_over = False
        self._mix = mix
        self._margin = margin
        self._slice_s = slice_s
        self._clock = clock
        self._begun_s = clock()
        self._max_time_s = max_time_s
        self._random = random.Random(seed)  # noqa: S311 - nobody is to be kept from guessing it
        self._mark = new_mark(MIX)
        self._left = self._shuffled(self.splits)
        self._racing = list(self.splits)
        self._final: list[Split] = []
        self._requested: Split | None = None
        self._requested_s = 0.0
        self._measured_from_s = math.nan

    @property
    def now(self) -> Split:
        """What there was before."""
        return self.splits[0]

    @property
    def ratio(self) -> PairedRatio:
        """The geometric mean of FPS of the winner over that of what there was, in the final."""
        return self._ratio(0.95)

    def _ratio(self, confidence: float) -> PairedRatio:
        winner = self.winner
        pairs = winner.beside(self.now) if winner is not None and winner.final else []
        return paired_ratio(
            "fps",
            [other.score for _, other in pairs],
            [one.score for one, _ in pairs],
            confidence=confidence,
            margin=self._margin,
            seconds=2 * self._slice_s * len(pairs),
        )

    @property
    def is_better(self) -> bool:
        """Whether the winner serves all models better than what there was: limits come first."""
        winner, now = self.winner, self.now
        if winner is None or winner.reason or not winner.final or not now.final:
            return False
        if bool(winner.missed) is not bool(now.missed):
            return bool(now.missed)
        ratio = self.ratio
        return outcome_of(ratio) is Outcome.DIFFERENT and ratio.ratio > 1

    def stop(self) -> None:
        """Measure nothing more; the models go on with what serves them best, as far as known."""
        if not self.is_over:
            self.is_over = True
            best = self.winner if self.is_better and self.winner is not None else self.now
            for number, config in enumerate(best.configs):
                self._mix.configure(number, config)

    def advance(self, columns: int = 0) -> MixView:
        """Fold what came, and go on.

        Args:
            columns: of the history that each model's snapshot has.
        """
        view = self._mix.advance(columns)
        if self.is_over:
            return view
        split = self._next()
        if split is None:
            self.stop()
        elif split is not self._requested:
            self._request(split)
        else:
            self._watch(split, view)
        return view

    def _request(self, split: Split) -> None:
        self._requested, self._requested_s = split, self._clock()
        self._measured_from_s = math.nan
        for number, config in enumerate(split.configs):
            self._mix.configure(number, config, self._mark)

    def _watch(self, split: Split, view: MixView) -> None:
        """Wait until all run as requested, let them run for a while, and take what they did."""
        # What failed before may be seen until the new one runs.
        is_new = self._clock() - self._requested_s < _PATIENCE_S
        reason = _refusal(split, view)
        if reason and not is_new:
            self._leave_out(split, reason)
        elif math.isnan(self._measured_from_s):
            if view.stage is Stage.RUNNING and all(map(_is_running, view.members, split.configs)):
                self._mix.reset_stats()
                self._measured_from_s = self._clock()
        elif self._is_enough(view):
            self._take(split, view.members)

    def _leave_out(self, split: Split, reason: str) -> None:
        """Go on without one that cannot be used; without one of the final there is none."""
        split.reason = reason
        self._racing = [one for one in self._racing if one is not split]
        self._left = [one for one in self._left if one is not split]
        self._requested = None
        if split in (self.now, self.winner):
            self.stop()

    def _is_enough(self, view: MixView) -> bool:
        passed_s = self._clock() - self._measured_from_s
        runs = [one.run for one in view.members]
        counts = [run.stats.count if run is not None else 0 for run in runs]
        return passed_s >= self._slice_s and (min(counts) >= LEAST_COUNT or passed_s >= LONGEST_S)

    def _take(self, split: Split, members: Sequence[MemberView]) -> None:
        runs = [one.run for one in members if one.run is not None]
        measured = Measured(
            tuple(run.stats.fps_mean for run in runs),
            tuple(limit for run in runs for limit in run.limits),
        )
        self._measured_from_s = math.nan
        if self.winner is None:
            split.race.append(measured)
            self._left.pop(0)
        else:
            split.final.append(measured)
            self._final.pop(0)
        # Even where the same comes again: it must not go on from where it was left.
        self._requested = None

    def _next(self) -> Split | None:
        """What is to be measured now; None = it is over."""
        if self.winner is None and not self._left:
            self._halve()
        if self.winner is None:
            return self._left[0] if self._left else None
        if not self._final or self._has_decided():
            return None
        return self._final[0]

    def _halve(self) -> None:
        """Leave the worse half out; what there was stays, for it takes part in the final."""
        others = [one for one in self._racing if one is not self.now]
        others.sort(key=lambda split: split.rank_beside(self.now), reverse=True)
        is_late = self._clock() - self._begun_s >= self._max_time_s * _RACE_SHARE
        if len(others) > _FEW and not is_late:
            self._racing = [self.now, *others[: math.ceil(len(others) / 2)]]
            self._left = self._shuffled(self._racing)
        elif others:
            self.winner = others[0]
            pair = (self.now, self.winner)
            order = order_of_rounds(2, _MOST_ROUNDS, self._random.randrange(1 << 30))
            self._final = [pair[place] for _, place in order]

    def _has_decided(self) -> bool:
        """Whether more rounds would change nothing, or there is no time for them."""
        winner = self.winner
        if winner is None:
            return False
        rounds = min(len(self.now.final), len(winner.final))
        is_whole = len(self.now.final) == len(winner.final)
        if not is_whole or not rounds:
            return False
        if self._clock() - self._begun_s >= self._max_time_s:
            return True
        decision = outcome_of(self._ratio(_SURE))
        return rounds >= _LEAST_ROUNDS and decision is not Outcome.UNDECIDED

    def _shuffled(self, splits: Sequence[Split]) -> list[Split]:
        return self._random.sample(list(splits), len(splits))


def begin_search(
    mix: MixLike, now: Configs, *, max_time_s: float, margin: float = EQUAL_MARGIN
) -> SuggestionSearch:
    """Begin to search among the splits of this machine's processors; its time runs from now on."""
    splits = splits_of(now, usable_cpus())
    return SuggestionSearch(mix, now, splits, max_time_s=max_time_s, margin=margin)


def _is_running(one: MemberView, config: BenchmarkConfig) -> bool:
    run = one.run
    if run is None or one.snapshot.background or not one.snapshot.measuring:
        return False
    return not run.config.needs_new_run(config)


def _refusal(split: Split, view: MixView) -> str:
    """Why one of the models does not run with its part, in a sentence; '' = it does, or may yet."""
    for one, config in zip(view.members, split.configs, strict=True):
        if one.failure:
            return f"{one.name}: {one.failure}"
        if one.snapshot.requested != config and not one.snapshot.background:
            errors = [notice.text for notice in one.snapshot.notices if notice.is_error]
            return f"{one.name}: {errors[-1] if errors else 'it was refused.'}"
    return ""


def _middle(results: Sequence[LimitResult]) -> LimitResult:
    ordered = sorted(results, key=lambda result: result.value)
    return ordered[len(ordered) // 2]


def _is_missed(result: LimitResult) -> bool:
    """By the figure as it is where a slice has too few inferences for a verdict on a p99."""
    if result.verdict is not LimitVerdict.UNDECIDED:
        return result.verdict is LimitVerdict.FAILED
    if math.isnan(result.value):
        return False
    is_rate = result.figure == "fps"
    return result.value <= result.limit if is_rate else result.value >= result.limit
