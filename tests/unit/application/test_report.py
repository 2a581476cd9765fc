"""What is printed of a program, as text and as a document."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from ovbench_tui.application.program import ProgramRun
from ovbench_tui.application.recorder.layout import Kind
from ovbench_tui.application.report import make_report, report_document, report_text
from ovbench_tui.application.surroundings import Surroundings
from tests.unit.application.recorded import NOTE, Recorded


def loop(recorded: Recorded | None = None, count: int = 100) -> Recorded:
    """Inferences one after the other: 1 ms inputs, 8 ms on the device, 1 ms of work between."""
    recorded = recorded or Recorded()
    recorded.add(Kind.COMPILE, 500, 740)
    for number in range(count):
        begin = 1000 + number * 10
        recorded.add(Kind.INFER, begin, begin + 9, copy_ms=1, latency_ms=8, gap_cpu_ms=1)
    return recorded


def run_of(recorded: Recorded, **changes: Any) -> ProgramRun:
    run = ProgramRun(
        trace=recorded.trace,
        exit_code=0,
        begin_ns=0,
        end_ns=2_500_000_000,
        machine=Surroundings(4, 0.01, 0.5),
        readings=(),
    )
    return replace(run, **changes)


def _text(run: ProgramRun) -> str:
    return report_text(make_report(["script.py"], run))


def test_the_text_has_figures_and_then_the_verdict() -> None:
    lines = _text(run_of(loop())).splitlines()
    assert lines[:5] == [
        "Program       2.5 s, exit code 0",
        "Throughput    100 inferences/s (100 in 1.0 s)",
        "Latency       median 8.00 ms, 95% 8.00 ms, 99% 8.00 ms",
        "In flight     0.8 on average, optimal 4; device busy 80% of the time",
        "Model         net, CPU, throughput, 4 streams, compiled once in 0.24 s, 100 inferences",
    ]
    assert lines[5] == "Time of the thread that starts inferences:"
    assert lines[6].split() == ["waiting", "for", "results", "80.2%"]  # 800 of 998 ms
    assert lines[-2] == "Verdict:"
    assert lines[-1].startswith("  1. Inferences run one after the other: 0.8 in flight")


def test_queues_and_callbacks_are_among_the_figures() -> None:
    recorded = Recorded(queues={1: 6})
    for number in range(50):
        begin = 1000 + number * 10
        recorded.add(Kind.START, begin, begin + 1, request=4096)
        recorded.add(Kind.CALLBACK, begin + 9, begin + 11, latency_ms=8, thread=1)
    text = _text(run_of(recorded))
    assert "optimal 4, queue of 6;" in text
    assert "Callbacks     2.00 ms on average, running 20% of the time" in text


def test_several_threads_are_counted() -> None:
    recorded = Recorded()
    for thread in range(3):
        for number in range(10):
            begin = number * 10
            recorded.add(Kind.INFER, begin, begin + 9, latency_ms=9, thread=thread)
    assert "Time of the 3 threads that start inferences:" in _text(run_of(recorded))


def test_a_model_without_a_name_is_called_so() -> None:
    note = replace(NOTE, name="", streams=1, devices=())
    text = _text(run_of(loop(Recorded(note))))
    assert "Model         (no name), throughput, compiled once" in text


def test_a_program_without_openvino_has_two_lines() -> None:
    assert _text(run_of(Recorded(), exit_code=3)).splitlines() == [
        "Program       2.5 s, exit code 3",
        "Verdict: The program completed no inference with OpenVINO's Python API.",
    ]


def test_what_is_not_in_the_figures_is_said() -> None:
    recorded = loop()
    run = run_of(recorded)
    trace = replace(recorded.trace, dropped=12345, failure="AttributeError('wait')")
    text = _text(replace(run, trace=trace))
    assert "12,345 records were lost" in text
    assert "Not all calls of this OpenVINO can be recorded: AttributeError('wait')." in text
    assert "lost" not in _text(run)
    assert "recorded" not in _text(run)


def test_the_document_has_all_of_it() -> None:
    report = make_report(
        ["script.py", "-x"], run_of(loop(), machine=Surroundings(4, math.nan, 0.5))
    )
    document = json.loads(report_document(report))
    assert document["schema"] == "ovbench-tui/app/1"
    assert document["program"] == ["script.py", "-x"]
    assert document["machine"] == {
        "cpus": 4,
        "others_cpu": None,
        "idle_cpu": 0.5,
        "preempted_s": None,
        "program_cpu_s": None,
        "threads": None,
        "convert_ns": None,
    }
    assert document["alone"] is None
    analysis = document["analysis"]
    assert analysis["inferences"] == 100
    assert analysis["models"][0]["note"]["name"] == "net"
    assert analysis["functions"] == []
    assert [second["inferences"] for second in analysis["seconds"]] == [0, 100, 0]
    (finding,) = document["verdict"]["findings"]
    assert finding["name"] == "synchronous"
    assert finding["text"].startswith(finding["evidence"])
    assert document["verdict"]["summary"] == ""


def test_the_document_of_a_program_without_openvino_has_no_analysis() -> None:
    document = json.loads(report_document(make_report(["x.py"], run_of(Recorded(), exit_code=7))))
    assert document["analysis"] is None
    assert document["exit_code"] == 7
    assert document["verdict"]["findings"] == []
    assert document["not_recorded"] is None


def test_only_the_time_of_inferences_counts_for_lost_cpu_time() -> None:
    recorded = Recorded()
    for number in range(11):
        recorded.add(Kind.INFER, 1000 + number * 100, 1100 + number * 100, latency_ms=100)
    run = ProgramRun(
        trace=recorded.trace,
        exit_code=0,
        begin_ns=0,
        end_ns=3_000_000_000,
        machine=Surroundings(4, 0.5, 0.25),
        readings=((0.0, 0.0, 0.0), (1.0, 0.7, 1.0), (2.0, 0.9, 3.5), (3.0, 2.0, 5.0)),
    )
    around = run.around(run.analysis)
    assert (around.cpus, around.others_cpu, around.idle_cpu) == (4, 0.5, 0.25)
    assert around.preempted_s == pytest.approx(0.2 + 0.11)  # from 1 s to 2.1 s
    assert around.program_cpu_s == pytest.approx(2.5 + 0.15)
    assert math.isnan(replace(run, readings=()).around(run.analysis).preempted_s)
    assert math.isnan(run.around(None).preempted_s)
