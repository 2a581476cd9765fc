"""What all wrappers of OpenVINO's calls share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from time import perf_counter_ns, thread_time_ns
from typing import Any

from ovbench_tui.application.recorder.byte_values import ByteValues
from ovbench_tui.application.recorder.layout import UNKNOWN, Kind
from ovbench_tui.application.recorder.models import Models
from ovbench_tui.application.recorder.sampler import Sampler
from ovbench_tui.application.recorder.thread_state import CallState, ThreadStates
from ovbench_tui.application.recorder.writer import Writer

_LONG_ROUND_NS = 500_000
"""From the end of one call to that of the next."""

_SAMPLED_EVERY = 16


class Recorder:
    """Stores what the wrappers see, and numbers threads, models and requests."""

    def __init__(self, writer: Writer) -> None:
        self.store = writer.store
        self.models = Models(writer)
        self.threads = ThreadStates()
        self.sampler = Sampler(writer, self.threads)
        self.byte_values = ByteValues(writer)

    def end(
        self,
        state: CallState,
        begin_ns: int,
        kind: Kind,
        model: int = UNKNOWN,
        request: int = UNKNOWN,
    ) -> None:
        """Record the call that ends now; it was begun at `begin_ns` by `CallState.begin`."""
        end_ns = perf_counter_ns()
        self.store(
            begin_ns,
            end_ns,
            kind,
            state.index,
            model,
            request,
            state.input_bytes,
            state.copy_ns,
            state.wait_ns,
            state.latency_ns,
            state.gap_cpu_ns,
            state.input_types,
        )
        state.depth = 0
        # A system call: of short rounds every sixteenth is enough.
        state.unsampled += 1
        if end_ns - state.end_ns > _LONG_ROUND_NS or state.unsampled >= _SAMPLED_EVERY:
            state.unsampled = 0
            state.cpu_ns = thread_time_ns()
        else:
            state.cpu_ns = UNKNOWN
        state.end_ns = end_ns

    def call(
        self,
        kind: Kind,
        function: Callable[..., Any],
        model_of: Callable[..., int] = lambda *_, **__: UNKNOWN,
    ) -> Callable[..., Any]:
        """A wrapper that records how long each call took.

        Args:
            model_of: takes what the call returned, and what it was called with.
        """
        state_of = self.threads.of_this_thread

        @wraps(function)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            state = state_of()
            if state.depth or (kind is Kind.TENSOR and state.is_in_callback):
                return function(*args, **kwargs)
            model, begin_ns = UNKNOWN, state.begin()
            try:
                result = function(*args, **kwargs)
                model = model_of(result, *args, **kwargs)
            finally:
                self.end(state, begin_ns, kind, model)
            return result

        return recorded

    def callback(
        self,
        function: Callable[..., Any],
        model: int,
        request: int,
        latency_of_arguments: Callable[[tuple[Any, ...]], int],
    ) -> Callable[..., Any]:
        """A callback of the user's program that is recorded."""
        state_of, store = self.threads.of_this_thread, self.store

        @wraps(function)
        def recorded(*args: Any) -> Any:
            state = state_of()
            begin_ns = perf_counter_ns()
            latency_ns = latency_of_arguments(args)
            state.is_in_callback = True
            try:
                return function(*args)
            finally:
                state.is_in_callback = False
                end_ns = perf_counter_ns()
                store(
                    *(begin_ns, end_ns, Kind.CALLBACK, state.index, model, request),
                    *(0, 0, 0, latency_ns, UNKNOWN, 0),
                )

        return recorded


def latency_of(request: Any) -> int:
    """Nanoseconds that the last inference of an idle request took; `UNKNOWN` where none is."""
    try:
        latency_ms = request.latency
    except Exception:  # noqa: BLE001 - busy, or failed: the user's call says so itself
        return UNKNOWN
    return int(latency_ms * 1e6) if latency_ms > 0 else UNKNOWN
