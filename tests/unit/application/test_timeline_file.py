"""The timeline for Perfetto."""

from __future__ import annotations

import json
from typing import Any

from ovbench_tui.application.recorder.layout import Kind
from ovbench_tui.application.timeline_file import timeline_json
from tests.unit.application.recorded import Recorded


def _events(recorded: Recorded, phase: str) -> list[dict[str, Any]]:
    document = json.loads(timeline_json(recorded.trace, 1_000_000, "script.py"))
    return [event for event in document["traceEvents"] if event["ph"] == phase]


def test_calls_are_slices_of_their_threads_with_their_parts() -> None:
    recorded = (
        Recorded()
        .add(Kind.COMPILE, 1, 3)
        .add(Kind.START, 11, 15, wait_ms=1, copy_ms=2, thread=1)
        .add(Kind.SAMPLE, 16, 16)
        .add(Kind.CALLBACK, 20, 21, thread=2)
    )
    slices = [
        (event["name"], event["tid"], event["ts"], event["dur"]) for event in _events(recorded, "X")
    ]
    assert slices == [
        ("compile_model", 0, 0, 2000),
        ("start_async", 1, 10_000, 4000),
        ("wait for an idle request", 1, 10_000, 1000),
        ("inputs", 1, 11_000, 2000),
        ("callback", 2, 19_000, 1000),
    ]


def test_inferences_begin_and_end_beside_the_threads() -> None:
    recorded = (
        Recorded()
        .add(Kind.INFER, 1, 10, copy_ms=1, latency_ms=7)
        .add(Kind.INFER, 1, 10, copy_ms=1, latency_ms=8, model=5)
    )
    begins, ends = _events(recorded, "b"), _events(recorded, "e")
    assert [(event["id"], event["name"]) for event in begins] == [(0, "net"), (1, "inference")]
    assert [round(event["ts"], 3) for event in begins] == [1000, 1000]
    assert [round(event["ts"], 3) for event in ends] == [8000, 9000]
    assert {event["pid"] for event in begins}.isdisjoint(
        event["pid"] for event in _events(recorded, "X")
    )


def test_the_program_has_its_name() -> None:
    names = [event["args"]["name"] for event in _events(Recorded(), "M")]
    assert names == ["script.py", "inferences on the device"]
