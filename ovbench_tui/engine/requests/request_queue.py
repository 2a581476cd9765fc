"""The infer requests of one compiled model, and how they are started and recorded."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from time import perf_counter, sleep
from typing import Any

import openvino as ov

from ovbench_tui.engine.requests.arrival_starters import AsyncArrivalStarter, SyncArrivalStarter
from ovbench_tui.engine.requests.prepared_model import Feed
from ovbench_tui.engine.requests.probes import fastest_ms, firsts_ms
from ovbench_tui.engine.requests.queue_options import QueueOptions
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.requests.sequences import SequenceFeeder
from ovbench_tui.engine.requests.state_reset import reset_state
from ovbench_tui.engine.workloads.workload import ArrivalStarter

_RELEASE_PATIENCE_S = 5.0


class RequestQueue:
    """Infer requests whose inputs are set and whose completions go to a ring.

    To be built, fed, drained and released by one thread only: a second producer makes
    OpenVINO lose requests and then crash.

    Completions are stored by a callback, or by the feeder: it takes the latency of an idle
    request just before it starts that request again, and may look for one again and again
    instead of being woken; see `feeder_choice`.

    Args:
        on_error: gets what went wrong inside the callback; called on the callback's thread.
    """

    def __init__(
        self,
        compiled: ov.CompiledModel,
        plan: QueueOptions,
        feeds: Sequence[Feed],
        ring: LatencyRing,
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._queue = ov.AsyncInferQueue(compiled, 1 if plan.is_sync else plan.nireq)
        self._requests = list(self._queue)
        self.nireq = len(self._requests)
        self.resets_after = plan.resets_after
        self._plan = plan
        self._feeds = tuple(feeds)
        self._next_feed = 0
        self._store = ring.recorder()
        stores_with = ring.arrival_callback if plan.has_arrivals else ring.completion_callback
        self._callback = stores_with(on_error)
        self._ring = ring
        # Which requests hold a latency that nobody has stored yet, and of which shape group.
        self._unstored: list[int | None] = [None] * self.nireq
        self.collected_by = "feeder" if plan.is_sync else "callback"
        self.spins = False
        # The Python wrappers' start_async and infer dispatch inputs on every call, a fifth of a
        # tiny model's time; the inputs are set already, so the base class's are enough.
        base: Any = super(ov.AsyncInferQueue, self._queue)
        self._start: Callable[[dict[str, object], object], None] = base.start_async
        self._idle_id: Callable[[], int] = base.get_idle_request_id
        self._is_ready: Callable[[], bool] = base.is_ready
        sequences = plan.sequences
        self._sequences = (
            SequenceFeeder(self._requests, self._feeds, sequences) if sequences else None
        )
        self._make_ready = self._readier()
        self._fill_all()

    def first_inference_ms(self) -> float:
        """Run one inference, before any other and outside the ring; wall time in ms.

        Raises:
            RuntimeError: it failed; the queue must be discarded.
        """
        begin_s = perf_counter()
        if self._make_ready is not None:
            self._make_ready(self._idle_id())
        self._start({}, None)
        self._queue.wait_all()
        return (perf_counter() - begin_s) * 1000

    def further_firsts_ms(self) -> tuple[tuple[int, float], ...]:
        """The first inferences with further shapes; see `Queue` and `probes`."""
        if not self._is_rotating:
            return ()
        return firsts_ms(self._run_alone, len(self._feeds), self._feeds[0].shape_group)

    def fastest_ms(self) -> float:
        """The shortest of a few inferences that run alone; see `Trials` and `probes`."""
        return fastest_ms(self._run_alone)

    def _run_alone(self) -> tuple[int, float]:
        """Run one inference, outside the ring; its shape group and latency in ms."""
        index = self._idle_id()
        group = self._make_ready(index) if self._make_ready is not None else 0
        self._start({}, None)
        self._queue.wait_all()
        return group, self._requests[index].latency

    def record(self, *, by_feeder: bool) -> None:
        """From now on completions go to the ring; only while nothing is in flight.

        Args:
            by_feeder: the feeder stores them; else a callback does, for good.
        """
        if self._plan.is_sync:
            return
        if by_feeder:
            self.collected_by = "feeder"
        else:
            self.collected_by, self.spins = "callback", False
            self._queue.set_callback(self._callback)

    def starter(self) -> Callable[[], None]:
        """Build the call that waits for an idle request and starts it.

        The call raises RuntimeError once an inference has failed; the queue must be
        discarded then.
        """
        if self._plan.is_sync:
            return self._sync_starter()
        if self.collected_by == "feeder":
            return self._collecting_starter()
        if self._make_ready is not None:
            return self._readying_starter(self._make_ready)
        start = self._start
        nothing: dict[str, object] = {}

        def start_next() -> None:
            start(nothing, 0)

        return start_next

    def feed_while(self, go_on: Callable[[], bool], *, may_spin: bool = True) -> None:
        """Start inferences as fast as they complete; raises as the starter does.

        Args:
            may_spin: False where another queue is to be waited for in the same way.
        """
        if self.collected_by == "feeder" and not self._plan.is_sync and self._make_ready is None:
            if self.spins and may_spin:
                self._collect_spinning(go_on)
            else:
                self._collect_while(go_on)
            return
        start_next = self.starter()
        while go_on():
            start_next()

    def arrival_starter(self) -> ArrivalStarter:
        """Build what starts single inferences of known arrival; see `starter` for errors."""
        if self._plan.is_sync:
            return self._sync_arrival_starter()
        return AsyncArrivalStarter(self._start, self._idle_id, self._is_ready, self._make_ready)

    @property
    def trials(self) -> RequestQueue | None:
        """Its own, but not with strings: such requests may abort the process when released.

        Where shapes rotate there are none either: the first inference of each belongs to the run.
        """
        has_strings = any(
            tensor.element_type == ov.Type.string for feed in self._feeds for tensor in feed.tensors
        )
        return None if has_strings or self._is_rotating else self

    @property
    def _is_rotating(self) -> bool:
        groups = {feed.shape_group for feed in self._feeds}
        return self._sequences is None and len(groups) > 1

    @property
    def may_spin(self) -> bool:
        """Whether the feeder could look for idle requests without being woken."""
        return not self._plan.is_sync and self._make_ready is None

    def trial_rate(self, seconds: float, *, spins: bool = False) -> float:
        """Inferences a second in a short trial; only when drained and warm.

        The feeder takes latencies as it would to store them, and stores none. A callback does
        what it does in a run.

        Raises:
            RuntimeError: an inference failed; the queue must be discarded.
        """
        start, idle_id, requests = self._start, self._idle_id, self._requests
        make_ready = self._make_ready
        is_ready = self._is_ready if spins else None
        takes = self.collected_by == "feeder"
        nothing: dict[str, object] = {}
        count = group = 0
        begin_s = perf_counter()
        until_s = begin_s + seconds
        while perf_counter() < until_s:
            if is_ready is not None and not is_ready():
                continue
            if takes or make_ready is not None:
                index = idle_id()
                _ = requests[index].latency
                group = make_ready(index) if make_ready is not None else 0
            start(nothing, group)
            count += 1
        self._queue.wait_all()
        return count / (perf_counter() - begin_s)

    def drain(self) -> None:
        """Wait for everything in flight, and see that all of it is stored.

        Raises:
            RuntimeError: an inference failed; the queue must be discarded.
        """
        self._queue.wait_all()
        for index, group in enumerate(self._unstored):
            if group is not None:
                self._unstored[index] = None
                self._store(self._requests[index].latency, group)

    def restart_sequences(self) -> None:
        """Let every request begin with a new sequence; only when drained."""
        if self._sequences is not None:
            self._sequences.restart()

    def profiles(self) -> list[Any]:
        """OpenVINO's profiling of the last inference of every request; only when drained."""
        return [request.profiling_info for request in self._requests if request.latency > 0]

    def release(self) -> None:
        """Let go of the infer requests, and return when OpenVINO has let go of the callback.

        OpenVINO drops its hold on the callback on a thread of its own, which needs the GIL
        for it. Whoever destroys the compiled model or the Core before that waits for this
        thread with the GIL held, and the process stands still for good.
        """
        callback = weakref.ref(self._callback)
        del self._start, self._idle_id, self._is_ready, self._requests, self._queue, self._callback
        del self._make_ready, self._sequences
        patience_s = perf_counter() + _RELEASE_PATIENCE_S
        while callback() is not None and perf_counter() < patience_s:
            sleep(0.0005)

    # -- inputs -----------------------------------------------------------------------------

    def _fill_all(self) -> None:
        if not self._feeds:  # compiled only, never run
            return
        for number, request in enumerate(self._requests):
            feed = self._feeds[number % len(self._feeds)]
            for index, tensor in enumerate(feed.tensors):
                request.set_input_tensor(index, tensor if self._plan.refills else _copy(tensor))

    def _readier(self) -> Callable[[int], int] | None:
        """What makes an idle request ready for its next inference; None = it always is.

        It takes the request's index, and returns the shape group of its feed, or the tag of a
        sequence's step. Where states are reset, the rotation of the feeds begins anew with the
        state of each request.
        """
        if self._sequences is not None:
            return self._sequences.ready
        resets_after, feeds = self._plan.resets_after, self._feeds
        if not resets_after:
            return self._refill if self._plan.refills else None
        requests, fill = self._requests, _fill
        refills = self._plan.refills
        steps = [0] * self.nireq

        def make_ready(index: int) -> int:
            step = steps[index]
            if step == 0:
                reset_state(requests[index])
            steps[index] = (step + 1) % resets_after
            return fill(requests[index], feeds[step % len(feeds)]) if refills else 0

        return make_ready

    def _refill(self, index: int) -> int:
        """Give a request the next feed; returns its shape group."""
        feed = self._feeds[self._next_feed]
        self._next_feed = (self._next_feed + 1) % len(self._feeds)
        return _fill(self._requests[index], feed)

    # -- starting ---------------------------------------------------------------------------

    def _readying_starter(self, make_ready: Callable[[int], int]) -> Callable[[], None]:
        start, idle_id = self._start, self._idle_id
        nothing: dict[str, object] = {}

        def start_next() -> None:
            group = make_ready(idle_id())
            start(nothing, group)

        return start_next

    def _collecting_starter(self) -> Callable[[], None]:
        start, idle_id, requests = self._start, self._idle_id, self._requests
        make_ready = self._make_ready
        unstored, store = self._unstored, self._store
        nothing: dict[str, object] = {}

        def start_next() -> None:
            index = idle_id()
            request = requests[index]
            group = unstored[index]
            latency_ms = request.latency
            next_group = make_ready(index) if make_ready else 0
            start(nothing, next_group)  # raises when the inference before it has failed
            unstored[index] = next_group
            if group is not None:
                store(latency_ms, group)

        return start_next

    def _collect_while(self, go_on: Callable[[], bool]) -> None:
        """The same as one collecting start after the other, without a call for each."""
        start, idle_id, requests = self._start, self._idle_id, self._requests
        unstored, store = self._unstored, self._store
        nothing: dict[str, object] = {}
        while go_on():
            index = idle_id()
            latency_ms = requests[index].latency
            start(nothing, None)  # raises when the inference before it has failed
            if unstored[index] is None:
                unstored[index] = 0
            else:
                store(latency_ms, 0)

    def _collect_spinning(self, go_on: Callable[[], bool]) -> None:
        """The same, without being woken for each."""
        start, idle_id, requests = self._start, self._idle_id, self._requests
        is_ready, unstored, store = self._is_ready, self._unstored, self._store
        nothing: dict[str, object] = {}
        while go_on():
            if not is_ready():
                continue
            index = idle_id()
            latency_ms = requests[index].latency
            start(nothing, None)  # raises when the inference before it has failed
            if unstored[index] is None:
                unstored[index] = 0
            else:
                store(latency_ms, 0)

    def _sync_starter(self) -> Callable[[], None]:
        request, infer = self._requests[0], self._sync_infer()
        make_ready, store = self._make_ready, self._store
        nothing: dict[str, object] = {}

        def infer_next() -> None:
            group = make_ready(0) if make_ready else 0
            infer(nothing, True, False)
            store(request.latency, group)

        return infer_next

    def _sync_arrival_starter(self) -> SyncArrivalStarter:
        request, infer = self._requests[0], self._sync_infer()
        nothing: dict[str, object] = {}

        def service_ms() -> float:
            infer(nothing, True, False)
            latency_ms: float = request.latency
            return latency_ms

        return SyncArrivalStarter(service_ms, self._make_ready, self._ring)

    def _sync_infer(self) -> Callable[[dict[str, object], bool, bool], object]:
        base: Any = super(ov.InferRequest, self._requests[0])
        infer: Callable[[dict[str, object], bool, bool], object] = base.infer
        return infer


def _fill(request: ov.InferRequest, feed: Feed) -> int:
    for index, tensor in enumerate(feed.tensors):
        request.set_input_tensor(index, tensor)
    return feed.shape_group


def _copy(tensor: ov.Tensor) -> ov.Tensor:
    copy = ov.Tensor(tensor.element_type, tensor.shape)
    tensor.copy_to(copy)
    return copy
