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

KEYBOARD_SENTENCE = "The program reads standard input, which the screen has: run it with --no-tui."

_MOST_KEPT = 1_000_000
"""Records, 104 bytes each; older ones are let go."""

_NO_PROPERTIES = ("model", "name", "inputs", "file", "device", "pipeline")
"""Members of a model's note."""

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
        file: that it was read from; '' = none, or unknown. `device`: that it was compiled for, as
            the program names it; '' = it names none.
        properties: in effect, as names and values.
        is_pipeline: of openvino-genai: an inference is a call that generates.
    """

    name: str
    devices: tuple[str, ...]
    hint: str
    streams: int
    optimal: int
    numpy_types: int
    inputs: tuple[str, ...]
    file: str = ""
    device: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    is_pipeline: bool = False


@dataclass(frozen=True, slots=True)
class FunctionNote:
    """A function of the program, or of a library; `line` is where it begins.

    A script's own lines belong to none, and where they begin says nothing.
    """

    name: str
    file: str
    line: int

    @property
    def text(self) -> str:
        """As in ``preprocess (detect.py:12)``, or ``top level (detect.py)``."""
        file = PurePath(self.file).name
        return (
            f"top level ({file})"
            if self.name == "<module>"
            else f"{self.name} ({file}:{self.line})"
        )


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
        reads_keyboard: it read its standard input, while a screen had the keyboard.
        byte_values: see `InputUse`.
    """

    records: Records
    models: Mapping[int, ModelNote]
    queues: Mapping[int, int]
    functions: Mapping[int, FunctionNote] = field(default_factory=dict)
    dropped: int = 0
    failure: str = ""
    reads_keyboard: bool = False
    byte_values: str = ""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What was read at a time: all of it, and of compilation; when the last of its calls ended."""

    records: Records
    rare: Records
    end_ns: int


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
        self._chunks: list[_Chunk] = []
        self._rare: list[Records] = []
        self._kept = 0
        self._dropped = 0

    def read(self) -> Records:
        """Take over what came since the last time, often enough, or records are lost.

        Returns:
            What came.
        """
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
        whole: Records = chunk[is_whole]
        if len(whole):
            self._keep(whole)
        return whole

    def since(self, time_ns: int) -> Records:
        """Records of calls that ended then or later, and of some before."""
        found: list[Records] = []
        for chunk in reversed(self._chunks):
            if chunk.end_ns < time_ns:
                break
            found.append(chunk.records)
        return np.concatenate([np.empty(0, RECORD_TYPE), *reversed(found)])

    def trace(self, newest: int | None = None) -> Trace:
        """What was read so far.

        Args:
            newest: only about so many of the newest records, but for those of compilation.
        """
        whole, first = 0, len(self._chunks)
        while first and (newest is None or whole < newest):
            first -= 1
            whole += len(self._chunks[first].records)
        rare = [*self._rare, *(chunk.rare for chunk in self._chunks[:first])]
        chunks = [chunk.records for chunk in self._chunks[first:]]
        records = np.concatenate([np.empty(0, RECORD_TYPE), *rare, *chunks])
        models: dict[int, ModelNote] = {}
        queues: dict[int, int] = {}
        functions: dict[int, FunctionNote] = {}
        failure, reads_keyboard, byte_values = "", False, ""
        for note in _notes(self._memory):
            if "model" in note:
                models[note["model"]] = _model(note)
            elif "queue" in note:
                queues[note["queue"]] = note["nireq"]
            elif "function" in note:
                name, file = printable(note["name"]), printable(note["file"])
                functions[note["function"]] = FunctionNote(name, file, note["line"])
            elif "reads_keyboard" in note:
                reads_keyboard = True
            elif "byte_values" in note:
                byte_values = printable(note["byte_values"])
            else:
                failure = printable(note["failure"])
        return Trace(
            records,
            models,
            queues,
            functions,
            self._dropped,
            failure,
            reads_keyboard,
            byte_values,
        )

    def _past(self, total: int) -> int:
        """One past the last record; of two threads the later one may have set the total first."""
        while total - self._next < self._capacity and (
            self._ring[total & (self._capacity - 1)]["sequence"] == total + 1
        ):
            total += 1
        return total

    def _keep(self, records: Records) -> None:
        rare = records[np.isin(records["kind"], _RARE)]
        self._chunks.append(_Chunk(records, rare, int(records["end_ns"].max())))
        self._kept += len(records)
        while self._kept > self._most_kept and len(self._chunks) > 1:
            oldest = self._chunks.pop(0)
            self._rare.append(oldest.rare)
            self._kept -= len(oldest.records)
            self._dropped += len(oldest.records) - len(oldest.rare)


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
        file=str(note.get("file", "")),
        device=printable(str(note.get("device", ""))),
        properties=tuple(
            (printable(name.upper()), printable(_words(value)))
            for name, value in note.items()
            if name not in _NO_PROPERTIES
        ),
        is_pipeline=bool(note.get("pipeline", False)),
    )


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _whole(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0
