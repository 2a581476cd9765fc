"""Several sessions side by side, and the plan that measures each alone and all together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.model_file import names_pipeline
from ovbench_tui.engine.api.events import ShapeNeeded
from ovbench_tui.engine.api.machine import MachineColumns
from ovbench_tui.engine.api.run_sink import RunSink
from ovbench_tui.engine.api.search_mark import MIX, new_mark
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.turn_session import TurnSession
from ovbench_tui.mix.member import Member, MemberView
from ovbench_tui.mix.plan import SLICE_S, Turn, TurnPlan
from ovbench_tui.mix.view import MixView, Stage
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN

SETTLING_S = 0.2
"""Caches, clocks and queues are those of the turn before when it begins."""

OpenSession = Callable[[BenchmarkConfig], TurnSession]


class _Part:
    """One model with its session."""

    def __init__(self, member: Member, session: TurnSession) -> None:
        self.member = member
        self.session = session
        self.snapshot: Snapshot | None = None
        self.failure = ""
        self.run: object = None
        self.begun_s = 0.0
        self.begun_count = 0

    def look(self, columns: int) -> None:
        """Fold what came, and see whether it still runs."""
        session = self.session
        self.snapshot = snapshot = session.snapshot(columns)
        rejection = session.rejection
        reason = session.failure or snapshot.stall
        if not reason and rejection is not None and snapshot.run is None:
            reason = rejection.reason
        self.failure = reason

    @property
    def is_bad_input(self) -> bool:
        """Whether it never ran, since it cannot be run as requested."""
        if not self.failure or self.snapshot is None or self.snapshot.run is not None:
            return False
        rejection = self.session.rejection
        return isinstance(rejection, ShapeNeeded) or (rejection is not None and rejection.bad_input)

    @property
    def is_ready(self) -> bool:
        """Whether its model is compiled, and nothing else goes on for it."""
        snapshot = self.snapshot
        return snapshot is not None and snapshot.run is not None and not snapshot.background

    def begin_slice(self, turn: Turn) -> None:
        self.session.begin_slice(together=turn.is_together, pair=turn.round)
        self.begun_s = self.session.known_until_s
        self.begun_count = self.session.progress().count

    def rate(self) -> float:
        """Completions a second since its slice began."""
        seconds = self.session.known_until_s - self.begun_s
        return (self.session.progress().count - self.begun_count) / seconds if seconds > 0 else 0.0


class MixSession:
    """Not thread-safe: one thread makes every call, and none but `close` blocks.

    Args:
        isolated: each model has a process of its own; so have all where one must.
        run_sink: takes every run that has measured something, as soon as it has ended.
        margin: what counts as equal, as a fraction.
        slice_s: of a turn.
        in_turns: from the begin each is measured alone and all together; else all run.
        needs_all: none runs where one cannot run as requested; else the others do.
        seed: of the order of the turns; None = another each time.
    """

    def __init__(
        self,
        members: Sequence[Member],
        *,
        isolated: bool = False,
        run_sink: RunSink | None = None,
        margin: float = EQUAL_MARGIN,
        slice_s: float = SLICE_S,
        in_turns: bool = True,
        needs_all: bool = False,
        seed: int | None = None,
        clock: Callable[[], float] = perf_counter,
        open_session: OpenSession | None = None,
    ) -> None:
        isolated = isolated or any(names_pipeline(one.config.model) for one in members)

        def open_one(config: BenchmarkConfig) -> TurnSession:
            return TurnSession(config, isolated=isolated, run_sink=run_sink, margin=margin)

        opened = open_session or open_one
        self._parts = [_Part(member, opened(member.config)) for member in members]
        self._clock = clock
        self._in_turns = in_turns
        self._needs_all = needs_all
        self._is_paused = False
        self._stage = Stage.PREPARING
        self._settled_s = 0.0
        self._measured_s = 0.0
        self._plan = TurnPlan(range(len(members)), slice_s, seed)
        self._keeps_turns = False
        """No turns are taken now, and what they found still holds."""
        for part in self._parts:
            part.session.share_machine(partial(self._pids_beside, part))

    # -- commands ---------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to prepare every model; none runs until all can."""
        for part in self._parts:
            part.session.start()
            part.session.feed(is_on=False)

    def configure(self, number: int, config: BenchmarkConfig, search: str = "") -> None:
        """Request another configuration for one of the models.

        Args:
            search: the mark of the search that it is a trial of; '' = none.
        """
        self._parts[number].session.configure(config, search)

    def take_turns(self, *, is_on: bool) -> None:
        """Measure each alone and all together from now on, or let all run."""
        if is_on is self._in_turns:
            return
        self._in_turns = is_on
        if self._stage is not Stage.PREPARING:
            self._begin()
            self._keeps_turns = not is_on

    def toggle_pause(self) -> None:
        """Let all of them pause, or go on; a turn that was being measured is begun again."""
        self._is_paused = not self._is_paused
        self._leave_turn()
        self._feed()

    def reset_stats(self) -> None:
        """Begin the statistics of all again."""
        self._leave_turn()
        for part in self._parts:
            part.session.reset_stats()
        self._plan.begin_again(self._able)
        self._measured_s = 0.0

    def conclude(self) -> None:
        """Count nothing more."""
        for part in self._parts:
            part.session.conclude()

    def close(self, timeout_s: float) -> bool:
        """Shut down one after the other; False when one has not ended after `timeout_s`."""
        self.conclude()
        for part in self._parts:
            part.session.stop()
        ended = [part.session.close(timeout_s) for part in self._parts]
        return all(ended)

    @property
    def is_in_turns(self) -> bool:
        """Whether each is measured alone, too, as soon as all are ready."""
        return self._in_turns

    def machine(self, first: int, cells: int, cell_s: float) -> MachineColumns:
        """The machine in cells of the time since the begin, see `SessionLike.machine`."""
        return self._parts[0].session.machine(first, cells, cell_s)

    # -- what goes on -----------------------------------------------------------------------

    def advance(self, columns: int = 0) -> MixView:
        """Fold what came since the last call, and go on with the plan.

        Args:
            columns: of the history that each model's snapshot has.
        """
        before = self._able
        for part in self._parts:
            part.look(columns)
        if self._stage is Stage.PREPARING:
            is_ready = all(part.is_ready for part in self._able_parts)
            if is_ready and not (self._needs_all and self.bad_input):
                self._begin()
        elif self._able != before or self._has_changed():
            self._begin()
        elif not all(part.is_ready for part in self._able_parts):
            self._leave_turn()  # what is prepared for one disturbs the others
        elif self._stage.is_of_turns and self._able and not self._is_paused:
            self._go_on()
        return self._see()

    @property
    def bad_input(self) -> str:
        """Why nothing of it could ever run, in a sentence; '' = that is not so."""
        parts = [part for part in self._parts if part.is_bad_input]
        return f"{parts[0].member.name}: {parts[0].failure}" if parts else ""

    def _begin(self) -> None:
        """Let turns begin, or all run, with those that are able to."""
        self._leave_turn()
        self._plan.begin_again(self._able)
        self._keeps_turns = False
        mark = new_mark(MIX)
        # Whoever is left alone keeps what was measured of all.
        keeps = self._in_turns and len(self._able) == 1
        self._measured_s = self._measured_s if keeps else 0.0
        for part in self._able_parts:
            if part.session.in_turns is self._in_turns:
                if not (keeps or self._stage is Stage.PREPARING):
                    part.session.reset_stats()
            elif self._in_turns:
                part.session.begin_turns(mark)
            else:
                part.session.end_turns()
            part.run = part.session.engine_run
        self._stage = Stage.MOVING if self._in_turns else Stage.RUNNING
        self._feed()

    def _go_on(self) -> None:
        turn = self._plan.turn
        fed = [self._parts[number] for number in sorted(turn.members)]
        if self._stage is Stage.MOVING:
            self._feed()
            idle = (part for part in self._able_parts if part not in fed)
            if all(one.session.is_steady for one in fed) and all(
                one.session.is_idle for one in idle
            ):
                self._settled_s = self._clock()
                self._stage = Stage.SETTLING
        elif self._stage is Stage.SETTLING:
            if all(self._since(part, self._settled_s) >= SETTLING_S for part in fed):
                for part in fed:
                    part.begin_slice(turn)
                self._stage = Stage.MEASURING
        elif all(self._since(part, part.begun_s) >= self._plan.length_s for part in fed):
            self._end_turn(fed)

    def _end_turn(self, fed: Sequence[_Part]) -> None:
        self._measured_s += max(self._since(part, part.begun_s) for part in fed)
        rates = {self._parts.index(part): part.rate() for part in fed}
        for part in fed:
            part.session.end_slice()
        self._plan.end_turn(rates)
        self._stage = Stage.MOVING

    def _leave_turn(self) -> None:
        """Measure the turn that goes on again, from its begin."""
        if self._stage is Stage.MEASURING:
            for number in self._plan.turn.members:
                self._parts[number].session.end_slice(is_whole=False)
        if self._stage.is_of_turns:
            self._stage = Stage.MOVING

    def _feed(self) -> None:
        """Let those run whose turn it is, and the others pause."""
        fed = self._fed
        for number, part in enumerate(self._parts):
            if not part.failure:
                part.session.feed(is_on=number in fed)

    @property
    def _fed(self) -> frozenset[int]:
        """Those that are to run now."""
        if self._is_paused or self._stage is Stage.PREPARING:
            return frozenset()
        return self._plan.turn.members if self._in_turns else frozenset(self._able)

    @property
    def _able(self) -> tuple[int, ...]:
        return tuple(number for number, part in enumerate(self._parts) if not part.failure)

    @property
    def _able_parts(self) -> list[_Part]:
        return [part for part in self._parts if not part.failure]

    def _has_changed(self) -> bool:
        """Whether one of them runs with another configuration than before."""
        parts = self._able_parts
        is_ready = all(part.is_ready for part in parts)
        return is_ready and any(part.run != part.session.engine_run for part in parts)

    @staticmethod
    def _since(part: _Part, time_s: float) -> float:
        return part.session.known_until_s - time_s

    def _pids_beside(self, own: _Part) -> list[int]:
        return [pid for part in self._parts if part is not own for pid in part.session.pids]

    def _see(self) -> MixView:
        fed = self._fed
        has_turns = self._in_turns or self._keeps_turns
        members = tuple(
            MemberView(
                part.member,
                part.snapshot,
                part.session.ab() if has_turns else None,
                part.failure,
                number in fed and not part.failure,
            )
            for number, part in enumerate(self._parts)
            if part.snapshot is not None
        )
        return MixView(
            members,
            self._stage,
            self._plan.turn if self._stage.is_of_turns and self._able else None,
            self._plan.rounds,
            self._measured_s,
            self._is_paused,
            self._stage is not Stage.MEASURING and self._plan.is_between_rounds,
        )
