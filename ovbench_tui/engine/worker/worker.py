"""The one thread that owns the infer request queue: takes commands, feeds, drains."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.commands import (
    Alternate,
    Configure,
    DescribeModel,
    EndAlternation,
    Pause,
    ReadText,
    ResetClock,
    Resume,
    Shutdown,
    StopRun,
    TakeProfile,
)
from ovbench_tui.engine.api.events import (
    BackgroundChanged,
    DevicesFound,
    Event,
    RunFailed,
    WorkerNotice,
    WorkerStopped,
)
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.requests.inference_errors import inference_reason
from ovbench_tui.engine.requests.prepared_model import Prepare
from ovbench_tui.engine.requests.queue_builder import QueueBuilder
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.worker.alternating import Alternating
from ovbench_tui.engine.worker.background_tasks import BackgroundTasks, Discover
from ovbench_tui.engine.worker.feeding import Feeding
from ovbench_tui.engine.worker.inbox import (
    CallbackFailed,
    Described,
    Discovered,
    Inbox,
    Prepared,
    Progressed,
    TimeIsUp,
    WasStopped,
    take_all,
)
from ovbench_tui.engine.worker.inspecting import Inspecting
from ovbench_tui.engine.worker.preparing import Preparing
from ovbench_tui.engine.worker.run_state import RunState
from ovbench_tui.system.memory import available_bytes


class InferenceWorker:
    """Passes each message to the part that it concerns, and feeds in between.

    The parts share the `RunState`; none knows the worker.

    Args:
        inbox: commands, in order; filled by any thread.
        emit: takes events; must not block.
        prepare: makes a configuration ready; called on the compile thread.
        discover: finds the devices; called once, on a thread of its own.
    """

    def __init__(
        self,
        ring: LatencyRing,
        inbox: Inbox,
        emit: Callable[[Event], None],
        prepare: Prepare,
        discover: Discover,
        memory_bytes: Callable[[], int] = available_bytes,
    ) -> None:
        self._inbox = inbox
        self._emit = emit
        self._tasks = BackgroundTasks(inbox, prepare, discover)
        self._run = RunState(ring, inbox, emit)
        queues = QueueBuilder(ring, inbox, self._run.report_pipeline)
        self._preparing = Preparing(self._run, self._tasks, queues, memory_bytes)
        self._alternating = Alternating(self._run, self._preparing, queues, memory_bytes)
        self._feeding = Feeding(self._run, queues)
        self._inspecting = Inspecting(self._run, self._tasks)

    def run(self) -> None:
        """Work until told to shut down, then release everything."""
        run = self._run
        reason = ""
        try:
            run.open()
            self._tasks.discover()
            run.is_discovering = True
            while not run.is_stopping:
                self._handle(take_all(self._inbox, block=not run.feeds))
                if run.feeds:
                    self._feed()
            run.set_state(WorkerState.DRAINING)
            run.release()
            self._tasks.join()
            run.set_state(WorkerState.IDLE)
        except BaseException as error:
            reason = f"The engine stopped because of an error of its own: {error!r}."
            raise
        finally:
            run.close()
            self._emit(WorkerStopped(reason))

    def _feed(self) -> None:
        run = self._run
        if run.active is None:
            return
        try:
            if run.ab_test is not None:
                self._alternating.feed(run.ab_test)
            else:
                self._feeding.feed(run.active)
        except (RuntimeError, MemoryError) as error:
            run.fail(f"Inference failed: {inference_reason(error, run.active.prepared)}.")

    def _handle(self, messages: list[object]) -> None:
        """Do what the messages want; of several configurations only the last."""
        run = self._run
        target: BenchmarkConfig | None = None
        for message in messages:
            match message:
                case Configure(config):
                    target = config
                case Pause():
                    self._pause()
                case Resume():
                    run.is_paused = False
                    run.enter_feeding()
                case Alternate():
                    if target is not None:
                        self._aim_at(target)
                        target = None
                    self._alternating.request(message)
                case EndAlternation(keep_b):
                    self._alternating.end(keep_b=keep_b)
                case ResetClock():
                    self._reset_clock()
                case StopRun(reason):
                    self._stop_run(reason)
                case TakeProfile(graph_path):
                    self._inspecting.take_profile(graph_path)
                case DescribeModel():
                    self._inspecting.start_describing()
                case ReadText():
                    self._inspecting.read_text()
                case Described():
                    self._inspecting.finish_describing(message)
                case Shutdown():
                    run.is_stopping = True
                case Prepared():
                    self._finish_preparation(message)
                case Progressed(what):
                    self._preparing.report_progress(what)
                case Discovered():
                    self._finish_discovery(message)
                case TimeIsUp(arming):
                    self._feeding.finish(arming)
                case WasStopped():
                    run.heed_stop()
                case CallbackFailed(error, queue_number):
                    # Of those in flight every one may fail; the first is reported.
                    is_first = run.state is not WorkerState.FAILED
                    if is_first and queue_number in run.live_queues:
                        run.fail(f"A completion could not be recorded: {error!r}.")
        if target is not None and not run.is_stopping:
            self._aim_at(target)

    def _aim_at(self, target: BenchmarkConfig) -> None:
        """Run this configuration; an A/B test in progress ends, unless it is that of A."""
        if not self._alternating.goes_on_with(target):
            self._run.target = target
            self._preparing.pursue_target()

    def _pause(self) -> None:
        run = self._run
        if run.is_paused:
            return
        run.is_paused = True
        if run.state is WorkerState.FAILED or run.active is None:
            return
        run.spoil_slice()
        run.set_state(WorkerState.DRAINING)
        if run.drain(run.active):
            run.set_state(WorkerState.PAUSED)

    def _reset_clock(self) -> None:
        run = self._run
        run.spoil_slice()
        run.restart_clock()
        if run.time.is_running and run.starts_clean():
            run.restart_clock()

    def _stop_run(self, reason: str) -> None:
        """End what runs and give its memory back; another configuration begins anew."""
        run = self._run
        if run.active is None or run.state is WorkerState.FAILED:
            return
        self._alternating.call_off()
        run.target = None
        run.release()
        run.set_state(WorkerState.FAILED)
        self._emit(RunFailed(reason))

    def _finish_preparation(self, prepared: Prepared) -> None:
        run = self._run
        run.is_preparing = False
        self._emit(BackgroundChanged("", perf_counter()))
        if not prepared.is_variant_b:
            self._preparing.finish(prepared)
        elif not self._alternating.finish_preparation(prepared):
            # It was called off, or another one was requested meanwhile.
            run.refresh_measuring()
            self._preparing.pursue_target()
        self._alternating.pursue()

    def _finish_discovery(self, found: Discovered) -> None:
        run = self._run
        run.is_discovering = False
        if found.reason:
            self._emit(WorkerNotice(found.reason))
        self._emit(DevicesFound(found.devices, found.openvino_version))
        if run.state is WorkerState.WAITING:
            run.enter_feeding()
        run.refresh_measuring()
