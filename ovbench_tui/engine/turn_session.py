"""A session beside others: its model runs alone and together with theirs, in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ovbench_tui.engine.api.events import StateChanged
from ovbench_tui.engine.api.run_sink import RunEnd
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.runs.turns import Turns
from ovbench_tui.engine.session import Session


class TurnSession(Session):
    """Whoever has several of them says when each one feeds, and what a slice is of.

    From `begin_turns` on there are two runs, and `ab` compares them: A is the model alone, B the
    same model together with the others. Another configuration ends that.
    """

    @property
    def is_steady(self) -> bool:
        """Whether it feeds, and nothing disturbs that."""
        return self._now.state is WorkerState.RUNNING and self._now.measuring

    @property
    def is_idle(self) -> bool:
        """Whether a model is ready and pauses, with nothing in flight."""
        return self._now.state is WorkerState.PAUSED and self._tracker.running is not None

    @property
    def engine_run(self) -> tuple[int, float] | None:
        """Tells the runs of the engine apart; None before the first. Turns make no new one."""
        turns = self._tracker.turns
        started = turns.started if turns is not None else self._tracker.running
        return (started.run_id, started.time_s) if started is not None else None

    @property
    def in_turns(self) -> bool:
        """Whether what it does is told in two runs."""
        return self._tracker.turns is not None

    @property
    def known_until_s(self) -> float:
        """Until when it is known what the engine did, by `perf_counter`."""
        return min(self._clock(), self._host.ring.good_until_s)

    @property
    def pids(self) -> list[int]:
        """Of the processes that its engine has of its own."""
        return self._slot.own_pids

    def share_machine(self, pids: Callable[[], list[int]]) -> None:
        """Take these processes for ours, too, where it is said who uses the processor."""
        self._slot.others = pids

    def feed(self, *, is_on: bool) -> None:
        """Let it feed, or pause."""
        if is_on == self._paused:
            self.toggle_pause()

    def stop(self) -> None:
        """Let its engine end; `close` waits for that."""
        self._slot.stop()

    def begin_turns(self, mark: str) -> None:
        """Tell what the current run does from here on in two runs.

        Args:
            mark: that both of them carry, see `search_mark`.
        """
        started = self._tracker.running
        if started is None:
            return
        self._now.fold()
        self._now.hand_over(RunEnd.CHANGED)
        turns = Turns(started, self._tracker.taken, self.known_until_s)
        self._tracker.turns = turns
        self._tracker.begin_pair(turns.pair, title="in turns", search=mark)
        self._note_state()

    def begin_slice(self, *, together: bool, pair: int) -> None:
        """Let a slice begin at `known_until_s`.

        Args:
            pair: number of the round that it belongs to.
        """
        turns = self._tracker.turns
        if turns is not None:
            self._now.fold()
            turns.begin(together=together, pair=pair, is_measured=self.is_steady)
            self._note_state()

    def end_slice(self, *, is_whole: bool = True) -> None:
        """Let the slice end; one that was disturbed counts in its run, but in no ratio."""
        turns = self._tracker.turns
        if turns is not None:
            self._now.fold()
            ended = turns.end()
            self._note_state()
            if ended is not None and is_whole:
                self._tracker.end_slice(ended)

    def end_turns(self) -> None:
        """Go on with one run."""
        turns = self._tracker.turns
        if turns is not None:
            self._now.fold()
            self._now.hand_over(RunEnd.CHANGED)
            ring_count, time_s = self._tracker.taken, self.known_until_s
            self._tracker.begin_run(replace(turns.started, ring_count=ring_count, time_s=time_s))
            self._note_state()

    def _note_state(self) -> None:
        """Let what the worker does count from here on as it is to count now."""
        now, ring = self._now, self._host.ring
        self._tracker.change_state(
            StateChanged(
                state=now.state,
                measuring=now.measuring,
                run_id=0,
                ring_count=self._tracker.taken,
                time_s=self.known_until_s,
                load=ring.load_counts(),
            )
        )
