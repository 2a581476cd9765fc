"""The fleet as screen and headless loop know it: commands in, frozen snapshots out."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.model_file import Source
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.run_sink import RunSink
from ovbench_tui.engine.api.snapshot import History
from ovbench_tui.errors import BadInputError
from ovbench_tui.fleet.cluster import ClusterClient
from ovbench_tui.fleet.cluster_messages import (
    Broadcast,
    ClusterGone,
    TaskOver,
    Tell,
    WorkerGone,
    WorkersSeen,
)
from ovbench_tui.fleet.machine_status import FleetSnapshot
from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.run_keeper import RunKeeper
from ovbench_tui.fleet.state import FleetState
from ovbench_tui.fleet.tuning.search import FleetSearch
from ovbench_tui.tuning.search.objective import SearchPlan

_POLL_S = 0.05
_NAMED = 3


class FleetSession:
    """Engines on every machine of a cluster. Not thread-safe; none but `close` blocks.

    Args:
        client: a Dask client.
        source: the model to send; None = every machine has it.
        by_worker: each worker counts as a machine; else those of one host are one.
        run_sink: takes every run that has ended, with its machine.
    """

    def __init__(
        self,
        client: Any,
        config: BenchmarkConfig,
        source: Source | None,
        *,
        where: str,
        by_worker: bool,
        run_sink: RunSink | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        fleet = secrets.token_hex(8)
        self._keeper = RunKeeper(run_sink, config.model) if run_sink is not None else None
        self._starts = 0
        self._fleet = fleet
        self._conductor = ClusterClient(client, fleet, source, self._order)
        self._board = FleetState(
            where,
            config,
            by_worker=by_worker,
            clock=clock,
            new_task=self._new_task,
            take_run=self._keeper.take if self._keeper is not None else lambda *_: None,
            take_tuned=self._take_tuned,
        )
        self._search: FleetSearch | None = None
        self._clock = clock

    def start(self) -> None:
        """Look for workers; each gets an engine."""
        self._conductor.start()

    def snapshot(self) -> FleetSnapshot:
        """Fold what the machines have told since the last call."""
        self._fold()
        return self._board.snapshot()

    def run_of(self, key: str) -> RunView | None:
        """Everything that is known of one machine's current run; None while there is none."""
        return self._board.run_of(key)

    def history_of(self, key: str) -> History:
        """One machine's seconds, a column each."""
        return self._board.history_of(key)

    @property
    def common_run(self) -> RunView | None:
        """A run like most, from which the next number of infer requests is counted."""
        return self._board.common_run

    def configure(self, config: BenchmarkConfig) -> None:
        """Ask every machine for this configuration, and those that join later."""
        config = replace(config, model=self._board.config.model)
        self._end_search()
        self._board.configure(config)
        self._conductor.do(Broadcast(wire.Command(wire.CONFIGURE, config)))
        self._pass_on()

    def usable_cpus(self) -> int:
        """Processors of each machine of the most usual kind; 0 = none measures yet."""
        alike = next(iter(self._board.kinds().values()), {})
        return max(map(self._board.usable_cpus_of, alike), default=0)

    def search(self, plan: SearchPlan) -> FleetSearch:
        """Find the best configuration on the machines of the most usual kind.

        The others go on with what they run, and do not take part.

        Raises:
            BadInputError: no machine measures yet.
        """
        kinds = self._board.kinds()
        if not kinds:
            raise BadInputError("No machine measures yet: wait until one does, then tune.")
        self._end_search()
        kind, alike = next(iter(kinds.items()))
        others = [key for keys in kinds.values() if keys is not alike for key in keys]
        if others:
            names = ", ".join(map(self._board.name_of, others[:_NAMED]))
            more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
            self._board.tell(
                f"Other machines take no part in the search, as their processor, device or"
                f" OpenVINO is another: {names}{more}.",
                is_error=False,
            )
        self._search = FleetSearch(
            plan,
            kind,
            self._board,
            fold=self._fold,
            send=lambda command: self._conductor.do(Tell(command)),
            clock=self._clock,
        )
        self._fold()
        return self._search

    def toggle_pause(self) -> None:
        """Let every machine pause, or go on."""
        self._board.is_paused = not self._board.is_paused
        self._board.serial += 1
        what = wire.PAUSE if self._board.is_paused else wire.RESUME
        self._conductor.do(Broadcast(wire.Command(what)))

    def reset_stats(self) -> None:
        """Begin the statistics of every machine's current run again."""
        self._conductor.do(Broadcast(wire.Command(wire.RESET)))

    def close(self, timeout_s: float) -> FleetSnapshot:
        """Let every engine end, and wait for its last run; returns the picture before that."""
        last = self.snapshot()
        end_s = time.monotonic() + timeout_s
        self._conductor.stop(timeout_s)
        while self._board.tasks and not self._board.failure and time.monotonic() < end_s:
            self._fold()
            time.sleep(_POLL_S)
        self._fold()
        if self._keeper is not None:
            self._keeper.close(timeout_s)
        return last

    def _fold(self) -> None:
        board, inbox = self._board, self._conductor.inbox
        while inbox:
            reported = inbox.popleft()
            if isinstance(reported, dict):
                board.fold(reported)
            elif isinstance(reported, WorkersSeen):
                board.see_workers(reported.workers)
            elif isinstance(reported, WorkerGone):
                board.lose_worker(reported.address)
            elif isinstance(reported, TaskOver):
                board.end_task(reported.task, reported.reason, may_try_again=reported.may_try_again)
            elif isinstance(reported, ClusterGone):
                board.lose_all(reported.reason)
        if self._keeper is not None:
            for sentence in self._keeper.sentences():
                board.tell(sentence, is_error=False)
        if self._search is not None:
            if board.failure:
                self._search.stop(board.failure)
            self._search.look()
            if self._search.is_done:
                self._search = None
        self._pass_on()

    def _pass_on(self) -> None:
        while self._board.asks:
            self._conductor.do(self._board.asks.popleft())

    def _take_tuned(self, key: str, message: Mapping[str, Any]) -> None:
        if self._search is not None:
            self._search.take(key, message)

    def _end_search(self) -> None:
        if self._search is not None:
            why = "Another configuration was requested, so the search has ended."
            self._search.stop(why, is_overruled=True)
            self._search = None

    def _new_task(self) -> str:
        self._starts += 1
        return f"ovbench-tui-{self._fleet}-{self._starts}"

    def _order(self, task: str, model_file: str) -> wire.Order:
        # Called by the conductor's thread: reads only what is replaced as a whole.
        board = self._board
        return wire.Order(
            fleet=self._fleet,
            task=task,
            topic=self._conductor.topic,
            config=board.config,
            model_file=model_file,
            serial=board.serial,
            is_paused=board.is_paused,
        )
