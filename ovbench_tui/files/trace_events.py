"""The file of a timeline that Perfetto and Chrome show (ui.perfetto.dev, chrome://tracing).

Format: "Trace Event Format" of Chrome's catapult project: a JSON object whose ``traceEvents`` are
complete events (``X``, of a thread), pairs of asynchronous ones (``b``, ``e``, which may overlap)
and names (``M``); times are in microseconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

TraceEvent = dict[str, Any]


def process_name(process: int, name: str) -> TraceEvent:
    """What a viewer calls a process."""
    return _named("process_name", process, 0, name)


def thread_name(process: int, thread: int, name: str) -> TraceEvent:
    """What a viewer calls a thread."""
    return _named("thread_name", process, thread, name)


def complete(
    name: str,
    *,
    process: int,
    thread: int,
    begin_us: float,
    length_us: float,
    details: Mapping[str, Any] | None = None,
) -> TraceEvent:
    """Something with a beginning and a length, on a thread.

    Args:
        details: what a viewer shows of it when it is chosen.
    """
    event = {"ph": "X", "name": name, "pid": process, "tid": thread}
    event |= {"ts": begin_us, "dur": length_us}
    return event | ({"args": dict(details)} if details else {})


def trace_text(events: Iterable[TraceEvent]) -> str:
    """The whole file."""
    document = {"traceEvents": list(events), "displayTimeUnit": "ms"}
    return json.dumps(document, separators=(",", ":"))


def _named(what: str, process: int, thread: int, name: str) -> TraceEvent:
    return {"ph": "M", "name": what, "pid": process, "tid": thread, "args": {"name": name}}
