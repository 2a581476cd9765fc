"""Numbers for the compiled models and queues of the user's program, and what is known of them."""

from __future__ import annotations

import json
import os
import re
import threading
from contextlib import suppress
from typing import Any

from ovbench_tui.application.recorder.layout import QUEUE_SHIFT, UNKNOWN
from ovbench_tui.application.recorder.writer import Writer

_MODEL = "_ovbench_model"
_FILE = "_ovbench_file"
_PROPERTIES = (
    "EXECUTION_DEVICES",
    "PERFORMANCE_HINT",
    "NUM_STREAMS",
    "INFERENCE_NUM_THREADS",
    "INFERENCE_PRECISION_HINT",
    "OPTIMAL_NUMBER_OF_INFER_REQUESTS",
)
_MADE_UP_NAME = re.compile(r"Model\d+")
"""OpenVINO counts the models that have no name."""


class Models:
    """Models that differ in nothing we can see share a number: one compiled in a loop is one."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {}
        self._requests = 0
        self._queues = 0
        self._files: set[str] = set()

    def note_read(self, model: Any, _core: Any, source: Any = None, *_: Any, **named: Any) -> int:
        """Remember the file that a model was read from."""
        file = _path(named.get("model", source))
        if file:
            self._files.add(file)
            with suppress(AttributeError):
                setattr(model, _FILE, file)
        return UNKNOWN

    def note_compiled(
        self,
        compiled: Any,
        _core: Any,
        source: Any = None,
        device: Any = None,
        *_: Any,
        **named: Any,
    ) -> int:
        """The number of a model that was just compiled."""
        source, device = named.get("model", source), named.get("device_name", device)
        file = _path(source) or getattr(source, _FILE, "")
        if not file and len(self._files) == 1:  # PrePostProcessor makes another model of it
            (file,) = self._files
        return self.number(compiled, file=file, device=str(device or ""))

    def new_pipeline(self, name: str, device: str) -> int:
        """The number of a pipeline of openvino-genai."""
        return self._numbered({"name": name, "inputs": [], "device": device, "pipeline": True})

    def number(self, compiled: Any, **more: str) -> int:
        """The number of a compiled model, which is described when it is new.

        Args:
            more: what is known of it beside.
        """
        known = getattr(compiled, _MODEL, None)
        if known is not None:
            return int(known)
        number = self._numbered(_describe(compiled) | more)
        with suppress(AttributeError):  # the C++ class takes no attributes
            setattr(compiled, _MODEL, number)
        return number

    def _numbered(self, about: dict[str, Any]) -> int:
        signature = json.dumps(about, default=str)
        with self._lock:
            is_new = signature not in self._numbers
            number = self._numbers.setdefault(signature, len(self._numbers))
        if is_new:
            self._writer.note(model=number, **about)
        return number

    def new_request(self) -> int:
        """The number of a request outside of a queue; negative, unlike those in a queue."""
        with self._lock:
            self._requests += 1
            return -1 - self._requests

    def new_queue(self, model: int, nireq: int) -> int:
        """The number of the first request of a new queue."""
        with self._lock:
            self._queues += 1
            number = self._queues
        self._writer.note(queue=number, of_model=model, nireq=nireq)
        return number << QUEUE_SHIFT


def _describe(compiled: Any) -> dict[str, Any]:
    about: dict[str, Any] = {"name": "", "inputs": []}
    with suppress(Exception):
        name = str(compiled.get_property("NETWORK_NAME"))
        about["name"] = "" if _MADE_UP_NAME.fullmatch(name) else name
    for name in _PROPERTIES:
        with suppress(Exception):
            value = compiled.get_property(name)
            about[name.lower()] = value if isinstance(value, (int, list)) else _word(value)
    with suppress(Exception):
        about["inputs"] = [_describe_input(port) for port in compiled.inputs]
    return about


def _path(source: Any) -> str:
    """The absolute path of a model that is named by one; '' = it is in memory."""
    if not isinstance(source, (str, os.PathLike)):
        return ""
    path = os.fspath(source)
    # The text of a model is a string, too.
    return os.path.abspath(path) if isinstance(path, str) and "<" not in path else ""  # noqa: PTH100


def _word(value: Any) -> str:
    if hasattr(value, "get_type_name"):
        return str(value.get_type_name())
    return str(getattr(value, "name", value))


def _describe_input(port: Any) -> dict[str, Any]:
    return {
        "shape": str(port.get_partial_shape()),
        "type": port.get_element_type().get_type_name(),
        "numpy_type": port.get_element_type().to_dtype().num,
    }
