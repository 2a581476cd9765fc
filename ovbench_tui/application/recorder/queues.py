"""Wrappers around AsyncInferQueue."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from time import perf_counter_ns
from typing import Any

from ovbench_tui.application.recorder.calls import Recorder, latency_of
from ovbench_tui.application.recorder.layout import UNKNOWN, Kind

_QUEUE = "_ovbench_queue"


class _Queue:
    """What is known of a queue.

    Attributes:
        first: number of its first request.
        started: indices of requests whose last inference has not been recorded as done.
        has_callback: the program's own, which records the inferences that are done.
    """

    __slots__ = ("first", "has_callback", "model", "started")

    def __init__(self, model: int, first: int) -> None:
        self.model = model
        self.first = first
        self.started: set[int] = set()
        self.has_callback = False


def wrap_queue(recorder: Recorder, queue: Any) -> None:
    """Wrap the class."""
    queue.__init__ = _init(recorder, queue.__init__)
    queue.get_idle_request_id = _idle(recorder, queue.get_idle_request_id)
    queue.start_async = _start(recorder, queue.start_async)
    queue.set_callback = _set_callback(recorder, queue.set_callback)
    queue.wait_all = _wait_all(recorder, queue.wait_all)


def _init(recorder: Recorder, function: Callable[..., Any]) -> Callable[..., None]:
    models = recorder.models

    @wraps(function)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        function(self, *args, **kwargs)
        compiled = args[0] if args else next(iter(kwargs.values()))
        model = models.number(compiled)
        setattr(self, _QUEUE, _Queue(model, models.new_queue(model, len(self))))
        recorder.sampler.begin()

    return init


def _idle(recorder: Recorder, function: Callable[..., int]) -> Callable[..., int]:
    state_of = recorder.threads.of_this_thread

    @wraps(function)
    def get_idle_request_id(self: Any) -> int:
        state = state_of()
        if state.depth:
            begin_ns = perf_counter_ns()
            state.request = function(self)
            state.wait_ns += perf_counter_ns() - begin_ns
            return state.request
        begin_ns = state.begin()
        try:
            return function(self)
        finally:
            recorder.end(state, begin_ns, Kind.WAIT)

    return get_idle_request_id


def _start(recorder: Recorder, function: Callable[..., None]) -> Callable[..., None]:
    state_of = recorder.threads.of_this_thread

    @wraps(function)
    def start_async(self: Any, *args: Any, **kwargs: Any) -> None:
        state = state_of()
        queue: _Queue = getattr(self, _QUEUE)
        begin_ns = state.begin()
        state.is_starting = True
        try:
            function(self, *args, **kwargs)
        finally:
            if queue.has_callback or state.request == UNKNOWN:
                state.latency_ns = UNKNOWN
            else:
                queue.started.add(state.request)
            request = UNKNOWN if state.request == UNKNOWN else queue.first | state.request
            recorder.end(state, begin_ns, Kind.START, queue.model, request)

    return start_async


def _set_callback(recorder: Recorder, function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def set_callback(self: Any, callback: Callable[..., Any]) -> None:
        if not callable(callback):  # refused
            return function(self, callback)
        queue: _Queue = getattr(self, _QUEUE)
        recorded = recorder.callback(
            callback, queue.model, queue.first, lambda args: latency_of(args[0])
        )
        function(self, recorded)
        queue.has_callback = True
        return None

    return set_callback


def _wait_all(recorder: Recorder, function: Callable[..., None]) -> Callable[..., None]:
    state_of = recorder.threads.of_this_thread

    @wraps(function)
    def wait_all(self: Any) -> None:
        state = state_of()
        queue: _Queue = getattr(self, _QUEUE)
        begin_ns = state.begin()
        try:
            function(self)
        finally:
            recorder.end(state, begin_ns, Kind.WAIT, queue.model)
        if not queue.has_callback:
            _note_done(recorder, self, queue)

    return wait_all


def _note_done(recorder: Recorder, requests: Any, queue: _Queue) -> None:
    """Record the last inference of each request, which no later start will."""
    index_of_thread, now_ns = recorder.threads.of_this_thread().index, perf_counter_ns()
    for index in queue.started:
        recorder.store(
            *(now_ns, now_ns, Kind.DONE, index_of_thread, queue.model, queue.first | index),
            *(0, 0, 0, latency_of(requests[index]), UNKNOWN, 0),
        )
    queue.started.clear()
