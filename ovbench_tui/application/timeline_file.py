"""A recorded program as a timeline for Perfetto or Chrome."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ovbench_tui.application.inferences import inferences_of
from ovbench_tui.application.recorder.layout import UNKNOWN, Kind
from ovbench_tui.application.trace import Records, Trace
from ovbench_tui.files.trace_events import TraceEvent, complete, process_name, trace_text

_MOST = 200_000
"""Calls at most, the newest: a viewer needs a minute for as many."""

_NAMES = {
    Kind.READ: "read_model",
    Kind.COMPILE: "compile_model",
    Kind.IMPORT: "import_model",
    Kind.CREATE_REQUEST: "create_infer_request",
    Kind.INFER: "infer",
    Kind.START: "start_async",
    Kind.WAIT: "wait",
    Kind.CALLBACK: "callback",
    Kind.TENSOR: "tensors, results",
}
_PROGRAM, _DEVICE = 1, 2
"""Processes, as a viewer shows them."""


def timeline_json(trace: Trace, begin_ns: int, title: str) -> str:
    """The whole file.

    Args:
        begin_ns: when the program was started: zero of its clock.
        title: of the program.
    """
    records = trace.records
    calls = records[np.isin(records["kind"], list(_NAMES))][-_MOST:]
    return trace_text(
        [
            process_name(_PROGRAM, title),
            process_name(_DEVICE, "inferences on the device"),
            *_calls(calls, begin_ns),
            *_inferences(trace, begin_ns),
        ]
    )


def _calls(calls: Records, begin_ns: int) -> Iterator[TraceEvent]:
    for call in calls:
        kind, thread = Kind(int(call["kind"])), int(call["thread"])
        start, end = int(call["begin_ns"]), int(call["end_ns"])
        yield _event(_NAMES[kind], thread, start - begin_ns, end - start)
        if kind in (Kind.INFER, Kind.START):
            idle, copied = int(call["wait_ns"]), int(call["copy_ns"])
            if idle:
                yield _event("wait for an idle request", thread, start - begin_ns, idle)
            if copied:
                yield _event("inputs", thread, start + idle - begin_ns, copied)


def _event(name: str, thread: int, start_ns: int, length_ns: int) -> TraceEvent:
    return complete(
        name,
        process=_PROGRAM,
        thread=thread,
        begin_us=start_ns / 1e3,
        length_us=length_ns / 1e3,
    )


def _inferences(trace: Trace, begin_ns: int) -> Iterator[TraceEvent]:
    found = inferences_of(trace.records, begin_ns)
    rows = zip(
        found.spans.begin_s.tolist()[-_MOST:],
        found.spans.end_s.tolist()[-_MOST:],
        found.models.tolist()[-_MOST:],
        strict=True,
    )
    for number, (begin_s, end_s, model) in enumerate(rows):
        note = trace.models.get(model) if model != UNKNOWN else None
        common = {
            "name": (note.name if note else "") or "inference",
            "cat": "inference",
            "id": number,
            "pid": _DEVICE,
            "tid": 0,
        }
        yield {"ph": "b", "ts": begin_s * 1e6, **common}
        yield {"ph": "e", "ts": end_s * 1e6, **common}
