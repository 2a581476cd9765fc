"""What is asked about the running model: the time of its layers, and what it is made of."""

from __future__ import annotations

from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.engine.api.events import ModelDescribed, ProfileTaken
from ovbench_tui.engine.api.pipeline_use import RequestText
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.pipelines.pipeline_queue import PipelineQueue
from ovbench_tui.engine.worker.active import Active
from ovbench_tui.engine.worker.background_tasks import BackgroundTasks
from ovbench_tui.engine.worker.inbox import Described
from ovbench_tui.engine.worker.profile import profile_of
from ovbench_tui.engine.worker.run_state import RunState
from ovbench_tui.stats.comparison.alternation import Side


class Inspecting:
    """Answers with events; nothing is measured meanwhile."""

    def __init__(self, run: RunState, tasks: BackgroundTasks) -> None:
        self._run = run
        self._tasks = tasks

    def take_profile(self, graph_path: str) -> None:
        """Read the time of every layer; '' = write no executable graph."""
        run = self._run
        active = run.active
        if active is None:
            run.emit(
                ProfileTaken(
                    run.run_id, (), "", "Layer times need a running model, and none is running."
                )
            )
            return
        if run.ab_test is not None:
            reason = "No layer times are taken while A and B alternate."
            run.emit(ProfileTaken(run.run_id, (), "", reason))
            return
        if not self._empty_for_profile(active):
            run.emit(ProfileTaken(run.run_id, (), "", "The run has failed."))
            return
        run.emit(profile_of(active, run.run_id, graph_path))
        run.enter_feeding()

    def _empty_for_profile(self, active: Active) -> bool:
        """Empty the queue; nothing is measured until it is full again. False = the run failed.

        Reading profiles while others run is a race inside the device, and of an empty queue
        the first inferences run alone. The state stays, since that happens every few seconds.
        """
        run = self._run
        if run.state is WorkerState.RUNNING:
            run.is_refilling = True
            run.refresh_measuring()
            if not run.drain(active):
                return False
            run.warm_up.begin(active.queue.nireq)
            return True
        if run.state is WorkerState.WARMING_UP:
            return run.drain(active)
        return run.state is not WorkerState.FAILED

    def read_text(self) -> None:
        """Decode one request's text, between two steps; takes about a millisecond."""
        run = self._run
        text = RequestText(run.run_id)
        if run.active is not None and isinstance(run.active.queue, PipelineQueue):
            try:
                text = run.active.queue.text(run.run_id)
            except RuntimeError as error:
                text = RequestText(run.run_id, text=f"({reason_of(error)})")
        run.emit(text)

    def start_describing(self) -> None:
        """Count the model in a thread; it takes the GIL from what is measured, so nothing is."""
        run = self._run
        active, run_id = run.active, run.run_id
        if run.ab_test is not None:  # of A, whoever's turn it is
            active, run_id = run.ab_test.sides[Side.A], run.ab_test.run_ids[Side.A]
        if active is None:
            run.emit(ModelDescribed(run_id, None))
        elif not run.is_describing:
            run.is_describing = True
            run.refresh_measuring()
            self._tasks.describe(active.prepared, run_id)

    def finish_describing(self, described: Described) -> None:
        """Pass on what the model is made of, and measure again."""
        run = self._run
        run.is_describing = False
        run.emit(ModelDescribed(described.run_id, described.facts))
        run.refresh_measuring()
