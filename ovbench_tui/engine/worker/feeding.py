"""Feeds what runs alone: warm-up, then its workload, to the end of a counted or timed run."""

from __future__ import annotations

import sys

from ovbench_tui.engine.api.events import FeederSpins, WorkerState
from ovbench_tui.engine.worker.active import Active
from ovbench_tui.engine.worker.run_state import RunState


class Feeding:
    """Keeps the queue full until a message comes in."""

    def __init__(self, run: RunState) -> None:
        self._run = run

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
            if not (run.is_warm or self._has_chosen_waiting(active)):
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

    def _has_chosen_waiting(self, active: Active) -> bool:
        """Let a tiny model's feeder find out how to wait; False when a message came in between."""
        config, queue = active.config, active.queue
        if not config.first_inference or config.max_fps or config.iterations:
            return True  # what is limited gains nothing
        queue.drain()
        has_chosen = queue.choose_waiting(self._run.inbox.empty)
        if queue.spins:
            self._run.emit(FeederSpins(self._run.run_id))
        return has_chosen

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
