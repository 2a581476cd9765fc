"""What was recorded of the user's program, read out of the shared memory while it runs."""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt

from ovbench_tui.application.recorder.layout import (
    HEADER,
    HEADER_BYTES,
    NOTE_BYTES,
    RECORD,
    Kind,
)
from ovbench_tui.console.printable import printable

FIELDS = (
    "begin_ns",
    "end_ns",
    "kind",
    "thread",
    "model",
    "request",
    "input_bytes",
    "copy_ns",
    "wait_ns",
    "latency_ns",
    "gap_cpu_ns",
    "input_types",
    "sequence",
)
"""See `recorder.layout.RECORD`."""

RECORD_TYPE = np.dtype([(name, "<i8") for name in FIELDS])
if RECORD_TYPE.itemsize != RECORD.size:
    raise AssertionError("trace and recorder.layout have different records")

Records = npt.NDArray[np.void]
"""Of `RECORD_TYPE`."""

_MOST_KEPT = 1_000_000
"""Records, 104 bytes each; older ones are let go."""

_RARE = (Kind.READ, Kind.COMPILE, Kind.IMPORT)


@dataclass(frozen=True, slots=True)
class ModelNote:
    """A compiled model.

    Attributes:
        name: '' = it has none.
        hint: its performance hint, as in ``LATENCY``; '' = unknown.
        streams: 0 = unknown; `optimal` infer requests, too.
        numpy_types: a bit for each numpy type number among its inputs.
        inputs: each as in ``f32 [1,3,224,224]``.
    """

    name: str
    devices: tuple[str, ...]
    hint: str
    streams: int
    optimal: int
    numpy_types: int
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FunctionNote:
    """A function of the program, or of a library; `line` is where it begins."""

    name: str
    file: str
    line: int

    @property
    def text(self) -> str:
        """As in ``preprocess (detect.py:12)``."""
        name = "top level" if self.name == "<module>" else self.name
        return f"{name} ({PurePath(self.file).name}:{self.line})"


@dataclass(frozen=True, slots=True)
class Trace:
    """What was recorded.

    Attributes:
        records: of `RECORD_TYPE`, in the order in which the calls ended.
        models: by their numbers in the records.
        queues: number of infer requests of each AsyncInferQueue, by its number.
        functions: by their numbers in the samples.
        dropped: records that were overwritten before they could be read, or let go.
        failure: why not all calls of this OpenVINO could be recorded; '' = they could.
    """

    records: Records
    models: Mapping[int, ModelNote]
    queues: Mapping[int, int]
    functions: Mapping[int, FunctionNote] = field(default_factory=dict)
    dropped: int = 0
    failure: str = ""


class TraceReader:
    """Reads the memory that a `recorder.writer.Writer` of another process writes.

    Args:
        memory: as for the writer.
        capacity: of the ring.
        most_kept: records at most; the oldest are let go, but for those of compilation.
    """

    def __init__(
        self, memory: mmap.mmap | bytearray, capacity: int, most_kept: int = _MOST_KEPT
    ) -> None:
        self._memory = memory
        first = HEADER_BYTES + NOTE_BYTES
        self._ring = np.frombuffer(memory, RECORD_TYPE, capacity, first)
        self._capacity = capacity
        self._most_kept = most_kept
        self._next = 0
        self._chunks: list[Records] = []
        self._rare: list[Records] = []
        self._kept = 0
        self._dropped = 0

    def read(self) -> None:
        """Take over what came since the last time; often enough, or records are lost."""
        total, _ = HEADER.unpack_from(self._memory)
        first = max(self._next, total - self._capacity + 1)
        places = np.arange(first, self._past(total)) & (self._capacity - 1)
        chunk = self._ring[places].copy()
        # What was overwritten meanwhile, or is half-written, has another number.
        total, _ = HEADER.unpack_from(self._memory)
        numbers = np.arange(first + 1, first + 1 + len(chunk))
        is_whole = (chunk["sequence"] == numbers) & (numbers > total - self._capacity + 1)
        self._dropped += first - self._next + int(len(chunk) - is_whole.sum())
        self._next = first + len(chunk)
        if len(chunk):
            self._keep(chunk[is_whole])

    def trace(self) -> Trace:
        """What was read so far."""
        records = np.concatenate([np.empty(0, RECORD_TYPE), *self._rare, *self._chunks])
        models: dict[int, ModelNote] = {}
        queues: dict[int, int] = {}
        functions: dict[int, FunctionNote] = {}
        failure = ""
        for note in _notes(self._memory):
            if "model" in note:
                models[note["model"]] = _model(note)
            elif "queue" in note:
                queues[note["queue"]] = note["nireq"]
            elif "function" in note:
                name, file = printable(note["name"]), printable(note["file"])
                functions[note["function"]] = FunctionNote(name, file, note["line"])
            else:
                failure = printable(note["failure"])
        return Trace(records, models, queues, functions, self._dropped, failure)

    def _past(self, total: int) -> int:
        """One past the last record; of two threads the later one may have set the total first."""
        while total - self._next < self._capacity and (
            self._ring[total & (self._capacity - 1)]["sequence"] == total + 1
        ):
            total += 1
        return total

    def _keep(self, chunk: Records) -> None:
        self._chunks.append(chunk)
        self._kept += len(chunk)
        while self._kept > self._most_kept and len(self._chunks) > 1:
            oldest = self._chunks.pop(0)
            rare = oldest[np.isin(oldest["kind"], _RARE)]
            self._rare.append(rare)
            self._kept -= len(oldest)
            self._dropped += len(oldest) - len(rare)


def _notes(memory: mmap.mmap | bytearray) -> list[dict[str, Any]]:
    _, size = HEADER.unpack_from(memory)
    return [
        json.loads(line) for line in bytes(memory[HEADER_BYTES : HEADER_BYTES + size]).splitlines()
    ]


def _model(note: Mapping[str, Any]) -> ModelNote:
    types = 0
    for port in note["inputs"]:
        types |= 1 << port["numpy_type"]
    devices = note.get("execution_devices", ())
    return ModelNote(
        name=printable(str(note["name"])),
        devices=(devices,) if isinstance(devices, str) else tuple(map(str, devices)),
        hint=str(note.get("performance_hint", "")),
        streams=_whole(note.get("num_streams")),
        optimal=_whole(note.get("optimal_number_of_infer_requests")),
        numpy_types=types,
        inputs=tuple(f"{port['type']} {port['shape']}" for port in note["inputs"]),
    )


def _whole(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0
