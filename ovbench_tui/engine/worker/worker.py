"""The one thread that owns the infer request queue: compile, feed, swap, drain."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from ovbench_tui.config.benchmark import BenchmarkConfig, describe_change
from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.engine.api.commands import (
    Alternate,
    Configure,
    DescribeModel,
    EndAlternation,
    Pause,
    ResetClock,
    Resume,
    Shutdown,
    StopRun,
    TakeProfile,
)
from ovbench_tui.engine.api.events import (
    BackgroundChanged,
    ConfigRejected,
    DevicesFound,
    Event,
    FeederSpins,
    IsolationRequired,
    ModelDescribed,
    PairStarted,
    ProcessStopped,
    ProfileTaken,
    RunFailed,
    ShapeNeeded,
    SliceEnded,
    StateChanged,
    WorkerNotice,
    WorkerState,
    WorkerStopped,
)
from ovbench_tui.engine.inputs.isolation import IsolationNeeded
from ovbench_tui.engine.inputs.shapes.data_shape import DataShapeNeeded
from ovbench_tui.engine.worker.active import AbTest, Active, without_end
from ovbench_tui.engine.worker.alternation import Alternation, Side, SliceEnd
from ovbench_tui.engine.worker.background_tasks import BackgroundTasks, Discover
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
from ovbench_tui.engine.worker.measured_time import MeasuredTime
from ovbench_tui.engine.worker.measuring_mode import check_api
from ovbench_tui.engine.worker.pacing import feed_limited
from ovbench_tui.engine.worker.prepared_model import Prepare, PreparedModel
from ovbench_tui.engine.worker.profile import profile_of
from ovbench_tui.engine.worker.request_queue import QueueOptions, RequestQueue
from ovbench_tui.engine.worker.ring import LatencyRing
from ovbench_tui.engine.worker.state_reset import reset_notice, resets_after
from ovbench_tui.engine.worker.stop_watch import StopWatch
from ovbench_tui.engine.worker.warm_up import NEW_QUEUE_WARM_UP_S, WARM_UP_S, WarmUp
from ovbench_tui.errors import BadInputError
from ovbench_tui.system.memory import available_bytes, bytes_on_disk

_SETTLING_S = 0.05
"""Caches hold the other side's weights when a slice begins."""
_COMPILE_BESIDE_FACTOR = 3
"""Peak memory of reading and compiling a model, in sizes of its weights (seen on CPU)."""


