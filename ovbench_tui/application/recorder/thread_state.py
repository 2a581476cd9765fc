"""What the wrappers of one thread hand to each other during a call of OpenVINO."""

from __future__ import annotations

from itertools import count
from threading import get_ident
from time import perf_counter_ns, thread_time_ns
from typing import Any

from ovbench_tui.application.recorder.layout import NOT_CONTIGUOUS, UNKNOWN

_LAST_TYPE = 61
"""Bit of all numpy types that are not of numpy itself."""


class CallState:
    """Of one thread.

    Attributes:
        depth: wrapped calls that this thread is in; only the outermost is recorded.
        is_in_callback: it runs a callback of the user's program.
        is_starting: its call starts an inference and does not wait for it.
        cpu_ns: its CPU time when its last call ended; `UNKNOWN` where that was not sampled.
        gap_cpu_ns: its CPU time between its call before and this one; `UNKNOWN` likewise.
        end_ns: when its last call ended.
        unsampled: calls since its CPU time was looked at.
    """

    __slots__ = (
        "copy_ns",
        "cpu_ns",
        "depth",
        "end_ns",
        "gap_cpu_ns",
        "index",
        "input_bytes",
        "input_types",
        "is_in_callback",
        "is_starting",
        "latency_ns",
        "request",
        "unsampled",
        "wait_ns",
    )

    def __init__(self, index: int) -> None:
        self.index = index
        self.depth = 0
        self.is_in_callback = False
        self.cpu_ns = self.gap_cpu_ns = UNKNOWN
        self.end_ns = 0
        self.unsampled = 0
        self.reset()

    def reset(self) -> None:
        """Forget the call before."""
        self.is_starting = False
        self.copy_ns = 0
        self.wait_ns = 0
        self.input_bytes = 0
        self.input_types = 0
        self.latency_ns = UNKNOWN
        self.request = UNKNOWN

    def begin(self) -> int:
        """Begin a call that is recorded; returns when, which whoever ends it hands on."""
        self.reset()
        self.depth = 1
        self.gap_cpu_ns = thread_time_ns() - self.cpu_ns if self.cpu_ns != UNKNOWN else UNKNOWN
        return perf_counter_ns()

    def look_at(self, inputs: Any, array_type: type[Any]) -> None:
        """Note size, type and order of the arrays among the inputs."""
        if type(inputs) is array_type:
            self.input_bytes += inputs.nbytes
            self.input_types |= 1 << min(inputs.dtype.num, _LAST_TYPE)
            if not inputs.flags.c_contiguous:
                self.input_types |= NOT_CONTIGUOUS
        elif isinstance(inputs, dict):
            for value in inputs.values():
                if type(value) is array_type:
                    self.look_at(value, array_type)
        elif isinstance(inputs, (list, tuple)):
            for value in inputs:
                if type(value) is array_type:
                    self.look_at(value, array_type)


class ThreadStates:
    """The state of each thread, which is never forgotten.

    Not a `threading.local`: a thread of OpenVINO is a new one to Python at every callback. One
    that ended and has its identifier taken over by another shares its state with it.
    """

    def __init__(self) -> None:
        self._states: dict[int, CallState] = {}
        self._numbers = count()

    def of_this_thread(self) -> CallState:
        """The state of the thread that calls."""
        identifier = get_ident()
        try:
            return self._states[identifier]
        except KeyError:
            state = CallState(next(self._numbers))
            self._states[identifier] = state
            return state

    def all(self) -> list[tuple[int, CallState]]:
        """Each with the identifier of its thread."""
        return list(self._states.items())
