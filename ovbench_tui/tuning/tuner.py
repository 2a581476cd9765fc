"""The tuner: looks at snapshots, and says what to ask the session for next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.stats.limits import LimitVerdict
from ovbench_tui.tuning.request import Request
from ovbench_tui.tuning.search.finals import (
    FINALISTS,
    finalists,
    is_decided,
    merged,
    order_of_rounds,
)
from ovbench_tui.tuning.search.objective import Objective
from ovbench_tui.tuning.search.pace import Pace
from ovbench_tui.tuning.search.power import no_energy
from ovbench_tui.tuning.search.racing import Strategy, best_of
from ovbench_tui.tuning.search.search_time import SearchTime
from ovbench_tui.tuning.search.space import Point
from ovbench_tui.tuning.search.twins import Twins, describe
from ovbench_tui.tuning.state import Phase, TuningState
from ovbench_tui.tuning.trial_result import Ending, Figures, Interval, Trial
from ovbench_tui.tuning.trial_windows import TrialWindows

_SWITCH_S = 0.5
"""From one finalist to the next: an estimate, for the time that is kept."""


@dataclass(slots=True)
class _Measuring:
    """One measurement under way."""

    point: Point
    run_before: int
    notice_before: int
    final_round: int | None
    reused: bool
    tally: TrialWindows | None = None
    run: RunView | None = None


class Tuner:
    """One search from begin to end; a state machine that never waits.

    The driver calls `step` with every snapshot and does what is asked (`apply`). Nothing is
    measured while something else was asked for, nor while the session is paused.

    Args:
        base: says everything that is not varied; its model must be known.
        walk: what to try; see `search`.
        size: configurations in the whole space.
        known: what was measured elsewhere, on a machine of the same kind, to race against.
        max_time_s: for everything but pauses; the time that the finals need is kept for them, a
            fifth at least and half at most.
        read_energy: a counter of joules; NaN where there is none.
        search: the mark that the runs of its trials get; '' = none.
    """

    def __init__(
        self,
        base: BenchmarkConfig,
        walk: Strategy,
        objective: Objective,
        *,
        size: int,
        known: Sequence[Trial] = (),
        max_time_s: float = 300.0,
        pace: Pace | None = None,
        read_energy: Callable[[], float] = no_energy,
        search: str = "",
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._base = base
        self._walk = walk
        self._objective = objective
        self._size = size
        self._elsewhere = tuple(known)
        self._max_time_s = max_time_s
        self._pace = pace or Pace()
        self._read_energy = read_energy
        self._search = search
        self._time = SearchTime(clock)
        self._phase = Phase.SEARCH
        self._trials: list[Trial] = []
        self._measuring: _Measuring | None = None
        self._places: list[int] = []
        self._final_figures: dict[int, list[Figures]] = {}
        self._rounds: Iterator[tuple[int, int]] = iter(())
        self._twins = Twins()
        self._reason = ""
        self._misfit = ""
        self._overruled = False
        self._is_cut = False

    @property
    def was_overruled(self) -> bool:
        """Whether it ended because the session was asked for something else."""
        return self._overruled

    @property
    def is_done(self) -> bool:
        """Whether nothing more will be asked for."""
        return self._phase is Phase.DONE

    @property
    def board(self) -> TuningState:
        """What is known now."""
        measuring = self._measuring
        tally = measuring.tally if measuring else None
        return TuningState(
            objective=self._objective,
            phase=self._phase,
            trials=tuple(self._trials),
            current=measuring.point if measuring else None,
            current_figures=tally.figures if tally else Figures(),
            size=self._size,
            elapsed_s=self._time.elapsed_s,
            reason=self._reason,
            misfit=self._misfit,
            is_cut=self._is_cut,
        )

    def stop(self, why: str = "") -> None:
        """End now; what is measured so far stays, also the half of a measurement.

        Args:
            why: a sentence; '' = by the user's wish.
        """
        if self.is_done:
            return
        self._is_cut = True
        measuring, self._measuring = self._measuring, None
        if measuring is not None and measuring.tally is not None:
            figures = measuring.tally.figures
            if measuring.final_round is None and figures.windows:
                self._trials.append(self._trial(measuring, figures, Ending.STOPPED))
        self._finish(why)

    def step(self, snapshot: Snapshot) -> Request | None:
        """Take a snapshot; returns what to ask the session for, or None to go on."""
        if self.is_done:
            return None
        self._time.hold(snapshot.state is WorkerState.PAUSED)
        if self._measuring is None:
            return self._begin(self._next(None), snapshot)
        trial = self._look(self._measuring, snapshot)
        if self.is_done or trial is None:
            return None
        self._measuring = None
        return self._begin(self._next(trial), snapshot)

    # -- what comes next --------------------------------------------------------------------

    def _next(self, trial: Trial | None) -> tuple[Point, int | None] | None:
        """The point to measure, and the round of the finals; None at the end."""
        if self._phase is Phase.SEARCH:
            point = self._search_on(trial)
            if point is not None:
                return point, None
            self._walk.close()
            self._open_finals()
        elif trial is not None:
            self._note_final(trial)
        if self._elapsed_beyond(self._max_time_s):
            self._note_short_finals()
            return None
        if self._is_decided():
            self._rounds = iter(())
        following = next(self._rounds, None) or self._final_of_winner()
        if following is None:
            return None
        number, finalist = following
        return self._trials[self._places[finalist]].point, number

    @property
    def _whole_rounds(self) -> int:
        return min((len(self._trials[place].finals) for place in self._places), default=0)

    def _is_decided(self) -> bool:
        scores = [self._trials[place].finals for place in self._places]
        # In whole pairs of a round and its mirror, or a drift would favour one.
        if self._whole_rounds < self._pace.least_rounds or self._whole_rounds % 2:
            return False
        return len(scores) == 1 or is_decided(scores)

    def _note_short_finals(self) -> None:
        if self._places and self._whole_rounds < self._pace.least_rounds:
            sentence = (
                f"The time of {self._max_time_s:g} s was over after {self._whole_rounds} of at"
                f" least {self._pace.least_rounds} rounds of the finals."
            )
            self._reason = f"{self._reason} {sentence}".strip()

    def _final_of_winner(self) -> tuple[int, int] | None:
        """Where all finalists turned out to be over the limit, measure the next that may win."""
        winner = self.board.winner
        if not self._objective.has_limits or winner is None or winner.finals:
            return None
        self._places = [self._trials.index(winner)]
        self._rounds = order_of_rounds(1, self._pace.rounds)
        return next(self._rounds, None)

    def _search_on(self, trial: Trial | None) -> Point | None:
        if self._elapsed_beyond(self._max_time_s - self._kept_for_finals_s):
            if trial is not None:
                self._trials.append(trial)
            self._is_cut = True
            self._reason = (
                f"The time of {self._max_time_s:g} s was over before everything was tried."
            )
            return None
        try:
            if trial is None:
                return next(self._walk)
            self._trials.append(trial)
            return self._walk.send(trial)
        except StopIteration:
            return None

    @property
    def _kept_for_finals_s(self) -> float:
        if not self._pace.has_finals:
            return 0.0
        finals_s = FINALISTS * self._pace.least_rounds * (self._pace.final_s + _SWITCH_S)
        return min(max(0.2 * self._max_time_s, finals_s), 0.5 * self._max_time_s)

    def _elapsed_beyond(self, seconds: float) -> bool:
        return self._time.elapsed_s > seconds

    def _open_finals(self) -> None:
        self._phase = Phase.FINALS
        if not self._pace.has_finals:
            return
        chosen = finalists(self._trials)
        if len(chosen) > 1 or (chosen and self._objective.has_limits):
            self._places = [self._trials.index(trial) for trial in chosen]
            self._rounds = order_of_rounds(len(chosen), self._pace.rounds)

    def _note_final(self, final: Trial) -> None:
        """Put a measurement of the finals to what is known of the configuration."""
        place = next(place for place in self._places if self._trials[place].point == final.point)
        known = self._trials[place]
        if not final.has_run:
            self._trials[place] = replace(final, finals=())
            self._places.remove(place)
            self._rounds = iter(())
            return
        rounds = self._final_figures.setdefault(place, [])
        rounds.append(final.figures)
        figures = merged(rounds)
        self._trials[place] = replace(
            known,
            figures=figures,
            score=self._objective.score(figures),
            run=final.run,
            finals=(*known.finals, final.score.mid),
        )

    def _begin(
        self, following: tuple[Point, int | None] | None, snapshot: Snapshot
    ) -> Request | None:
        if following is None:
            self._finish("")
            return None
        point, final_round = following
        config = point.config(self._base)
        run = snapshot.run
        runs_already = (
            run is not None
            and snapshot.state.is_feeding
            and not snapshot.background
            and not run.config.needs_new_run(config)
        )
        self._measuring = _Measuring(
            point=point,
            run_before=run.run_id if run else 0,
            notice_before=max((notice.number for notice in snapshot.notices), default=0),
            final_round=final_round,
            reused=runs_already,
        )
        return Request(
            config, resets=runs_already, restarts=snapshot.can_restart, search=self._search
        )

    def _finish(self, why: str) -> None:
        self._walk.close()
        self._phase = Phase.DONE
        self._time.stop()
        self._reason = why or self._reason

    # -- one measurement --------------------------------------------------------------------

    def _look(self, measuring: _Measuring, snapshot: Snapshot) -> Trial | None:
        """Take in a snapshot; returns the trial once its measurement has ended."""
        config = measuring.point.config(self._base)
        if snapshot.shape_needed is not None:
            self.stop(snapshot.shape_needed.reason)
            return None
        run = snapshot.run
        if (
            run is None
            or run.config.needs_new_run(config)
            or not (measuring.reused or run.run_id > measuring.run_before)
        ):
            return self._wait(measuring, config, snapshot)
        if snapshot.requested.needs_new_run(config):
            self._overrule()
            return None
        if snapshot.state is WorkerState.FAILED or snapshot.can_restart:
            return self._failed(measuring, snapshot)
        if not snapshot.measuring:
            return None
        if measuring.tally is None:
            self._misfit = self._objective.misfit(run.effective)
            if self._misfit:
                self.stop(self._misfit)
                return None
            answers = run.judged_answers
            if answers is not None and answers.verdict is LimitVerdict.FAILED:
                reason = f"Rejected, {answers.text}."
                return Trial(measuring.point, Figures(), Interval(), Ending.FAILED, reason, run)
            measuring.tally = TrialWindows(run.effective)
            twin = self._twins.of(measuring.point.variant, run)
            if twin is not None:
                reason = f"The device runs it as {describe(measuring.point.variant, twin)}."
                return Trial(measuring.point, Figures(), Interval(), Ending.SAME, reason, run)
        measuring.run = run
        if not measuring.tally.add(run.stats, self._read_energy()):
            return self._give_up_waiting(measuring, run)
        return self._judge(measuring, measuring.tally.figures)

    def _wait(
        self, measuring: _Measuring, config: BenchmarkConfig, snapshot: Snapshot
    ) -> Trial | None:
        is_reported = any(
            notice.is_error and notice.number > measuring.notice_before
            for notice in snapshot.notices
        )
        if not is_reported and snapshot.requested.needs_new_run(config):
            self._overrule()
        elif snapshot.can_restart or (is_reported and not snapshot.background):
            return self._failed(measuring, snapshot)
        return None

    def _overrule(self) -> None:
        self._overruled = True
        self.stop("Another configuration was requested, so the search has ended.")

    def _failed(self, measuring: _Measuring, snapshot: Snapshot) -> Trial:
        reasons = [
            notice.text
            for notice in snapshot.notices
            if notice.is_error and notice.number > measuring.notice_before
        ]
        reason = reasons[-1] if reasons else "The engine has died."
        return Trial(measuring.point, Figures(), Interval(), Ending.FAILED, reason)

    def _give_up_waiting(self, measuring: _Measuring, run: RunView) -> Trial | None:
        """End a measurement of a model that is too slow for windows, or hangs."""
        if run.stats.elapsed_s < self._pace.slowest_s or measuring.tally is None:
            return None
        figures = measuring.tally.figures
        if figures.windows:
            return self._trial(measuring, figures, Ending.NOISY)
        reason = f"It gave next to no results in {self._pace.slowest_s:g} s."
        return Trial(measuring.point, Figures(), Interval(), Ending.FAILED, reason, run)

    def _judge(self, measuring: _Measuring, figures: Figures) -> Trial | None:
        ending = self._ending(measuring, figures)
        return None if ending is None else self._trial(measuring, figures, ending)

    def _ending(self, measuring: _Measuring, figures: Figures) -> Ending | None:
        if measuring.final_round is not None:
            return self._pace.ending_of_final(figures)
        return self._pace.ending(figures, self._objective.score(figures), self._is_worse)

    def _is_worse(self, score: Interval) -> bool:
        """Whether even the upper end is below what the best surely reaches."""
        best = best_of([*self._trials, *self._elsewhere])
        if best is None:
            return False
        slower = best.score.mid - self._pace.drift * abs(best.score.mid)
        return score.high < min(best.score.low, slower)

    def _trial(self, measuring: _Measuring, figures: Figures, ending: Ending) -> Trial:
        return Trial(
            measuring.point, figures, self._objective.score(figures), ending, "", measuring.run
        )
