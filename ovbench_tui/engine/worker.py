"""The one thread that owns the infer request queue: compile, feed, swap, drain."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from queue import SimpleQueue
from time import perf_counter

from ovbench_tui.config import BenchmarkConfig, describe_change
from ovbench_tui.engine.candidate import Candidate, Prepare
from ovbench_tui.engine.commands import (
    Command,
    Configure,
    Pause,
    ResetClock,
    Resume,
    Shutdown,
    TakeProfile,
)
from ovbench_tui.engine.data_shape import DataShapeNeeded
from ovbench_tui.engine.events import (
    BackgroundChanged,
    ConfigRejected,
    DeviceInfo,
    DevicesFound,
    Event,
    ProfileTaken,
    RunFailed,
    RunStarted,
    ShapeNeeded,
    StateChanged,
    WorkerNotice,
    WorkerState,
    WorkerStopped,
)
from ovbench_tui.engine.measuring_mode import check_api
from ovbench_tui.engine.memory import available_bytes
from ovbench_tui.engine.pacing import Pacer, aligned_iterations
from ovbench_tui.engine.profile import read_profile, write_graph
from ovbench_tui.engine.request_queue import FeedingPlan, RequestQueue
from ovbench_tui.engine.ring import LatencyRing
from ovbench_tui.errors import BadInputError, OvbenchError

_WARMUP_S = 0.3
_NEW_QUEUE_WARMUP_S = 0.05
_LONGEST_WARMUP_S = 2.0
"""A slow model with many requests would warm up for minutes; its first inference is over."""
_COMPILE_BESIDE_FACTOR = 3
"""Peak memory of reading and compiling a model, in sizes of its weights (seen on CPU)."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The compile thread is done."""

    config: BenchmarkConfig
    result: Candidate | Exception


@dataclass(frozen=True, slots=True)
class _Progressed:
    """The compile thread has come to its next step."""

    what: str


@dataclass(frozen=True, slots=True)
class _Discovered:
    """The device search is done."""

    devices: tuple[DeviceInfo, ...]
    openvino_version: str
    trouble: str


@dataclass(frozen=True, slots=True)
class _TimeIsUp:
    """The measured time of this arming of the clock is over."""

    arming: int


@dataclass(frozen=True, slots=True)
class _CallbackFailed:
    """The completion callback of this queue could not store."""

    error: BaseException
    queue_number: int


Inbox = SimpleQueue[Command | _Prepared | _Progressed | _Discovered | _TimeIsUp | _CallbackFailed]


