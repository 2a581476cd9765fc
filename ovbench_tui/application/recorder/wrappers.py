"""Puts wrappers around OpenVINO's Python entry points that record each call.

Calls, results and exceptions go through unchanged. What a wrapper keeps of a request or a model
is numbers only: a reference that outlives the user's own would change when OpenVINO lets go.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from time import perf_counter_ns
from types import ModuleType
from typing import Any

from ovbench_tui.application.recorder.calls import Recorder, latency_of
from ovbench_tui.application.recorder.layout import SHARED_RESULTS, UNKNOWN, Kind
from ovbench_tui.application.recorder.queues import wrap_queue
from ovbench_tui.application.recorder.tracebacks import hide_wrappers

_REQUEST = "_ovbench_request"
_NOBODY = (UNKNOWN, UNKNOWN)
_TENSOR_CALLS = (
    "set_tensor",
    "set_tensors",
    "set_input_tensor",
    "set_input_tensors",
    "set_output_tensor",
    "set_output_tensors",
    "get_output_tensor",
)


def wrap(module: ModuleType, recorder: Recorder) -> None:
    """Wrap the classes of `openvino._ov_api`, once."""
    core, compiled, request = module.Core, module.CompiledModel, module.InferRequest
    models = recorder.models
    core.read_model = recorder.call(Kind.READ, core.read_model, models.note_read)
    core.compile_model = recorder.call(Kind.COMPILE, core.compile_model, models.note_compiled)
    core.import_model = recorder.call(
        Kind.IMPORT, core.import_model, lambda compiled, *_, **__: models.number(compiled)
    )
    compiled.create_infer_request = _create_request(recorder, compiled.create_infer_request)
    request.infer = _infer(recorder, request.infer)
    request.start_async = _start(recorder, request.start_async)
    request.wait = _wait(recorder, request.wait)
    request.wait_for = _wait(recorder, request.wait_for)
    request.set_callback = _set_callback(recorder, request.set_callback)
    for name in _TENSOR_CALLS:
        call = recorder.call(Kind.TENSOR, getattr(request, name))
        setattr(request, name, call)
    results = recorder.call(Kind.TENSOR, request.results.fget)
    request.results = property(results, doc=request.results.__doc__)
    module._data_dispatch = _dispatch(recorder, module._data_dispatch)  # type: ignore[attr-defined] # noqa: SLF001
    wrap_queue(recorder, module.AsyncInferQueue)
    hide_wrappers()


def _create_request(recorder: Recorder, function: Callable[..., Any]) -> Callable[..., Any]:
    state_of, models = recorder.threads.of_this_thread, recorder.models

    @wraps(function)
    def create_infer_request(self: Any) -> Any:
        state = state_of()
        model = models.number(self)
        if state.depth:
            created = function(self)
        else:
            begin_ns = state.begin()
            try:
                created = function(self)
            finally:
                recorder.end(state, begin_ns, Kind.CREATE_REQUEST, model)
        setattr(created, _REQUEST, (model, models.new_request()))
        recorder.sampler.begin()
        return created

    return create_infer_request


def _dispatch(recorder: Recorder, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what brings inputs into a request: all ways to start an inference come by here."""
    from numpy import ndarray

    state_of, look = recorder.threads.of_this_thread, recorder.byte_values.look

    @wraps(function)
    def data_dispatch(request: Any, inputs: Any = None, is_shared: bool = False) -> Any:
        state = state_of()
        if state.is_starting:
            # The request is idle, so this is the latency of its inference before.
            state.latency_ns = latency_of(request)
        begin_ns = perf_counter_ns()
        result = function(request, inputs, is_shared)
        state.copy_ns += perf_counter_ns() - begin_ns
        state.look_at(inputs, ndarray)
        look(inputs, ndarray)
        return result

    return data_dispatch


def _infer(recorder: Recorder, function: Callable[..., Any]) -> Callable[..., Any]:
    state_of = recorder.threads.of_this_thread

    @wraps(function)
    def infer(self: Any, *args: Any, **kwargs: Any) -> Any:
        state = state_of()
        if state.depth:
            return function(self, *args, **kwargs)
        begin_ns = state.begin()
        try:
            result = function(self, *args, **kwargs)
            state.latency_ns = latency_of(self)
            if kwargs.get("share_outputs"):
                state.input_types |= SHARED_RESULTS
        except BaseException:
            state.latency_ns = UNKNOWN
            raise
        finally:
            model, request = getattr(self, _REQUEST, _NOBODY)
            recorder.end(state, begin_ns, Kind.INFER, model, request)
        return result

    return infer


def _start(recorder: Recorder, function: Callable[..., Any]) -> Callable[..., Any]:
    state_of = recorder.threads.of_this_thread

    @wraps(function)
    def start_async(self: Any, *args: Any, **kwargs: Any) -> None:
        state = state_of()
        if state.depth:
            return function(self, *args, **kwargs)  # type: ignore[no-any-return]
        begin_ns = state.begin()
        state.is_starting = True
        try:
            function(self, *args, **kwargs)
        finally:
            model, request = getattr(self, _REQUEST, _NOBODY)
            recorder.end(state, begin_ns, Kind.START, model, request)
        return None

    return start_async


def _wait(recorder: Recorder, function: Callable[..., Any]) -> Callable[..., Any]:
    state_of = recorder.threads.of_this_thread

    @wraps(function)
    def wait(self: Any, *args: Any, **kwargs: Any) -> Any:
        state = state_of()
        if state.depth:
            return function(self, *args, **kwargs)
        begin_ns = state.begin()
        try:
            result = function(self, *args, **kwargs)
            if result is not False:  # wait_for says so when time was up
                state.latency_ns = latency_of(self)
        finally:
            model, request = getattr(self, _REQUEST, _NOBODY)
            recorder.end(state, begin_ns, Kind.WAIT, model, request)
        return result

    return wait


def _set_callback(recorder: Recorder, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def set_callback(self: Any, callback: Any, *args: Any, **kwargs: Any) -> Any:
        if not callable(callback):  # refused
            return function(self, callback, *args, **kwargs)
        model, request = getattr(self, _REQUEST, _NOBODY)
        # Without the request: a reference would keep it alive.
        recorded = recorder.callback(callback, model, request, lambda _: UNKNOWN)
        return function(self, recorded, *args, **kwargs)

    return set_callback
