"""The infer requests of one compiled model, fed through an AsyncInferQueue."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from time import perf_counter, sleep
from typing import Any

import openvino as ov

from ovbench_tui.engine.candidate import Feed
from ovbench_tui.engine.ring import LatencyRing

_RELEASE_PATIENCE_S = 5.0


class RequestQueue:
    """An AsyncInferQueue whose requests hold their inputs and whose completions go to a ring.

    To be built, fed, drained and released by one thread only: a second producer makes
    OpenVINO lose requests and then crash.

    Args:
        nireq: infer requests; 0 = the optimal number.
        feeds: used in rotation; each request gets a copy of its own, as in a real program.
        on_error: gets what went wrong inside the callback; called on the callback's thread.
    """

    def __init__(
        self,
        compiled: ov.CompiledModel,
        nireq: int,
        feeds: Sequence[Feed],
        ring: LatencyRing,
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._queue = ov.AsyncInferQueue(compiled, nireq)
        self.nireq = len(self._queue)
        for number, request in enumerate(self._queue):
            for index, tensor in enumerate(feeds[number % len(feeds)].tensors):
                request.set_input_tensor(index, _copy(tensor))
        self._callback = ring.completion_callback(on_error)
        # The Python wrapper's start_async dispatches inputs on every call, a fifth of a tiny
        # model's time; the inputs are set already, so the base class's is enough.
        base: Any = super(ov.AsyncInferQueue, self._queue)
        self._start: Callable[[dict[str, object], object], None] = base.start_async

    @property
    def starter(self) -> Callable[[dict[str, object], object], None]:
        """Call as ``starter({}, None)``: waits for an idle request and starts it.

        Raises RuntimeError once an inference has failed; the queue must be discarded then.
        """
        return self._start

    def first_inference_ms(self) -> float:
        """Run one inference, before any other and outside the ring; wall time in ms.

        Raises:
            RuntimeError: it failed; the queue must be discarded.
        """
        begin_s = perf_counter()
        self._start({}, None)
        self._queue.wait_all()
        return (perf_counter() - begin_s) * 1000

    def record(self) -> None:
        """From now on completions go to the ring; only while nothing is in flight."""
        self._queue.set_callback(self._callback)

    def drain(self) -> None:
        """Wait for everything in flight.

        Raises:
            RuntimeError: an inference failed; the queue must be discarded.
        """
        self._queue.wait_all()

    def release(self) -> None:
        """Let go of the infer requests, and return when OpenVINO has let go of the callback.

        OpenVINO drops its hold on the callback on a thread of its own, which needs the GIL
        for it. Whoever destroys the compiled model or the Core before that waits for this
        thread with the GIL held, and the process stands still for good.
        """
        callback = weakref.ref(self._callback)
        del self._start, self._queue, self._callback
        patience_s = perf_counter() + _RELEASE_PATIENCE_S
        while callback() is not None and perf_counter() < patience_s:
            sleep(0.0005)


def _copy(tensor: ov.Tensor) -> ov.Tensor:
    copy = ov.Tensor(tensor.element_type, tensor.shape)
    tensor.copy_to(copy)
    return copy
