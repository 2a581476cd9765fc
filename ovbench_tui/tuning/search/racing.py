"""Which configuration to try next: a grid search that leaves out what cannot win.

Early-stopped in three ways. A measurement that is clearly worse is cut short by the race (see
`tuner`). Along the number of infer requests, throughput rises and then levels off while latency
grows, so a climb from a likely number ends where no more is gained. And where the first
measurement of a compiled model is far behind, the model's other numbers are not tried.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

from ovbench_tui.tuning.search.objective import Goal
from ovbench_tui.tuning.search.space import Point, SearchSpace, Variant
from ovbench_tui.tuning.trial_result import Ending, Trial

Strategy = Generator[Point, Trial, None]
"""Yields the next point and is sent what came of it."""

_COARSE = 1.9
_GAIN = 0.02
"""A step that gains less does not count as a gain."""

_FAR_BEHIND = 0.4
"""Behind the best by so much at its first measurement, a variant is given up. To catch up, its
climb would have to gain two thirds; on grids of mobilenet-v2 and face-detection-0200, recorded
on a loaded machine of two CPUs, other numbers of requests gained 0 to 38 % over the first in
eleven variants, and 67 % in one."""

_NEAR = 0.06
"""So near to the best, a variant's numbers between the coarse ones are tried, too."""

_REFINED = 2
_CLOSE = 1.3
"""Between numbers that differ by a smaller factor, none is tried."""


def ladder_search(
    space: SearchSpace, goal: Goal, *, cpus: int, best: Trial | None = None
) -> Strategy:
    """Climb along nireq in every variant, then look between the rungs of the best.

    Args:
        cpus: that a variant with not a valid stream count of its own would use.
        best: known from elsewhere.
    """
    coarse = coarse_rungs(space.nireq)
    climbs: list[_Climb] = []
    for variant in space.variants:
        climb = _Climb(variant, goal, {})
        yield from _climb(climb, coarse, _first_rung(coarse, variant, goal, cpus), best)
        climbs.append(climb)
        best = best_of([*([best] if best else []), *climb.trials.values()])
    if best is None:
        return
    reached = [climb for climb in climbs if climb.best is not None]
    reached.sort(key=lambda climb: climb.best.score.mid if climb.best else 0.0, reverse=True)
    for climb in reached[:_REFINED]:
        if climb.best is not None and not is_behind(climb.best, best, _NEAR):
            yield from _refine(climb, space.nireq)


def coarse_rungs(nireq: Sequence[int]) -> tuple[int, ...]:
    """Of ascending numbers those that about double, and the last."""
    rungs: list[int] = []
    for number in nireq:
        if not rungs or number >= _COARSE * rungs[-1]:
            rungs.append(number)
    if rungs[-1] != nireq[-1]:
        rungs.append(nireq[-1])
    return tuple(rungs)


def best_of(trials: Iterable[Trial]) -> Trial | None:
    """The trial with the best score; None where none has one."""
    ranked = [trial for trial in trials if trial.has_run]
    return max(ranked, key=lambda trial: trial.score.mid, default=None)


def is_behind(trial: Trial, best: Trial, margin: float) -> bool:
    """Whether even the upper end of the trial's score is behind the best by the margin."""
    return trial.score.high < best.score.mid - margin * abs(best.score.mid)


@dataclass(slots=True)
class _Climb:
    variant: Variant
    goal: Goal
    trials: dict[int, Trial]

    @property
    def best(self) -> Trial | None:
        return best_of(self.trials.values())

    def visit(self, nireq: int) -> Strategy:
        self.trials[nireq] = yield Point(self.variant, nireq)


def _first_rung(rungs: Sequence[int], variant: Variant, goal: Goal, cpus: int) -> int:
    """Index of the rung to begin at: two requests a stream keep one ready for each."""
    if goal is Goal.LATENCY:
        return 0
    wanted = 2 * (int(variant.streams) if variant.streams.isdigit() else cpus)
    return min(range(len(rungs)), key=lambda index: abs(rungs[index] - wanted))


def _climb(climb: _Climb, rungs: Sequence[int], start: int, best: Trial | None) -> Strategy:
    yield from climb.visit(rungs[start])
    first = climb.trials[rungs[start]]
    if not first.has_run or (best is not None and _is_hopeless(first, best, climb.goal)):
        return
    # Beyond the limit of the latency only fewer requests can help.
    for step in (1, -1) if first.may_keep_limit else (-1, 1):
        index, top = start + step, first
        while 0 <= index < len(rungs):
            yield from climb.visit(rungs[index])
            trial = climb.trials[rungs[index]]
            if not trial.has_run or not _gains(trial, top):
                break
            index, top = index + step, trial
        if top is not first:
            return  # it is better this way, so it is worse the other way


def _is_hopeless(first: Trial, best: Trial, goal: Goal) -> bool:
    """Whether no other number of requests can bring this variant up to the best."""
    if first.may_keep_limit or not best.may_keep_limit or not goal.is_rate:
        return first.may_keep_limit and is_behind(first, best, _FAR_BEHIND)
    # It is beyond a limit; fewer requests shorten latencies, but give no more throughput.
    return first.figures.fps.high < best.score.mid


def _gains(trial: Trial, top: Trial) -> bool:
    if trial.ending is Ending.WORSE and trial.score.mid > 0:
        return False
    return trial.score.mid > top.score.mid + _GAIN * abs(top.score.mid)


def _refine(climb: _Climb, nireq: Sequence[int]) -> Strategy:
    """Halve the gaps on both sides of the best number, until its neighbours are close to it."""
    while climb.best is not None:
        between = _between(climb.best.point.nireq, sorted(climb.trials), nireq)
        if not between:
            return
        for number in between:
            yield from climb.visit(number)


def _between(best: int, tried: Sequence[int], nireq: Sequence[int]) -> list[int]:
    """The middle untried number of the gap below `best`, and of the gap above."""
    place = tried.index(best)
    gaps = [(tried[place - 1], best)] if place else []
    gaps += [(best, tried[place + 1])] if place + 1 < len(tried) else []
    untried = (
        [number for number in nireq if low < number < high]
        for low, high in gaps
        if high > _CLOSE * low
    )
    return [numbers[len(numbers) // 2] for numbers in untried if numbers]
