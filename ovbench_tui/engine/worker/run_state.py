"""What runs, in which state, and whether what completes counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from ovbench_tui.config.benchmark import BenchmarkConfig, describe_change
from ovbench_tui.engine.api.events import (
    BackgroundChanged,
    ConfigRejected,
    Event,
    ProcessStopped,
    RunFailed,
    StateChanged,
)
from ovbench_tui.engine.api.pipeline_use import PipelineUse
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.requests.feeder_choice import FeederChooser
from ovbench_tui.engine.requests.inference_errors import inference_reason
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.worker.active import AbTest, Active
from ovbench_tui.engine.worker.inbox import Inbox, TimeIsUp, WasStopped
from ovbench_tui.engine.worker.measured_time import MeasuredTime
from ovbench_tui.engine.worker.stop_watch import StopWatch
from ovbench_tui.engine.worker.warm_up import NEW_QUEUE_WARM_UP_S, WarmUp
from ovbench_tui.stats.comparison.alternation import Side
from ovbench_tui.stats.load.counts import LoadCounts


class RunState:
    """The state machine; every transition is an event.

    What completes while something else is prepared or searched is not measured.

    It must hold nothing that owns OpenVINO's Core but `active` and `ab_test`, and be part of no
    circle: whatever frees the Core has to be the worker's own thread.

    Args:
        emit: takes events; must not block.

    Attributes:
        active: what runs, or has failed; None = nothing.
        feeder: decides who collects the completions of a queue.
        ab_test: the two that alternate, of which `active` is one; None = one runs alone.
        target: the configuration that is to run; None = none was requested.
        parked: what ran before it had to make room for what is being prepared.
        run_id: of the run that completions belong to.
        time: what was measured of it.
        started_count: inferences of a counted run that were started.
        is_warm: its warm-up is over.
        is_refilling: the queue is being filled again, so nothing is measured.
        is_finished: it has come to its end.
    """

    def __init__(self, ring: LatencyRing, inbox: Inbox, emit: Callable[[Event], None]) -> None:
        self.ring = ring
        self.inbox = inbox
        self.emit = emit
        self.state = WorkerState.IDLE
        self.active: Active | None = None
        self.ab_test: AbTest | None = None
        self.feeder = FeederChooser()
        self.target: BenchmarkConfig | None = None
        self.parked: BenchmarkConfig | None = None
        self.run_id = 0
        self._runs_begun = 0
        self.time = MeasuredTime(lambda arming: inbox.put(TimeIsUp(arming)))
        self.warm_up = WarmUp(lambda: ring.total)
        self.started_count = 0
        self.is_warm = False
        self.is_refilling = False
        self.is_finished = False
        self.is_paused = False
        self.is_preparing = False
        self.is_discovering = False
        self.is_describing = False
        self.is_stopping = False
        self._stop_watch = StopWatch(ring.note_good_until, lambda: inbox.put(WasStopped()))
        self._announced = (0, 0.0)

    def open(self) -> None:
        """Begin, with nothing that runs."""
        self._stop_watch.start()
        self.set_state(WorkerState.IDLE, force=True)

    def close(self) -> None:
        """End what goes on in threads of its own."""
        self.time.disarm()
        self._stop_watch.end()

    @property
    def feeds(self) -> bool:
        """Whether inferences are to be started."""
        return (
            self.active is not None
            and not self.waits_for_devices
            and not self.is_paused
            and not self.is_finished
            and not self.is_stopping
            and self.state is not WorkerState.FAILED
        )

    @property
    def waits_for_devices(self) -> bool:
        """A counted run starts nothing that does not count."""
        active = self.active
        return self.is_discovering and active is not None and bool(active.config.iterations)

    @property
    def running_config(self) -> BenchmarkConfig | None:
        """What runs, or will again."""
        return self.active.config if self.active else self.parked

    # -- runs -------------------------------------------------------------------------------

    def begin_run(
        self,
        old: BenchmarkConfig | None,
        config: BenchmarkConfig,
        warmup_s: float,
        change: str = "",
    ) -> None:
        """Let what is active begin a run of its own.

        Args:
            old: what ran before, to describe the change where no `change` is given.
        """
        active = self.active
        if active is None:
            raise AssertionError("a run needs a queue")
        self.run_id = self.next_run_id()
        self.restart_clock()
        self.is_finished = config.iterations == 0
        self.is_refilling = False
        self.is_warm = not config.first_inference
        if not change and old:
            change = describe_change(old, config)
        self.emit(active.started(self.run_id, change, self.ring.total))
        self.warm_up.begin(2 * active.queue.nireq, warmup_s)
        self.enter_feeding(new_run=True)

    def next_run_id(self) -> int:
        """The number of a run that begins."""
        self._runs_begun += 1
        return self._runs_begun

    def enter_feeding(self, *, new_run: bool = False) -> None:
        """Go to the state in which what is active goes on."""
        if self.active is None:
            return
        if self.is_paused:
            self.set_state(WorkerState.PAUSED, force=new_run)
        elif self.is_finished:
            self.set_state(WorkerState.FINISHED)
        elif self.waits_for_devices and (new_run or self.state is not WorkerState.FAILED):
            self.set_state(WorkerState.WAITING, force=new_run)
        elif self.state is not WorkerState.FAILED or new_run:
            state = WorkerState.RUNNING if self.is_warm else WorkerState.WARMING_UP
            self.set_state(state, force=new_run)

    def quiesce(self, active: Active) -> None:
        """Empty a queue that is to be replaced; a failed one is left as it is."""
        if self.state is not WorkerState.FAILED:
            self.set_state(WorkerState.DRAINING)
            self.drain(active)

    def drain(self, active: Active) -> bool:
        """Wait for what is in flight; False = an inference failed, and so did the run."""
        try:
            active.queue.drain()
        except (RuntimeError, MemoryError) as error:
            self.fail(f"Inference failed: {inference_reason(error, active.prepared)}.")
            return False
        return True

    def fail(self, reason: str) -> None:
        """Stop feeding; the model stays compiled, so the next change of nireq revives it."""
        if self.ab_test is not None and self._outlives(self.ab_test, reason):
            return
        self.set_state(WorkerState.FAILED)
        self.emit(RunFailed(reason))

    def release(self) -> None:
        """Let go of what runs."""
        active, self.active = self.active, None
        ab_test, self.ab_test = self.ab_test, None
        if active is not None:
            self.quiesce(active)
            active.queue.release()
            if ab_test is not None:
                ab_test.other(active).queue.release()

    @contextmanager
    def reporting(self, what: str) -> Iterator[None]:
        """Report what goes on meanwhile."""
        self.emit(BackgroundChanged(what, perf_counter()))
        try:
            yield
        finally:
            self.emit(BackgroundChanged("", perf_counter()))

    # -- of two that alternate --------------------------------------------------------------

    @property
    def live_queues(self) -> set[int]:
        """Numbers of the queues whose completions count."""
        sides = [self.active] if self.ab_test is None else list(self.ab_test.sides.values())
        return {side.queue_number for side in sides if side is not None}

    def spoil_slice(self) -> None:
        """Measure this pair again: something came in between."""
        if self.ab_test is not None:
            self.ab_test.is_spoilt = True
            self.is_refilling = True

    def keep(self, ab_test: AbTest, side: Side) -> None:
        """Let go of the other side."""
        kept = ab_test.sides[side]
        ab_test.other(kept).queue.release()
        kept.config = self.target = ab_test.configs[side]
        self.feeder.end_alternation(kept.config, kept.queue)
        self.active = kept
        self.is_refilling = False

    def _outlives(self, ab_test: AbTest, reason: str) -> bool:
        """End the A/B test in which one side failed; True = it was B, and A goes on alone."""
        self.ab_test = None
        is_b = self.active is ab_test.sides[Side.B]
        self.keep(ab_test, Side.A)
        if is_b:
            rejected = ab_test.configs[Side.B]
            self.emit(ConfigRejected(rejected, f"B: {reason}", self.running_config, False))
            self.begin_run(None, ab_test.configs[Side.A], NEW_QUEUE_WARM_UP_S, "A alone again")
        return is_b

    # -- what is measured, and for how long -------------------------------------------------

    def set_state(self, state: WorkerState, *, force: bool = False) -> None:
        """Change to a state, and begin or end what is measured with it."""
        self.heed_stop()
        measuring = (
            state is WorkerState.RUNNING
            and not self.is_preparing
            and not self.is_discovering
            and not self.is_describing
            and not self.is_refilling
            and not self.is_stopping
        )
        if not force and state is self.state and measuring is self.time.is_running:
            return
        was_measuring = self.time.is_running
        if measuring and not was_measuring and not self.starts_clean():
            return
        self.state = state
        if was_measuring and self.ab_test is not None and not self.ab_test.is_ending_slice:
            self.spoil_slice()
        self._announce(state, measuring, self.ring.announce_mark(), perf_counter())
        if measuring:
            self.started_count = self.time.count
            self._arm()

    def refresh_measuring(self) -> None:
        """Begin or end what is measured; the state stays."""
        self.set_state(self.state)

    def _announce(
        self,
        state: WorkerState,
        measuring: bool,
        ring_count: int,
        time_s: float,
        load: LoadCounts | None = None,
    ) -> None:
        self._announced = ring_count, time_s
        load = load or self.ring.load_counts()
        self.emit(StateChanged(state, measuring, self.run_id, ring_count, time_s, load))
        if self.time.is_running:
            self.time.end(time_s, ring_count)
        if measuring:
            self.time.begin(time_s, ring_count)

    def heed_stop(self) -> bool:
        """Cut out the time in which the process was stopped; True = measured time ended by it.

        What was in flight then is waited for and counts nowhere, and the queue is filled again.
        """
        stop = self._stop_watch.take()
        if stop is None:
            return False
        was_measuring, active = self.time.is_running, self.active
        if active is None or not self.state.is_feeding:
            self._stop_watch.go_on()
            return False
        if was_measuring:
            self.spoil_slice()
        count, since_s = self._announced
        self.ring.announce_mark()
        count = self.ring.count_until(stop.begin_s, count)
        begin_s = max(stop.begin_s, since_s)
        # What was scheduled while nothing ran has not arrived.
        load = active.open_loop.counts_at(begin_s) if active.open_loop is not None else None
        self._announce(WorkerState.DRAINING, False, count, begin_s, load)
        self.emit(ProcessStopped(self.run_id, begin_s, stop.end_s, stop.lasted_s, was_measuring))
        self._stop_watch.go_on()
        self.inbox.put(WasStopped())  # so that whatever feeds now begins again
        if self.is_warm:
            self.is_refilling = True
            self.warm_up.begin(active.queue.nireq)
        else:
            self.warm_up.again()
        if self.drain(active):
            self._announce(self.state, False, self.ring.announce_mark(), perf_counter())
        return was_measuring

    def report_pipeline(self, metrics: Any) -> None:
        """Report what openvino-genai's metrics say of the pipeline that runs."""
        self.emit(
            PipelineUse(
                run_id=self.run_id,
                requests=metrics.requests,
                running=metrics.scheduled_requests,
                cache_percent=metrics.cache_usage,
                cache_peak_percent=metrics.max_cache_usage,
                cache_bytes=metrics.kv_cache_size_in_bytes,
            )
        )

    def starts_clean(self) -> bool:
        """Wait for what is in flight where it must not count; False = an inference failed.

        Where inferences are counted, or started at a rate, what was started before would be
        too many. A run that ends after a time ends with an empty queue, so it begins with one,
        as benchmark_app's does; what is measured in between begins and ends with a full one.
        """
        active = self.active
        if active is None:
            return True
        config, is_first = active.config, not (self.time.seconds or self.time.count)
        if config.iterations or config.is_paced or (config.duration_s and is_first):
            if not self.drain(active):
                return False
            if is_first:
                active.queue.restart_sequences()
            if active.open_loop is not None:
                active.open_loop.restart(anew=is_first)
        return True

    def restart_clock(self) -> None:
        """Measure from here on, as if nothing had been measured before."""
        self.time.restart(self.ring.total)
        self.started_count = 0
        self.arm_again()

    def arm_again(self) -> None:
        """Wait for another end of what is measured."""
        if self.time.is_running:
            self._arm()

    def _arm(self) -> None:
        active = None if self.is_finished else self.active
        self.time.arm(active.config.duration_s if active else None)
