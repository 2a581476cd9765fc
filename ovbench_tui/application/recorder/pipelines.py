"""Wrappers around the pipelines of openvino-genai, which call OpenVINO from C++."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from time import perf_counter_ns
from types import ModuleType
from typing import Any

from ovbench_tui.application.recorder.calls import Recorder
from ovbench_tui.application.recorder.layout import UNKNOWN, Kind

_METHODS = ("generate", "step")


def wrap_pipelines(module: ModuleType, recorder: Recorder) -> None:
    """Wrap the classes, once: a call that generates counts as one inference.

    What goes on inside, token by token, is not seen.
    """
    numbers: dict[int, int] = {}
    for name in dir(module):
        kind = getattr(module, name)
        if isinstance(kind, type) and name.endswith("Pipeline"):
            kind.__init__ = _made(recorder, name, kind.__init__, numbers)  # type: ignore[misc]
            for method in _METHODS:
                if method in vars(kind):
                    setattr(kind, method, _called(recorder, vars(kind)[method], numbers))


def _made(
    recorder: Recorder, kind: str, function: Callable[..., None], numbers: dict[int, int]
) -> Callable[..., None]:
    state_of = recorder.threads.of_this_thread

    @wraps(function)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        state = state_of()
        if state.depth:
            return function(self, *args, **kwargs)
        model, begin_ns = UNKNOWN, state.begin()
        try:
            function(self, *args, **kwargs)
            model = recorder.models.new_pipeline(_name(kind, args), _device(args, kwargs))
            # By its address: the C++ class takes no attributes.
            numbers[id(self)] = model
            recorder.sampler.begin()
        finally:
            recorder.end(state, begin_ns, Kind.COMPILE, model)
        return None

    return init


def _called(
    recorder: Recorder, function: Callable[..., Any], numbers: dict[int, int]
) -> Callable[..., Any]:
    state_of = recorder.threads.of_this_thread

    def generate(self: Any, *args: Any, **kwargs: Any) -> Any:
        state = state_of()
        if state.depth:
            return function(self, *args, **kwargs)
        begin_ns = state.begin()
        try:
            result = function(self, *args, **kwargs)
            state.latency_ns = perf_counter_ns() - begin_ns
        finally:
            recorder.end(state, begin_ns, Kind.INFER, numbers.get(id(self), UNKNOWN))
        return result

    return generate


def _name(kind: str, args: tuple[Any, ...]) -> str:
    """As in ``tiny-llama (LLMPipeline)``."""
    source = args[0] if args else None
    if not isinstance(source, (str, os.PathLike)):
        return kind
    return f"{os.path.basename(os.path.normpath(os.fspath(source)))} ({kind})"  # noqa: PTH119


def _device(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    named = kwargs.get("device")
    return str(named or next((one for one in args[1:] if isinstance(one, str)), ""))
