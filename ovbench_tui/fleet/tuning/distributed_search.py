"""A search spread over machines of a kind: deals out shares, and puts together what comes back."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter

from ovbench_tui.engine.api.search_mark import TUNE, new_mark
from ovbench_tui.fleet.tuning.shard import Shard
from ovbench_tui.tuning.search.finals import finalists, merged
from ovbench_tui.tuning.search.objective import SearchPlan
from ovbench_tui.tuning.search.pace import Pace
from ovbench_tui.tuning.search.racing import best_of, is_behind
from ovbench_tui.tuning.search.search_time import SearchTime
from ovbench_tui.tuning.search.space import Point, SearchSpace, Variant
from ovbench_tui.tuning.search.twins import same_run_key
from ovbench_tui.tuning.state import Phase, TuningState
from ovbench_tui.tuning.trial_result import Ending, Figures, Interval, Trial

_SEARCH_SHARE = 0.8
_FINAL_MEASUREMENTS = Pace().least_rounds
_LEAST_ROUNDS = 2
_TRIES = 2
_FINALISTS = 5
_OWN_WITHIN = 0.15
"""The best of each machine takes part that is behind the best of all by no more than this: a
machine may be slower than the others without a fault of what it measured."""

_ALONE_S = 15.0
"""So long it waits for a machine when there is none: a worker may be on its way back."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """To be done: give this engine a share; None = it is to stop what it measures."""

    task: str
    share: Shard | None


@dataclass(slots=True)
class _Work:
    task: str
    share: Shard
    trials: list[Trial] = field(default_factory=list)
    is_stopped: bool = False


class DistributedSearch:
    """One search from begin to end on several machines; a state machine that never waits.

    Each machine measures one compiled model after another, all its numbers of requests, while
    the best of all machines is what it races against. The finals are measured on every machine,
    so that a machine that is a little faster than the others favours none.

    Args:
        clock: seconds.

    Attributes:
        deals: what is to be done, the oldest first.
    """

    def __init__(self, plan: SearchPlan, *, clock: Callable[[], float] = perf_counter) -> None:
        self.deals: deque[Assignment] = deque()
        self._plan = plan
        self._mark = new_mark(TUNE)
        self._time = SearchTime(clock)
        self._alone_since_s = math.nan
        self._phase = Phase.SEARCH
        self._waiting = deque(plan.space.variants)
        self._tries: Counter[Variant] = Counter()
        self._works: dict[str, _Work] = {}
        self._alive: dict[str, str] = {}
        self._left_out: dict[str, str] = {}
        self._shares = 0
        self._took_part: set[str] = set()
        self._trials: list[Trial] = []
        self._best_of: dict[str, Trial] = {}
        self._finalists: list[Trial] = []
        self._rounds: list[list[Trial]] = []
        self._reason = ""
        self._overruled = False

    @property
    def is_done(self) -> bool:
        """Whether nothing more will be asked for."""
        return self._phase is Phase.DONE

    @property
    def was_overruled(self) -> bool:
        """Whether it ended because the machines were asked for something else."""
        return self._overruled

    @property
    def board(self) -> TuningState:
        """What is known now, from all machines."""
        under_way = [] if self._phase is Phase.FINALS else self._works.values()
        count = len(self._took_part if self.is_done else self._works)
        return TuningState(
            objective=self._plan.objective,
            phase=self._phase,
            trials=(*self._trials, *(trial for work in under_way for trial in work.trials)),
            current=None,
            current_figures=Figures(),
            size=self._plan.space.size,
            elapsed_s=self._time.elapsed_s,
            reason=self._reason,
            where=f"on {count} machine{'' if count == 1 else 's'}",
        )

    # -- what machines do -------------------------------------------------------------------

    def see(self, machines: Mapping[str, str], *, are_paused: bool = False) -> None:
        """Take all machines that may measure, with the names of their engines."""
        self._time.hold(are_paused)
        self._alive = {key: task for key, task in machines.items() if key not in self._left_out}
        for key, work in list(self._works.items()):
            if self._alive.get(key) != work.task:
                self._lose(key)
        self._go_on()

    def take(self, key: str, number: int, trial: Trial) -> None:
        """Take what came of one configuration of a share."""
        work = self._works.get(key)
        if work is not None and work.share.number == number:
            work.trials.append(trial)

    def end_share(self, key: str, number: int, reason: str) -> None:
        """A share is over.

        Args:
            reason: why this machine can measure none; '' = it can.
        """
        work = self._works.get(key)
        if work is None or work.share.number != number:
            return
        if reason:
            self._left_out[key] = reason
            self._alive.pop(key, None)
            self._took_part.discard(key)
            self._lose(key, is_its_fault=False)
        else:
            del self._works[key]
            self._keep(key, work)
        self._go_on()

    def stop(self, why: str = "", *, is_overruled: bool = False) -> None:
        """End now; what is measured so far stays.

        Args:
            why: a sentence; '' = by the user's wish.
            is_overruled: the machines were asked for something else.
        """
        if self.is_done:
            return
        self._overruled = is_overruled
        self._stop_works()
        for key, work in self._works.items():
            self._keep(key, work)
        self._works.clear()
        self._finish(why)

    def _keep(self, key: str, work: _Work) -> None:
        if work.share.in_turn:
            self._rounds.append(work.trials)
            return
        self._trials += work.trials
        own = [self._best_of[key]] if key in self._best_of else []
        best = best_of([*own, *work.trials])
        if best is not None:
            self._best_of[key] = best

    def _lose(self, key: str, *, is_its_fault: bool = True) -> None:
        """A machine will not finish its share: another gets what it had.

        Args:
            is_its_fault: what it measured may have been too much for it.
        """
        work = self._works.pop(key)
        if work.share.in_turn:
            self._rounds.append(work.trials)
            return
        (variant,) = work.share.space.variants
        self._tries[variant] += is_its_fault
        if self._tries[variant] < _TRIES:
            self._waiting.appendleft(variant)
            return
        point = Point(variant, self._plan.space.nireq[0])
        reason = "The machines that were to measure it were lost."
        self._trials += work.trials or [Trial(point, Figures(), Interval(), Ending.FAILED, reason)]

    # -- what comes next --------------------------------------------------------------------

    def _go_on(self) -> None:
        if self.is_done:
            return
        elapsed_s = self._time.elapsed_s
        if self._phase is Phase.SEARCH and elapsed_s > _SEARCH_SHARE * self._plan.max_time_s:
            if self._waiting or self._works:
                self._reason = (
                    f"The time of {self._plan.max_time_s:g} s was over before everything was tried."
                )
            self._waiting.clear()
            self._stop_works()
        if elapsed_s > self._plan.max_time_s:
            self.stop(self._reason)
            return
        if self._phase is Phase.SEARCH:
            self._deal_variants()
            if not self._waiting and not self._works:
                self._open_finals()
        elif not self._works:
            self._finish("")
        self._note_loneliness()

    def _note_loneliness(self) -> None:
        """Give up where no machine is left."""
        if self.is_done or self._works or self._alive:
            self._alone_since_s = math.nan
        elif math.isnan(self._alone_since_s):
            self._alone_since_s = self._time.elapsed_s
        elif (
            self._time.elapsed_s - self._alone_since_s > _ALONE_S
            or (self._left_out and not self._took_part)  # none that is on its way back
        ):
            reasons = list(self._left_out.values())
            self._finish((reasons or ["No machine is left that could measure."])[-1])

    def _deal_variants(self) -> None:
        for key, task in self._alive.items():
            if self._waiting and key not in self._works:
                self._deal(key, task, space=_space_of(self._waiting.popleft(), self._plan.space))

    def _open_finals(self) -> None:
        self._phase = Phase.FINALS
        self._finalists = self._choose_finalists()
        if len(self._finalists) < 2 or not self._alive:
            self._finish("")
            return
        points = tuple(trial.point for trial in self._finalists)
        rounds = max(_LEAST_ROUNDS, math.ceil(_FINAL_MEASUREMENTS / len(self._alive)))
        for key, task in self._alive.items():
            self._deal(key, task, space=self._plan.space, in_turn=points, rounds=rounds)

    def _choose_finalists(self) -> list[Trial]:
        """The best few of all, and the best of each machine where it is near."""
        distinct = _distinct(self._trials)
        chosen = list(finalists(distinct))
        for own in sorted(self._best_of.values(), key=lambda trial: -trial.score.mid):
            is_known = own in chosen or own not in distinct
            if not is_known and not is_behind(own, chosen[0], _OWN_WITHIN):
                chosen.append(own)
        return chosen[:_FINALISTS]

    def _deal(
        self,
        key: str,
        task: str,
        *,
        space: SearchSpace,
        in_turn: tuple[Point, ...] = (),
        rounds: int = 0,
    ) -> None:
        self._shares += 1
        best = best_of(self.board.trials)
        share = Shard(
            number=self._shares,
            space=space,
            objective=self._plan.objective,
            best=None if best is None else replace(best, run=None),
            in_turn=in_turn,
            rounds=rounds,
            search=self._mark,
        )
        self._works[key] = _Work(task, share)
        self._took_part.add(key)
        self.deals.append(Assignment(task, share))

    def _stop_works(self) -> None:
        for work in self._works.values():
            if not work.is_stopped:
                work.is_stopped = True
                self.deals.append(Assignment(work.task, None))

    def _finish(self, why: str) -> None:
        for finalist in self._finalists:
            place = self._trials.index(finalist)
            self._trials[place] = self._with_finals(finalist)
        self._phase = Phase.DONE
        self._time.stop()
        self._reason = why or self._reason

    def _with_finals(self, finalist: Trial) -> Trial:
        """Put all machines' whole rounds to what is known of a finalist."""
        points = [trial.point for trial in self._finalists]
        rounds: list[Figures] = []
        finals: list[float] = []
        for measured in self._rounds:
            own = [[t for t in measured if t.point == point] for point in points]
            failed = next(
                (t for t in measured if t.point == finalist.point and not t.has_run), None
            )
            if failed is not None:
                return failed
            for trial in own[points.index(finalist.point)][: min(map(len, own))]:
                rounds.append(trial.figures)
                finals.append(trial.score.mid)
        if not finals:
            return finalist
        figures = merged(rounds)
        score = self._plan.objective.score(figures)
        return replace(finalist, figures=figures, score=score, finals=tuple(finals))


def _space_of(variant: Variant, whole: SearchSpace) -> SearchSpace:
    """A space of one compiled model."""
    return SearchSpace(
        hints=(variant.hint,),
        streams=(variant.streams,),
        threads=(variant.threads,),
        batches=(variant.batch,),
        precisions=(variant.precision,),
        nireq=whole.nireq,
        kv_cache_precisions=(variant.kv_cache_precision,),
        batched_tokens=(variant.batched_tokens,),
    )


def _distinct(trials: Iterable[Trial]) -> list[Trial]:
    """One trial of each configuration that the device treats as the very same."""
    first: dict[tuple[object, ...], Variant] = {}
    kept: list[Trial] = []
    for trial in trials:
        if trial.run is not None and trial.run.effective.properties:
            variant = trial.point.variant
            if first.setdefault(same_run_key(trial.run), variant) != variant:
                continue
        kept.append(trial)
    return kept