@dataclass(slots=True)
class _Active:
    """The configuration that runs."""

    config: BenchmarkConfig
    candidate: Candidate
    queue: RequestQueue
    first_inference_ms: float


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
        discover: Callable[[], tuple[tuple[DeviceInfo, ...], str]],
        memory_bytes: Callable[[], int] = available_bytes,
    ) -> None:
        self._ring = ring
        self._inbox = inbox
        self._emit = emit
        self._prepare = prepare
        self._discover = discover
        self._memory_bytes = memory_bytes
        self._state = WorkerState.IDLE
        self._measuring = False
        self._run_id = 0
        self._active: _Active | None = None
        self._queue_number = 0
        self._target: BenchmarkConfig | None = None
        self._preparing: BenchmarkConfig | None = None
        self._parked: BenchmarkConfig | None = None
        self._discovering = False
        self._paused = False
        self._finished = False
        self._stopping = False
        self._warm_count = 0
        self._warm_until_s = 0.0
        self._warm_latest_s = 0.0
        self._warm = False
        self._measured_s = 0.0
        self._measuring_since_s = 0.0
        self._measured_count = 0
        self._measuring_since_count = 0
        self._started_count = 0
        self._timer: threading.Timer | None = None
        self._arming = 0
        self._threads: list[threading.Thread] = []

    def run(self) -> None:
        """Work until told to shut down, then release everything."""
        reason = ""
        try:
            self._set_state(WorkerState.IDLE, force=True)
            self._spawn(self._run_discovery, "ovbench-devices")
            self._discovering = True
            while not self._stopping:
                self._handle(self._take(block=not self._feeds))
                if self._feeds:
                    self._feed()
            self._set_state(WorkerState.DRAINING)
            self._release_active()
            for thread in self._threads:
                thread.join()  # one left in native code would crash the interpreter's exit
            self._set_state(WorkerState.IDLE)
        except BaseException as error:
            reason = f"The engine stopped because of an error of its own: {error!r}."
            raise
        finally:
            self._disarm()
            self._emit(WorkerStopped(reason))

    # -- commands ---------------------------------------------------------------------------

    @property
    def _feeds(self) -> bool:
        active = self._active
        if active is not None and active.config.iterations and self._discovering:
            return False  # a counted run starts nothing that does not count
        return (
            active is not None
            and not self._paused
            and not self._finished
            and not self._stopping
            and self._state is not WorkerState.FAILED
        )

    def _take(self, *, block: bool) -> list[object]:
        taken: list[object] = []
        if block:
            taken.append(self._inbox.get())
        while not self._inbox.empty():
            taken.append(self._inbox.get())
        return taken

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
                case ResetClock():
                    if self._measuring:
                        self._starts_clean()
                    self._restart_clock()
                case TakeProfile(graph_path):
                    self._take_profile(graph_path)
                case Shutdown():
                    self._stopping = True
                case _Prepared():
                    self._finish_preparation(message)
                case _Progressed(what):
                    self._tell_progress(what)
                case _Discovered(devices, version, trouble):
                    self._discovering = False
                    if trouble:
                        self._emit(WorkerNotice(trouble))
                    self._emit(DevicesFound(devices, version))
                    self._refresh_measuring()
                case _TimeIsUp(arming):
                    self._finish_run(arming)
                case _CallbackFailed(error, queue_number):
                    if queue_number == self._queue_number:
                        self._fail(f"A completion could not be recorded: {error!r}.")
        if target is not None and not self._stopping:
            self._target = target
            self._pursue_target()

    def _pursue_target(self) -> None:
        """Take the next step towards the target, unless a preparation is under way."""
        target, active = self._target, self._active
        if target is None:
            return
        if active is not None and not active.config.needs_recompile(target):
            self._apply_without_recompile(active, target)
        elif self._preparing is None:
            self._start_preparation(target)

    def _apply_without_recompile(self, active: _Active, target: BenchmarkConfig) -> None:
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
        self._set_state(WorkerState.DRAINING)
        if self._drain(self._active):
            self._set_state(WorkerState.PAUSED)

    # -- preparing beside the running model -------------------------------------------------

    def _start_preparation(self, config: BenchmarkConfig) -> None:
        if self._active is not None and not self._fits_beside(self._active):
            self._parked = self._active.config
            self._release_active()
        self._preparing = config
        self._refresh_measuring()
        reuse = self._active.candidate if self._active else None
        self._spawn(lambda: self._run_preparation(config, reuse), "ovbench-compile")

    def _fits_beside(self, active: _Active) -> bool:
        return self._memory_bytes() > _COMPILE_BESIDE_FACTOR * active.candidate.weight_bytes

    def _run_preparation(self, config: BenchmarkConfig, reuse: Candidate | None) -> None:
        result: Candidate | Exception
        try:
            result = self._prepare(config, reuse, self._report_progress)
        except OvbenchError as error:
            result = error
        except Exception as error:  # noqa: BLE001 - told to the user by _finish_preparation
            result = BadInputError(f"{config.model} cannot be run: {error!r}.")
        self._inbox.put(_Prepared(config, result))

    def _report_progress(self, what: str) -> None:
        self._inbox.put(_Progressed(what))

    def _tell_progress(self, what: str) -> None:
        if self._preparing is None:
            return
        self._emit(BackgroundChanged(what, perf_counter()))
        if self._active is None:
            reading = what.startswith("reading")
            self._set_state(WorkerState.READING if reading else WorkerState.COMPILING)

    def _finish_preparation(self, prepared: _Prepared) -> None:
        self._preparing = None
        self._emit(BackgroundChanged("", perf_counter()))
        target = self._target
        result = prepared.result
        if target is None or prepared.config.needs_recompile(target):
            # Another configuration was asked for meanwhile; this one, good or bad, is stale.
            self._refresh_measuring()
            self._pursue_target()
        elif isinstance(result, DataShapeNeeded):
            self._emit(
                ShapeNeeded(
                    target, str(result), result.inputs, result.proposal, self._running_config
                )
            )
            self._fall_back()
        elif isinstance(result, Exception):
            self._reject(target, str(result), bad_input=True)
        else:
            self._adopt(result, target)

    def _adopt(self, candidate: Candidate, config: BenchmarkConfig) -> None:
        """Swap to `candidate`, or go on with the old run when its first inference fails."""
        old = self._active
        if old is not None:
            self._quiesce(old)
        first_ms = math.nan
        try:
            queue = self._build_queue(candidate, config)
            if config.first_inference and config.iterations != 0:
                first_ms = queue.first_inference_ms()
            queue.record(probe=not math.isnan(first_ms) and not config.max_fps)
        except (RuntimeError, MemoryError, ValueError, TypeError) as error:
            reason = f"{candidate.info.name} compiled, but its first inference failed: "
            self._reject(config, reason + _first_line(error), bad_input=False)
            return
        old_config = old.config if old else self._parked
        self._active = _Active(config, candidate, queue, first_ms)
        self._parked = None
        if old is not None:
            old.queue.release()
            del old  # and with it the compiled model, before the new run is timed
        self._begin_run(old_config, config, _WARMUP_S)

    def _requeue(self, active: _Active, config: BenchmarkConfig) -> None:
        """Give the compiled model another queue; takes no recompile."""
        try:
            check_api(config.api, len(active.candidate.effective.shape_groups))
        except BadInputError as error:
            self._reject(config, str(error), bad_input=True)
            return
        self._quiesce(active)
        try:
            queue = self._build_queue(active.candidate, config)
            queue.record(probe=config.first_inference and not config.max_fps)
        except (RuntimeError, MemoryError) as error:
            self._reject(config, f"nireq {config.nireq}: {_first_line(error)}", bad_input=False)
            return
        active.queue.release()
        old, active.config, active.queue = active.config, config, queue
        self._begin_run(old, config, _NEW_QUEUE_WARMUP_S)

    def _build_queue(self, candidate: Candidate, config: BenchmarkConfig) -> RequestQueue:
        inbox = self._inbox
        self._queue_number += 1
        number = self._queue_number

        # Holds nothing but the inbox: OpenVINO lets go of a callback on one of its own threads,
        # and if that freed the worker, and with it the Core, the thread would have to join
        # itself, which aborts the process.
        def tell(error: BaseException) -> None:
            inbox.put(_CallbackFailed(error, number))

        plan = FeedingPlan(
            config.nireq,
            is_sync=config.api == "sync",
            refills=not candidate.effective.inference_only,
        )
        return RequestQueue(candidate.compiled, plan, candidate.feeds, self._ring, tell)

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
        self, old: BenchmarkConfig | None, config: BenchmarkConfig, warmup_s: float
    ) -> None:
        active = self._active
        if active is None:
            raise AssertionError("a run needs a queue")
        self._run_id += 1
        self._restart_clock()
        self._finished = config.iterations == 0
        self._warm = not config.first_inference
        self._warm_count = self._ring.total + 2 * active.queue.nireq
        self._emit(
            RunStarted(
                run_id=self._run_id,
                config=config,
                effective=replace(
                    active.candidate.effective,
                    nireq=active.queue.nireq,
                    api=config.api,
                    collected_by=active.queue.collected_by,
                ),
                model=active.candidate.info,
                read_ms=active.candidate.read_ms,
                compile_ms=active.candidate.compile_ms,
                first_inference_ms=active.first_inference_ms,
                change=describe_change(old, config) if old else "",
                ring_count=self._ring.total,
                time_s=perf_counter(),
                peak_rss_bytes=active.candidate.peak_rss_bytes,
            )
        )
        self._enter_feeding(new_run=True)
        # From here on, not from before the events: the warm-up that is told must be that long.
        self._warm_until_s = perf_counter() + warmup_s
        self._warm_latest_s = perf_counter() + _LONGEST_WARMUP_S

    def _enter_feeding(self, *, new_run: bool = False) -> None:
        if self._active is None:
            return
        if self._paused:
            self._set_state(WorkerState.PAUSED, force=new_run)
        elif self._finished:
            self._set_state(WorkerState.FINISHED)
        elif self._state is not WorkerState.FAILED or new_run:
            state = WorkerState.RUNNING if self._warm else WorkerState.WARMING_UP
            self._set_state(state, force=new_run)

    def _feed(self) -> None:
        """Keep the queue full until a message comes in."""
        active = self._active
        if active is None:
            return
        inbox_empty = self._inbox.empty
        start = active.queue.starter()
        try:
            if not self._warm:
                ring, count, until_s = self._ring, self._warm_count, self._warm_until_s
                latest_s = self._warm_latest_s
                while (
                    inbox_empty()
                    and (now_s := perf_counter()) < latest_s
                    and (ring.total < count or now_s < until_s)
                ):
                    start()
                if not inbox_empty():
                    return
                self._warm = True
                self._set_state(WorkerState.RUNNING)
            if active.config.max_fps or (active.config.iterations and self._measuring):
                self._feed_limited(active, start)
                return
            active.queue.feed_while(inbox_empty)
        except RuntimeError as error:
            self._fail(f"Inference failed: {_first_line(error)}")

    def _feed_limited(self, active: _Active, start: Callable[[], None]) -> None:
        """Feed at most so often, or so many, until a message comes in."""
        inbox_empty = self._inbox.empty
        wanted = self._wanted_iterations(active) if self._measuring else None
        wait = Pacer(active.config.max_fps / _frames_an_inference(active), inbox_empty).wait
        while inbox_empty():
            if wanted is not None and self._started_count >= wanted:
                if not self._is_time_up(active.config.duration_s):
                    wanted = None  # both ends must be reached
                    continue
                self._finish_counted(active)
                return
            if wait():
                start()
                self._started_count += 1

    def _is_time_up(self, duration_s: float | None) -> bool:
        """By the clock: the timer's message may be late on a busy machine."""
        measured_s = self._measured_s + perf_counter() - self._measuring_since_s
        return duration_s is None or measured_s >= duration_s

    def _wanted_iterations(self, active: _Active) -> int | None:
        iterations = active.config.iterations
        if iterations is None:
            return None
        groups = max(1, len(active.candidate.effective.shape_groups))
        is_sync = active.config.api == "sync"
        return aligned_iterations(iterations, active.queue.nireq, groups, is_sync=is_sync)

    def _finish_counted(self, active: _Active) -> None:
        """All are started: what is in flight belongs to them, so it is waited for."""
        if self._drain(active):
            self._finished = True
            self._set_state(WorkerState.FINISHED)

    def _take_profile(self, graph_path: str) -> None:
        active = self._active
        if active is None:
            self._emit(ProfileTaken(self._run_id, (), "", "Nothing runs that could be profiled."))
            return
        state = self._state
        if state in (WorkerState.RUNNING, WorkerState.WARMING_UP):
            self._quiesce(active)
        elif state is WorkerState.FAILED:
            self._emit(ProfileTaken(self._run_id, (), "", "The run has failed."))
            return
        requests, trouble = read_profile(
            active.queue.profiles(), was_asked=active.config.perf_counts
        )
        written = ""
        if graph_path:
            graph_trouble = write_graph(active.candidate.compiled, graph_path)
            written = "" if graph_trouble else graph_path
            trouble = graph_trouble or trouble
        self._emit(ProfileTaken(self._run_id, requests, written, trouble))
        self._enter_feeding()

    def _quiesce(self, active: _Active) -> None:
        """Empty a queue that is to be replaced; a failed one is left as it is."""
        if self._state is not WorkerState.FAILED:
            self._set_state(WorkerState.DRAINING)
            self._drain(active)

    def _drain(self, active: _Active) -> bool:
        try:
            active.queue.drain()
        except RuntimeError as error:
            self._fail(f"Inference failed: {_first_line(error)}")
            return False
        return True

    def _fail(self, reason: str) -> None:
        """Stop feeding; the model stays compiled, so the next change of nireq revives it."""
        self._set_state(WorkerState.FAILED)
        self._emit(RunFailed(reason))

    def _release_active(self) -> None:
        active, self._active = self._active, None
        if active is not None:
            self._quiesce(active)
            active.queue.release()

    # -- what is measured, and for how long -------------------------------------------------

    def _set_state(self, state: WorkerState, *, force: bool = False) -> None:
        measuring = (
            state is WorkerState.RUNNING
            and self._preparing is None
            and not self._discovering
            and not self._stopping
        )
        if not force and state is self._state and measuring is self._measuring:
            return
        was_measuring = self._measuring
        if measuring and not was_measuring and not self._starts_clean():
            return
        self._state, self._measuring = state, measuring
        ring_count = self._ring.announce_mark()
        now_s = perf_counter()
        self._emit(StateChanged(state, measuring, self._run_id, ring_count, now_s))
        if was_measuring:
            self._measured_s += now_s - self._measuring_since_s
            self._measured_count += ring_count - self._measuring_since_count
            self._disarm()
        if measuring:
            self._measuring_since_s = now_s
            self._measuring_since_count = ring_count
            self._started_count = self._measured_count
            self._arm()

    def _starts_clean(self) -> bool:
        """Where inferences are counted, none from before may be in flight."""
        active = self._active
        return active is None or not active.config.iterations or self._drain(active)

    def _restart_clock(self) -> None:
        self._measured_s = 0.0
        self._measuring_since_s = perf_counter()
        self._measured_count = self._started_count = 0
        self._measuring_since_count = self._ring.total
        self._arm_again()

    def _refresh_measuring(self) -> None:
        self._set_state(self._state)

    def _arm(self) -> None:
        duration_s = self._active.config.duration_s if self._active else None
        if duration_s is None or self._finished:
            return
        self._arming += 1
        arming = self._arming
        left_s = max(0.0, duration_s - self._measured_s)
        self._timer = threading.Timer(left_s, lambda: self._inbox.put(_TimeIsUp(arming)))
        self._timer.daemon = True
        self._timer.start()

    def _disarm(self) -> None:
        self._arming += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm_again(self) -> None:
        if self._measuring:
            self._disarm()
            self._arm()

    def _finish_run(self, arming: int) -> None:
        if arming != self._arming or self._active is None:
            return
        wanted = self._wanted_iterations(self._active)
        if wanted is not None:
            if self._started_count >= wanted:
                self._finish_counted(self._active)
            return  # both ends must be reached
        self._finished = True
        # Told at once: what is still in flight does not count, and may take long.
        self._set_state(WorkerState.FINISHED)
        self._drain(self._active)

    # -- threads ----------------------------------------------------------------------------

    def _run_discovery(self) -> None:
        try:
            devices, version = self._discover()
            trouble = ""
        except Exception as error:  # noqa: BLE001 - without a device list one can still measure
            devices, version = (), ""
            trouble = f"The devices could not be listed: {_first_line(error)}"
        self._inbox.put(_Discovered(devices, version, trouble))

    def _spawn(self, body: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=body, name=name, daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()]
        self._threads.append(thread)
        thread.start()


def _frames_an_inference(active: _Active) -> float:
    """Mean over the feeds, which rotate evenly."""
    effective, feeds = active.candidate.effective, active.candidate.feeds
    if not feeds or not effective.shape_groups:
        return effective.batch
    frames = [effective.shape_groups[feed.shape_group].batch for feed in feeds]
    return sum(frames) / len(frames)


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else repr(error)
