"""Feeds what runs alone: warm-up, then its workload, to the end of a counted or timed run."""

from __future__ import annotations

import sys

from ovbench_tui.engine.api.feeders import FeederChosen
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.requests.queue import Queue
from ovbench_tui.engine.requests.queue_builder import QueueBuilder
from ovbench_tui.engine.worker.active import Active
from ovbench_tui.engine.worker.run_state import RunState


class Feeding:
    """Keeps the queue full until a message comes in."""

    def __init__(self, run: RunState, queues: QueueBuilder) -> None:
        self._run = run
        self._queues = queues

    def feed(self, active: Active) -> None:
        """Warm up where that is to be done, then let the workload feed.

        Raises:
            RuntimeError: an inference failed.
        """
        run = self._run
        inbox_empty = run.inbox.empty
        if not run.is_warm or run.is_refilling:
            if not run.warm_up.feed(active.queue.starter(), inbox_empty):
                return
            if not (run.is_warm or self._has_chosen_feeder(active)):
                return
            run.is_warm = True
            run.is_refilling = False
            run.set_state(WorkerState.RUNNING)
        wanted = active.wanted_iterations if run.time.is_running else None
        workload = active.workload
        while inbox_empty():
            run.started_count = workload.feed(
                active.queue, inbox_empty, started=run.started_count, wanted=wanted
            )
            if wanted is None or run.started_count < wanted:
                return  # a message came in
            if run.time.has_passed(active.config.duration_s):
                self._finish_drained(active)
                return
            wanted = sys.maxsize  # both ends must be reached

    def _has_chosen_feeder(self, active: Active) -> bool:
        """Find out who should collect; False when a message came in between."""
        run, config, queue = self._run, active.config, active.queue
        if not run.feeder.is_open(config, queue):
            return True
        queue.drain()

        def make_rival() -> Queue:
            return self._queues.build_rival(active.prepared, config)

        if not run.feeder.settle(config, queue, make_rival, run.inbox.empty):
            return False
        run.emit(FeederChosen(run.run_id, queue.collected_by, queue.spins))
        return True

    def finish(self, arming: int) -> None:
        """End the run whose time is over, unless it has inferences left to start."""
        run = self._run
        run.heed_stop()
        if not run.time.is_current(arming) or run.active is None:
            return
        wanted = run.active.wanted_iterations
        if wanted is None or run.started_count >= wanted:  # both ends must be reached
            self._finish_drained(run.active)

    def _finish_drained(self, active: Active) -> None:
        """Count what is in flight, too, as benchmark_app does, and end the run."""
        run = self._run
        if run.drain(active) and not run.heed_stop():
            run.is_finished = True
            run.set_state(WorkerState.FINISHED)