class InferenceWorker:
    """One state machine; every transition is an event.

    A change of nireq is a new queue on the same compiled model. Every other change is
    prepared in a thread of its own beside the running model and swapped in after its first
    inference went well; until then, and for good when it fails, the old run goes on. What
    completes while something else is prepared or searched is not measured.

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
        self._ring = ring
        self._inbox = inbox
        self._emit = emit
        self._tasks = BackgroundTasks(inbox, prepare, discover)
        self._memory_bytes = memory_bytes
        self._state = WorkerState.IDLE
        self._run_id = 0
        self._runs_begun = 0
        self._active: Active | None = None
        self._variant_b: Alternate | None = None
        self._ab_test: AbTest | None = None
        self._queue_number = 0
        self._target: BenchmarkConfig | None = None
        self._preparing: BenchmarkConfig | None = None
        self._parked: BenchmarkConfig | None = None
        self._discovering = False
        self._describing = False
        self._refilling = False
        self._paused = False
        self._finished = False
        self._stopping = False
        self._warm_up = WarmUp(lambda: ring.total)
        self._warm = False
        self._stop_watch = StopWatch(ring.note_good_until, lambda: inbox.put(WasStopped()))
        self._announced = (0, 0.0)
        self._started_count = 0
        self._time = MeasuredTime(lambda arming: inbox.put(TimeIsUp(arming)))

    def run(self) -> None:
        """Work until told to shut down, then release everything."""
        reason = ""
        try:
            self._stop_watch.start()
            self._set_state(WorkerState.IDLE, force=True)
            self._tasks.discover()
            self._discovering = True
            while not self._stopping:
                self._handle(take_all(self._inbox, block=not self._feeds))
                if self._feeds:
                    self._feed()
            self._set_state(WorkerState.DRAINING)
            self._release_active()
            self._tasks.join()
            self._set_state(WorkerState.IDLE)
        except BaseException as error:
            reason = f"The engine stopped because of an error of its own: {error!r}."
            raise
        finally:
            self._time.disarm()
            self._stop_watch.end()
            self._emit(WorkerStopped(reason))

    # -- commands ---------------------------------------------------------------------------

    @property
    def _feeds(self) -> bool:
        return (
            self._active is not None
            and not self._waits_for_devices
            and not self._paused
            and not self._finished
            and not self._stopping
            and self._state is not WorkerState.FAILED
        )

    @property
    def _waits_for_devices(self) -> bool:
        """A counted run starts nothing that does not count."""
        active = self._active
        return self._discovering and active is not None and bool(active.config.iterations)

    def _handle(self, messages: list[object]) -> None:
        target: BenchmarkConfig | None = None
        for message in messages:
            match message:
                case Configure(config):
                    target = config
                case Pause():
                    self._pause()
                case Resume():
                    self._paused = False
                    self._enter_feeding()
                case Alternate():
                    if target is not None:
                        self._aim_at(target)
                        target = None
                    self._ask_for_variant_b(message)
                case EndAlternation(keep_b):
                    self._end_alternation(keep_b)
                case ResetClock():
                    self._spoil_slice()
                    self._restart_clock()
                    if self._time.is_running and self._starts_clean():
                        self._restart_clock()
                case StopRun(reason):
                    self._stop_run(reason)
                case TakeProfile(graph_path):
                    self._take_profile(graph_path)
                case DescribeModel():
                    self._start_describing()
                case Described(run_id, facts):
                    self._describing = False
                    self._emit(ModelDescribed(run_id, facts))
                    self._refresh_measuring()
                case Shutdown():
                    self._stopping = True
                case Prepared():
                    self._finish_preparation(message)
                case Progressed(what):
                    self._tell_progress(what)
                case Discovered(devices, version, reason):
                    self._discovering = False
                    if reason:
                        self._emit(WorkerNotice(reason))
                    self._emit(DevicesFound(devices, version))
                    if self._state is WorkerState.WAITING:
                        self._enter_feeding()
                    self._refresh_measuring()
                case TimeIsUp(arming):
                    self._finish_run(arming)
                case WasStopped():
                    self._heed_stop()
                case CallbackFailed(error, queue_number):
                    # Of those in flight every one may fail; the first is told.
                    is_first = self._state is not WorkerState.FAILED
                    if is_first and queue_number in self._live_queues:
                        self._fail(f"A completion could not be recorded: {error!r}.")
        if target is not None and not self._stopping:
            self._aim_at(target)

    def _pursue_target(self) -> None:
        """Take the next step towards the target, unless a preparation is under way."""
        target, active = self._target, self._active
        if target is None:
            return
        if active is not None and not active.config.needs_recompile(target):
            self._apply_without_recompile(active, target)
        elif self._preparing is None:
            self._start_preparation(target)

    def _apply_without_recompile(self, active: Active, target: BenchmarkConfig) -> None:
        if active.config.needs_new_run(target) or self._state is WorkerState.FAILED:
            self._requeue(active, target)
        elif active.config != target:
            active.config = target
            self._arm_again()

    def _pause(self) -> None:
        if self._paused:
            return
        self._paused = True
        if self._state is WorkerState.FAILED or self._active is None:
            return
        self._spoil_slice()
        self._set_state(WorkerState.DRAINING)
        if self._drain(self._active):
            self._set_state(WorkerState.PAUSED)

    # -- preparing beside the running model -------------------------------------------------

    def _start_preparation(self, config: BenchmarkConfig) -> None:
        if self._active is not None and not self._fits_beside(self._active):
            self._parked = self._active.config
            self._release_active()
        self._prepare_beside(config)

    def _prepare_beside(self, config: BenchmarkConfig, *, is_variant_b: bool = False) -> None:
        self._preparing = config
        self._refresh_measuring()
        reuse = self._active.prepared if self._active else None
        self._tasks.prepare(config, reuse, is_variant_b=is_variant_b)

    def _fits_beside(self, active: Active) -> bool:
        return self._memory_bytes() > _COMPILE_BESIDE_FACTOR * active.prepared.weight_bytes

    def _tell_progress(self, what: str) -> None:
        if self._preparing is None:
            return
        self._emit(BackgroundChanged(what, perf_counter()))
        if self._active is None:
            reading = what.startswith("reading")
            self._set_state(WorkerState.READING if reading else WorkerState.COMPILING)

    def _finish_preparation(self, prepared: Prepared) -> None:
        self._preparing = None
        self._emit(BackgroundChanged("", perf_counter()))
        target = self._target
        result = prepared.result
        if prepared.is_variant_b:
            self._finish_variant_b(prepared.config, result)
            return
        if target is None or prepared.config.needs_recompile(target):
            # Another configuration was asked for meanwhile; this one, good or bad, is stale.
            self._refresh_measuring()
            self._pursue_target()
        elif isinstance(result, DataShapeNeeded):
            self._emit(
                ShapeNeeded(
                    target,
                    str(result),
                    result.inputs,
                    result.proposal,
                    self._running_config,
                    option=result.option,
                )
            )
            self._fall_back()
        elif isinstance(result, IsolationNeeded):
            self._emit(IsolationRequired(target, result.notice))
            self._fall_back()
        elif isinstance(result, Exception):
            self._reject(target, str(result), bad_input=True)
        else:
            self._adopt(result, target)
        self._pursue_variant_b()

    def _adopt(self, prepared: PreparedModel, config: BenchmarkConfig) -> None:
        """Swap to `prepared`, or go on with the old run when its first inference fails."""
        old = self._active
        if old is not None:
            self._quiesce(old)
        first_ms, step = math.nan, "its infer requests could not be made"
        try:
            with self._telling(f"running the first inference of {prepared.info.name}"):
                queue = self._build_queue(prepared, config)
                if config.first_inference and config.iterations != 0:
                    step = "its first inference failed"
                    first_ms = queue.first_inference_ms()
                    step = "an inference after the first one failed"
                queue.record(probe=not math.isnan(first_ms) and not config.max_fps)
        except (RuntimeError, MemoryError, ValueError, TypeError) as error:
            reason = f"{prepared.info.name} compiled, but {step}: {reason_of(error)}."
            self._reject(config, reason, bad_input=False)
            return
        old_config = old.config if old else self._parked
        reported = old.prepared.notice if old else ""
        self._active = Active(config, prepared, queue, first_ms, self._queue_number)
        self._parked = None
        if old is not None:
            old.queue.release()
            del old  # and with it the compiled model, before the new run is timed
        self._begin_run(old_config, config, WARM_UP_S)
        if prepared.notice and prepared.notice != reported:
            self._emit(WorkerNotice(prepared.notice))
        if words := reset_notice(self._active.effective, config):
            self._emit(WorkerNotice(words))

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        self._emit(BackgroundChanged(what, perf_counter()))
        try:
            yield
        finally:
            self._emit(BackgroundChanged("", perf_counter()))

    def _requeue(self, active: Active, config: BenchmarkConfig) -> None:
        """Give the compiled model another queue; takes no recompile."""
        try:
            check_api(config.api, len(active.prepared.effective.shape_groups))
        except BadInputError as error:
            self._reject(config, str(error), bad_input=True)
            return
        self._quiesce(active)
        try:
            queue = self._build_queue(active.prepared, config)
            queue.record(probe=config.first_inference and not config.max_fps)
        except (RuntimeError, MemoryError) as error:
            self._reject(
                config, f"nireq {config.nireq} cannot be run: {reason_of(error)}.", bad_input=False
            )
            return
        active.queue.release()
        old, active.config, active.queue = active.config, config, queue
        active.queue_number = self._queue_number
        self._begin_run(old, config, NEW_QUEUE_WARM_UP_S)

    def _build_queue(self, prepared: PreparedModel, config: BenchmarkConfig) -> RequestQueue:
        inbox = self._inbox
        self._queue_number += 1
        number = self._queue_number

        # Holds nothing but the inbox: OpenVINO lets go of a callback on one of its own threads,
        # and if that freed the worker, and with it the Core, the thread would have to join
        # itself, which aborts the process.
        def tell(error: BaseException) -> None:
            inbox.put(CallbackFailed(error, number))

        plan = QueueOptions(
            config.nireq,
            is_sync=config.api == "sync",
            refills=not prepared.effective.inference_only,
            resets_after=resets_after(prepared.effective, config),
        )
        return RequestQueue(prepared.compiled, plan, prepared.feeds, self._ring, tell)

    def _reject(self, config: BenchmarkConfig, reason: str, *, bad_input: bool) -> None:
        self._emit(ConfigRejected(config, reason, self._running_config, bad_input))
        self._fall_back()

    @property
    def _running_config(self) -> BenchmarkConfig | None:
        return self._active.config if self._active else self._parked

    def _fall_back(self) -> None:
        """Go on with the run that was there, compiling it again if it had to make room."""
        self._target = self._running_config
        if self._active is None and self._parked is not None:
            self._parked = None
            self._pursue_target()
        elif self._active is not None:
            self._enter_feeding()
        else:
            self._set_state(WorkerState.IDLE)

    # -- running ----------------------------------------------------------------------------

    def _begin_run(
        self,
        old: BenchmarkConfig | None,
        config: BenchmarkConfig,
        warmup_s: float,
        change: str = "",
    ) -> None:
        active = self._active
        if active is None:
            raise AssertionError("a run needs a queue")
        self._run_id = self._next_run_id()
        self._restart_clock()
        self._finished = config.iterations == 0
        self._refilling = False
        self._warm = not config.first_inference
        if not change and old:
            change = describe_change(old, config)
        self._emit(active.started(self._run_id, change, self._ring.total))
        self._warm_up.begin(2 * active.queue.nireq, warmup_s)
        self._enter_feeding(new_run=True)

    def _next_run_id(self) -> int:
        self._runs_begun += 1
        return self._runs_begun

    def _enter_feeding(self, *, new_run: bool = False) -> None:
        if self._active is None:
            return
        if self._paused:
            self._set_state(WorkerState.PAUSED, force=new_run)
        elif self._finished:
            self._set_state(WorkerState.FINISHED)
        elif self._waits_for_devices and (new_run or self._state is not WorkerState.FAILED):
            self._set_state(WorkerState.WAITING, force=new_run)
        elif self._state is not WorkerState.FAILED or new_run:
            state = WorkerState.RUNNING if self._warm else WorkerState.WARMING_UP
            self._set_state(state, force=new_run)

    def _feed(self) -> None:
        """Keep the queue full until a message comes in."""
        active = self._active
        if active is None:
            return
        inbox_empty = self._inbox.empty
        try:
            if self._ab_test is not None:
                self._feed_slice(self._ab_test)
                return
            start = active.queue.starter()
            if not self._warm or self._refilling:
                if not self._warm_up.feed(start, inbox_empty):
                    return
                if not (self._warm or self._has_chosen_waiting(active)):
                    return
                self._warm = True
                self._refilling = False
                self._set_state(WorkerState.RUNNING)
            if active.config.max_fps or (active.config.iterations and self._time.is_running):
                self._feed_limited(active, start)
                return
            active.queue.feed_while(inbox_empty)
        except (RuntimeError, MemoryError) as error:
            self._fail(f"Inference failed: {reason_of(error)}.")

    def _has_chosen_waiting(self, active: Active) -> bool:
        """Let a tiny model's feeder find out how to wait; False when a message came in between."""
        config, queue = active.config, active.queue
        if not config.first_inference or config.max_fps or config.iterations:
            return True  # what is limited gains nothing
        queue.drain()
        has_chosen = queue.choose_waiting(self._inbox.empty)
        if queue.spins:
            self._emit(FeederSpins(self._run_id))
        return has_chosen

    def _feed_limited(self, active: Active, start: Callable[[], None]) -> None:
        """Feed at most so often, or so many, until a message comes in."""
        inbox_empty = self._inbox.empty
        wanted = active.wanted_iterations if self._time.is_running else None
        while inbox_empty():
            self._started_count = started = feed_limited(
                start,
                inbox_empty,
                starts_per_s=active.starts_per_s,
                started=self._started_count,
                wanted=wanted,
            )
            if wanted is None or started < wanted:
                return  # a message came in
            if self._time.has_passed(active.config.duration_s):
                self._finish_drained(active)
                return
            wanted = None  # both ends must be reached

    def _finish_drained(self, active: Active) -> None:
        """Count what is in flight, too, as benchmark_app does, and end the run."""
        if self._drain(active) and not self._heed_stop():
            self._finished = True
            self._set_state(WorkerState.FINISHED)

    def _take_profile(self, graph_path: str) -> None:
        active = self._active
        if active is None:
            self._emit(ProfileTaken(self._run_id, (), "", "Nothing runs that could be profiled."))
            return
        if self._ab_test is not None:
            reason = "No layer times are taken while A and B alternate."
            self._emit(ProfileTaken(self._run_id, (), "", reason))
            return
        if not self._empty_for_profile(active):
            self._emit(ProfileTaken(self._run_id, (), "", "The run has failed."))
            return
        self._emit(profile_of(active, self._run_id, graph_path))
        self._enter_feeding()

    def _empty_for_profile(self, active: Active) -> bool:
        """Empty the queue; nothing is measured until it is full again. False = the run failed.

        Reading profiles while others run is a race inside the device, and of an empty queue
        the first inferences run alone. The state stays, since that happens every few seconds.
        """
        if self._state is WorkerState.RUNNING:
            self._refilling = True
            self._refresh_measuring()
            if not self._drain(active):
                return False
            self._warm_up.begin(active.queue.nireq)
            return True
        if self._state is WorkerState.WARMING_UP:
            return self._drain(active)
        return self._state is not WorkerState.FAILED

    def _start_describing(self) -> None:
        """Count the model in a thread; it takes the GIL from what is measured, so nothing is."""
        active, run_id = self._active, self._run_id
        if self._ab_test is not None:  # asked of A, whoever's turn it is
            active, run_id = self._ab_test.sides[Side.A], self._ab_test.run_ids[Side.A]
        if active is None:
            self._emit(ModelDescribed(run_id, None))
        elif not self._describing:
            self._describing = True
            self._refresh_measuring()
            self._tasks.describe(active.prepared, run_id)

    def _quiesce(self, active: Active) -> None:
        """Empty a queue that is to be replaced; a failed one is left as it is."""
        if self._state is not WorkerState.FAILED:
            self._set_state(WorkerState.DRAINING)
            self._drain(active)

    def _drain(self, active: Active) -> bool:
        try:
            active.queue.drain()
        except (RuntimeError, MemoryError) as error:
            self._fail(f"Inference failed: {reason_of(error)}.")
            return False
        return True

    def _fail(self, reason: str) -> None:
        """Stop feeding; the model stays compiled, so the next change of nireq revives it."""
        if self._ab_test is not None and self._outlives(self._ab_test, reason):
            return
        self._set_state(WorkerState.FAILED)
        self._emit(RunFailed(reason))

    def _stop_run(self, reason: str) -> None:
        """End what runs and give its memory back; another configuration begins anew."""
        if self._active is None or self._state is WorkerState.FAILED:
            return
        self._variant_b = self._target = None
        self._release_active()
        self._set_state(WorkerState.FAILED)
        self._emit(RunFailed(reason))

    def _release_active(self) -> None:
        active, self._active = self._active, None
        ab_test, self._ab_test = self._ab_test, None
        if active is not None:
            self._quiesce(active)
            active.queue.release()
            if ab_test is not None:
                ab_test.other(active).queue.release()

    # -- two configurations in turn ---------------------------------------------------------

    @property
    def _live_queues(self) -> set[int]:
        """Numbers of the queues whose completions count."""
        sides = [self._active] if self._ab_test is None else list(self._ab_test.sides.values())
        return {side.queue_number for side in sides if side is not None}

    def _ask_for_variant_b(self, wanted: Alternate) -> None:
        if self._ab_test is not None:
            self._end_alternation(keep_b=False)
        active = self._active
        if active is None or self._state is WorkerState.FAILED:
            self._reject_variant_b(wanted.config, "Nothing runs that B could alternate with.")
        elif 0 in (active.config.iterations, wanted.config.iterations):
            self._reject_variant_b(
                wanted.config, "A model that is only compiled cannot alternate: leave out -niter 0."
            )
        else:
            self._variant_b = wanted
            self._pursue_variant_b()

    def _pursue_variant_b(self) -> None:
        """Make B ready, unless something else is being prepared."""
        variant_b, active = self._variant_b, self._active
        if variant_b is None or active is None or self._preparing is not None:
            return
        config, prepared = variant_b.config, active.prepared
        if not active.config.needs_recompile(config):
            try:
                check_api(config.api, len(prepared.effective.shape_groups))
            except BadInputError as error:
                self._reject_variant_b(config, str(error))
                return
            self._begin_alternation(variant_b, prepared)
            return
        needed = _COMPILE_BESIDE_FACTOR * max(prepared.weight_bytes, bytes_on_disk(config.model))
        free = self._memory_bytes()
        if free <= needed:
            self._reject_variant_b(
                config,
                f"B does not fit into memory beside A: about {needed >> 20} MiB are needed and"
                f" {free >> 20} MiB are free.",
            )
            return
        self._prepare_beside(config, is_variant_b=True)

    def _finish_variant_b(self, config: BenchmarkConfig, result: PreparedModel | Exception) -> None:
        variant_b = self._variant_b
        if variant_b is None or variant_b.config != config or self._active is None:
            # It was called off, or another one was asked for meanwhile.
            self._refresh_measuring()
            self._pursue_target()
            self._pursue_variant_b()
        elif isinstance(result, Exception):
            self._reject_variant_b(config, f"B: {result}")
        else:
            self._begin_alternation(variant_b, result)

    def _reject_variant_b(
        self, config: BenchmarkConfig, reason: str, *, bad_input: bool = True
    ) -> None:
        """Go on with A alone."""
        self._variant_b = None
        self._emit(ConfigRejected(config, reason, self._running_config, bad_input))
        self._refresh_measuring()
        if self._active is not None and self._state is WorkerState.DRAINING:
            self._enter_feeding()

    def _begin_alternation(self, variant_b: Alternate, prepared: PreparedModel) -> None:
        active = self._active
        if active is None:
            raise AssertionError("B needs an A")
        self._variant_b = None
        self._quiesce(active)
        if self._state is WorkerState.FAILED:
            self._reject_variant_b(variant_b.config, "Nothing runs that B could alternate with.")
            return
        try:
            b = self._make_variant_b(variant_b.config, prepared, active)
        except (RuntimeError, MemoryError, ValueError, TypeError) as error:
            reason = f"B, {prepared.info.name}, could not be run: {reason_of(error)}."
            self._reject_variant_b(variant_b.config, reason, bad_input=False)
            return
        configs = {Side.A: active.config, Side.B: variant_b.config}
        active.config = without_end(active.config)
        self._finished = False
        self._warm = True
        run_ids = {Side.A: self._next_run_id(), Side.B: self._next_run_id()}
        sides = {Side.A: active, Side.B: b}
        change = describe_change(active.config, b.config) or "the same as A"
        total = self._ring.total
        self._ab_test = AbTest(
            sides, configs, run_ids, Alternation(variant_b.slice_s), variant_b.slice_s, set()
        )
        self._emit(
            PairStarted(
                active.started(run_ids[Side.A], "A of an A/B", total),
                b.started(run_ids[Side.B], f"B of an A/B: {change}", total),
            )
        )
        self._restart_clock()
        self._next_slice(self._ab_test)
        if prepared.notice and prepared.notice != active.prepared.notice:
            self._emit(WorkerNotice(prepared.notice))

    def _make_variant_b(
        self, requested: BenchmarkConfig, prepared: PreparedModel, active: Active
    ) -> Active:
        """Build B's queue, with completions stored as A's are, since the two ways cost unlike.

        Raises:
            RuntimeError: B cannot run.
        """
        config = without_end(requested)
        queue = self._build_queue(prepared, config)
        b = Active(config, prepared, queue, math.nan, self._queue_number)
        if prepared is not active.prepared and config.first_inference:
            with self._telling(f"running the first inference of {prepared.info.name}"):
                b.first_inference_ms = queue.first_inference_ms()
        may_choose = not any(
            side.config.max_fps or side.config.api == "sync" for side in (active, b)
        )
        is_by_feeder = may_choose and active.queue.collected_by == "feeder"
        queue.record(probe=may_choose and config.first_inference, by_feeder=is_by_feeder)
        if may_choose and queue.collected_by != active.queue.collected_by:
            fresh = self._build_queue(active.prepared, active.config)
            fresh.record(probe=False, by_feeder=True)
            active.queue.release()
            active.queue, active.queue_number = fresh, self._queue_number
        return b

    def _next_slice(self, ab_test: AbTest) -> None:
        """Begin to fill the queue of the side whose turn it is; both are empty."""
        side = ab_test.order.side
        active = ab_test.sides[side]
        self._active, self._run_id = active, ab_test.run_ids[side]
        is_warm = side in ab_test.warm
        ab_test.warm.add(side)
        ab_test.is_spoilt = False
        self._refilling = True
        state = WorkerState.RUNNING if is_warm else WorkerState.WARMING_UP
        self._set_state(WorkerState.PAUSED if self._paused else state, force=True)
        settling_s = min(_SETTLING_S, ab_test.slice_s / 4) if is_warm else WARM_UP_S
        rounds = 1 if is_warm else 2
        self._warm_up.begin(rounds * active.queue.nireq, settling_s, math.inf)

    def _feed_slice(self, ab_test: AbTest) -> None:
        """Let one side run for its slice, or until a message comes in."""
        if ab_test.is_spoilt:
            self._refresh_measuring()
            if self._active is None or not self._drain(self._active):
                return
            ab_test.order.begin_pair_again()
            self._next_slice(ab_test)
        active, inbox_empty = self._active, self._inbox.empty
        if active is None:
            return
        start = active.queue.starter()
        if self._refilling:
            if not self._warm_up.feed(start, inbox_empty):
                return
            self._refilling = False
            self._set_state(WorkerState.RUNNING)
        if not self._time.is_running:  # something else goes on meanwhile
            active.queue.feed_while(inbox_empty, may_spin=False)
            return
        end = SliceEnd(
            lambda: self._ring.total,
            self._time.since_count,
            self._time.since_s,
            length_s=ab_test.order.length_s,
            round_size=active.queue.nireq,
        )
        if active.config.max_fps:
            feed_limited(
                start,
                lambda: inbox_empty() and not end.is_over,
                starts_per_s=active.starts_per_s,
            )
        else:
            active.queue.feed_while(lambda: inbox_empty() and not end.is_over, may_spin=False)
        if end.is_over:
            self._end_slice(ab_test, active)

    def _end_slice(self, ab_test: AbTest, active: Active) -> None:
        """Tell of a whole slice, and empty the queue, so that nothing runs in the next one."""
        if self._heed_stop():
            return
        count, seconds = self._time.count, self._time.seconds
        ab_test.is_ending_slice = True
        self._refilling = True
        self._refresh_measuring()
        ab_test.is_ending_slice = False
        self._emit(SliceEnded(self._run_id, ab_test.order.pair))
        ab_test.order.end_slice(self._time.count - count, self._time.seconds - seconds)
        if not self._drain(active):
            return
        self._next_slice(ab_test)

    def _spoil_slice(self) -> None:
        """Measure this pair again: something came in between."""
        if self._ab_test is not None:
            self._ab_test.is_spoilt = True
            self._refilling = True

    def _aim_at(self, target: BenchmarkConfig) -> None:
        """Run this configuration; an A/B test in progress ends, unless it is that of A."""
        self._variant_b = None
        ab_test = self._ab_test
        if ab_test is not None:
            if not ab_test.configs[Side.A].needs_new_run(target):
                ab_test.configs[Side.A] = target
                return
            self._end_alternation(keep_b=False)
        self._target = target
        self._pursue_target()

    def _end_alternation(self, keep_b: bool) -> None:
        """Let one of the two go on alone; also call off a B that is not ready yet."""
        self._variant_b = None
        ab_test, self._ab_test = self._ab_test, None
        if ab_test is None or self._active is None:
            return
        self._quiesce(self._active)
        side = Side.B if keep_b else Side.A
        self._keep(ab_test, side)
        a, b = ab_test.configs[Side.A], ab_test.configs[Side.B]
        change = describe_change(a, b) or "B alone" if keep_b else "A alone again"
        self._begin_run(None, ab_test.configs[side], NEW_QUEUE_WARM_UP_S, change)

    def _keep(self, ab_test: AbTest, side: Side) -> None:
        kept = ab_test.sides[side]
        ab_test.other(kept).queue.release()
        kept.config = self._target = ab_test.configs[side]
        self._active = kept
        self._refilling = False

    def _outlives(self, ab_test: AbTest, reason: str) -> bool:
        """End the A/B test in which one side failed; True = it was B, and A goes on alone."""
        self._ab_test = None
        is_b = self._active is ab_test.sides[Side.B]
        self._keep(ab_test, Side.A)
        if is_b:
            rejected = ab_test.configs[Side.B]
            self._emit(ConfigRejected(rejected, f"B: {reason}", self._running_config, False))
            self._begin_run(None, ab_test.configs[Side.A], NEW_QUEUE_WARM_UP_S, "A alone again")
        return is_b

    # -- what is measured, and for how long -------------------------------------------------

    def _set_state(self, state: WorkerState, *, force: bool = False) -> None:
        self._heed_stop()
        measuring = (
            state is WorkerState.RUNNING
            and self._preparing is None
            and not self._discovering
            and not self._describing
            and not self._refilling
            and not self._stopping
        )
        if not force and state is self._state and measuring is self._time.is_running:
            return
        was_measuring = self._time.is_running
        if measuring and not was_measuring and not self._starts_clean():
            return
        self._state = state
        if was_measuring and self._ab_test is not None and not self._ab_test.is_ending_slice:
            self._spoil_slice()
        self._announce(state, measuring, self._ring.announce_mark(), perf_counter())
        if measuring:
            self._started_count = self._time.count
            self._arm()

    def _announce(
        self, state: WorkerState, measuring: bool, ring_count: int, time_s: float
    ) -> None:
        self._announced = ring_count, time_s
        self._emit(StateChanged(state, measuring, self._run_id, ring_count, time_s))
        if self._time.is_running:
            self._time.end(time_s, ring_count)
        if measuring:
            self._time.begin(time_s, ring_count)

    def _heed_stop(self) -> bool:
        """Cut out the time in which the process was stopped; True = measured time ended by it.

        What was in flight then is waited for and counts nowhere, and the queue is filled again.
        """
        stop = self._stop_watch.take()
        if stop is None:
            return False
        was_measuring, active = self._time.is_running, self._active
        if active is None or not self._state.is_feeding:
            self._stop_watch.go_on()
            return False
        if was_measuring:
            self._spoil_slice()
        count, since_s = self._announced
        self._ring.announce_mark()
        count = self._ring.count_until(stop.begin_s, count)
        begin_s = max(stop.begin_s, since_s)
        self._announce(WorkerState.DRAINING, False, count, begin_s)
        self._emit(ProcessStopped(self._run_id, begin_s, stop.end_s, stop.lasted_s, was_measuring))
        self._stop_watch.go_on()
        self._inbox.put(WasStopped())  # so that whatever feeds now begins again
        if self._warm:
            self._refilling = True
            self._warm_up.begin(active.queue.nireq)
        else:
            self._warm_up.again()
        if self._drain(active):
            self._announce(self._state, False, self._ring.announce_mark(), perf_counter())
        return was_measuring

    def _starts_clean(self) -> bool:
        """Wait for what is in flight where it must not count; False = an inference failed.

        Where inferences are counted, or started at a rate, what was started before would be
        too many. A run that ends after a time ends with an empty queue, so it begins with one,
        as benchmark_app's does; what is measured in between begins and ends with a full one.
        """
        active = self._active
        if active is None:
            return True
        config, is_first = active.config, not (self._time.seconds or self._time.count)
        if config.iterations or config.max_fps or (config.duration_s and is_first):
            return self._drain(active)
        return True

    def _restart_clock(self) -> None:
        self._time.restart(self._ring.total)
        self._started_count = 0
        self._arm_again()

    def _refresh_measuring(self) -> None:
        self._set_state(self._state)

    def _arm(self) -> None:
        active = None if self._finished else self._active
        self._time.arm(active.config.duration_s if active else None)

    def _arm_again(self) -> None:
        if self._time.is_running:
            self._arm()

    def _finish_run(self, arming: int) -> None:
        self._heed_stop()
        if not self._time.is_current(arming) or self._active is None:
            return
        wanted = self._active.wanted_iterations
        if wanted is not None:
            if self._started_count >= wanted:
                self._finish_drained(self._active)
            return  # both ends must be reached
        self._finish_drained(self._active)
