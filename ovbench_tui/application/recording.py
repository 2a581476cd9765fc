"""A recorded program in one file, for a report later or elsewhere: a ZIP of JSON and records.

``recording.json`` says all but the records, and names the version; ``records.bin`` has those, as
`recorder.layout.RECORD` packs them.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ovbench_tui.application.alone import AloneResult
from ovbench_tui.application.program import ProgramRun
from ovbench_tui.application.recorder.layout import UNKNOWN, Kind
from ovbench_tui.application.report import APP_DATA, AppReport, make_report
from ovbench_tui.application.surroundings import Surroundings
from ovbench_tui.application.trace import RECORD_TYPE, FunctionNote, ModelNote, Trace
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.safe_read import read_head, read_input
from ovbench_tui.reports.plain_data import NotThisDataError

_NAME = "ovbench-tui/app-recording"
_VERSION = 1
_HEAD, _RECORDS = "recording.json", "records.bin"
_MAGIC = b"PK\x03\x04"
_MOST_BYTES = 256 << 20
"""Of the file, and of each of its members."""


_LONGEST_NS = 365 * 24 * 3600 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Numbered:
    """What the records name by a number."""

    models: tuple[tuple[int, ModelNote], ...]
    queues: tuple[tuple[int, int], ...]
    functions: tuple[tuple[int, FunctionNote], ...]


@dataclass(frozen=True, slots=True)
class _Head:
    """All but the records."""

    schema: str
    version: int
    words: tuple[str, ...]
    exit_code: int
    begin_ns: int
    end_ns: int
    machine: Surroundings
    readings: tuple[tuple[float, float, float], ...]
    notes: _Numbered
    dropped: int
    failure: str
    reads_keyboard: bool
    byte_values: str
    alone: AloneResult | None


def write_recording(file: BinaryIO, report: AppReport) -> None:
    """Write the file of a program that has ended.

    Raises:
        OSError: as writing does.
    """
    run, trace = report.run, report.run.trace
    notes = _Numbered(
        tuple(trace.models.items()), tuple(trace.queues.items()), tuple(trace.functions.items())
    )
    head = _Head(
        schema=_NAME,
        version=_VERSION,
        words=report.words,
        exit_code=run.exit_code or 0,
        begin_ns=run.begin_ns,
        end_ns=run.end_ns,
        machine=run.machine,
        readings=run.readings,
        notes=notes,
        dropped=trace.dropped,
        failure=trace.failure,
        reads_keyboard=trace.reads_keyboard,
        byte_values=trace.byte_values,
        alone=report.alone,
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_HEAD, json.dumps(APP_DATA.of(head), allow_nan=False))
        archive.writestr(_RECORDS, trace.records.tobytes())


def is_recording(path: Path) -> bool:
    """Whether a file begins as a recording does."""
    try:
        return read_head(path, len(_MAGIC)) == _MAGIC
    except (OSError, ValueError):
        return False


def read_recording(path: Path) -> AppReport:
    """Read a file, and conclude anew what there is to conclude.

    Raises:
        BadInputError: it cannot be read, or is none.
    """
    where = f"'{printable(str(path))}'"
    data = read_input(
        path,
        where,
        _MOST_BYTES,
        give="a file that `app --record` has written",
        kind="recording of a program",
        hint="",
    )
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            plain = json.loads(_member(archive, _HEAD))
            packed = _member(archive, _RECORDS)
        if not isinstance(plain, dict) or plain.get("schema") != _NAME:
            raise NotThisDataError("it names another kind of file")
        if plain.get("version") != _VERSION:
            raise BadInputError(
                f"{where} is a recording of version {printable(str(plain.get('version')))}, and"
                f" this ovbench-tui reads version {_VERSION}: use the one that wrote it."
            )
        return _report(APP_DATA.to(_Head, plain), packed)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        NotImplementedError,
        RecursionError,
        RuntimeError,  # encrypted
        ValueError,
    ) as error:
        raise BadInputError(f"{where} is damaged, or no recording of a program.") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Unpack a member, but no more than may be in one, whatever its head says."""
    with archive.open(name) as member:
        data = member.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise NotThisDataError(f"{name} is too large")
    return data


def _report(head: _Head, packed: bytes) -> AppReport:
    records = np.frombuffer(packed, RECORD_TYPE)
    if not 0 <= head.end_ns - head.begin_ns <= _LONGEST_NS:
        raise NotThisDataError("it ends before it begins, or years later")
    numbers = np.unique(records["model"][records["kind"] != Kind.SAMPLE]).tolist()
    if not {number for number, _ in head.notes.models}.issuperset({*numbers} - {UNKNOWN}):
        raise NotThisDataError("a model is not described")
    trace = Trace(
        records,
        {number: _cleaned(note) for number, note in head.notes.models},
        dict(head.notes.queues),
        {
            number: FunctionNote(printable(note.name), printable(note.file), note.line)
            for number, note in head.notes.functions
        },
        head.dropped,
        printable(head.failure),
        head.reads_keyboard,
        head.byte_values,
    )
    run = ProgramRun(trace, head.exit_code, head.begin_ns, head.end_ns, head.machine, head.readings)
    words = tuple(printable(word) for word in head.words)
    return make_report(words, run, head.alone)


def _cleaned(note: ModelNote) -> ModelNote:
    """Text of the file may hold what moves the cursor."""
    return replace(
        note,
        name=printable(note.name),
        devices=tuple(map(printable, note.devices)),
        inputs=tuple(map(printable, note.inputs)),
        hint=printable(note.hint),
    )
