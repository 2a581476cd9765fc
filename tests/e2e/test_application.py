"""`ovbench-tui app`: programs with one planted fault each, and a twin without it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.e2e.piped import run_piped
from tests.recorded_programs import FAULTS, THROUGHPUT_BENCHMARK

_TINY = """
import sys
sys.modules["openvino_telemetry"] = None
import numpy as np
import openvino as ov
from openvino import opset13 as ops
x = ops.parameter([1, 16], np.float32, name="x")
compiled = ov.Core().compile_model(ov.Model([ops.relu(x)], [x], "net"), "CPU")
image = np.ones((1, 16), np.float32)
"""


class Folder(NamedTuple):
    """Where a program is written and recorded."""

    path: Path
    environment: dict[str, str]


@pytest.fixture
def folder(environment: dict[str, str], tmp_path: Path) -> Folder:
    return Folder(tmp_path, environment)


def _app(folder: Folder, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder.path / "script.py").write_text(text)
    words = ("app", *options, "script.py", "--json")
    return run_piped(folder.environment, *words, folder=folder.path)


def _findings(folder: Folder, text: str) -> list[str]:
    """Names of what is found, but for what other programs on this machine do."""
    result = _app(folder, text, "--json")
    assert result.returncode == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    names = [finding["name"] for finding in document["verdict"]["findings"]]
    return [name for name in names if name != "other-processes"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named_first(fault: str, folder: Folder) -> None:
    assert _findings(folder, FAULTS[fault].planted)[:1] == [fault.partition(",")[0]]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_twin_without_it_is_not_blamed(fault: str, folder: Folder) -> None:
    assert fault.partition(",")[0] not in _findings(folder, FAULTS[fault].cured)


def test_openvinos_own_throughput_benchmark_is_not_held_back(folder: Folder) -> None:
    assert _findings(folder, THROUGHPUT_BENCHMARK) == []


def test_the_report_comes_after_the_programs_own_output(folder: Folder) -> None:
    text = """
import atexit
atexit.register(print, "last words", sys.argv)
for _ in range(20):
    compiled(image)
raise SystemExit(7)
"""
    result = _app(folder, _TINY + text, "--no-tui")
    assert result.returncode == 7
    first, second, *rest = result.stdout.splitlines()
    assert first == "last words ['script.py', '--json']"
    assert second.startswith("Program ")
    assert second.endswith("exit code 7")
    assert any(line.startswith("Model         net, CPU, latency, compiled once") for line in rest)
    assert any(line.startswith("Verdict:") for line in rest)
    assert result.stderr == ""


def test_with_json_the_document_is_alone_on_standard_output(folder: Folder) -> None:
    result = _app(folder, "print('hello')\nraise ValueError('no')", "--json")
    assert result.returncode == 1
    document = json.loads(result.stdout)
    assert document["exit_code"] == 1
    assert document["analysis"] is None
    assert "no inference" in document["verdict"]["summary"]
    assert result.stderr.startswith("hello\nTraceback")
    assert result.stderr.endswith("ValueError: no\n")


def test_a_timeline_is_written(folder: Folder) -> None:
    text = "for _ in range(20): compiled(image)\n"
    result = _app(folder, _TINY + text, "--trace", "out.json")
    assert result.returncode == 0
    events = json.loads((folder.path / "out.json").read_text())["traceEvents"]
    assert sum(event["name"] == "infer" for event in events) == 20
    assert sum(event["ph"] == "b" for event in events) == 20


def test_a_timeline_that_cannot_be_written_is_refused_first(folder: Folder) -> None:
    result = _app(folder, "print('hello')", "--trace", "no/such/folder/out.json")
    assert result.returncode == 2
    assert "--trace" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "app needs a program"),
        (["-m"], "app needs a program"),
        (["no_such_file.py"], "no_such_file.py does not exist"),
        (["--fast", "script.py"], "--fast"),
    ],
)
def test_a_bad_command_line_is_refused(words: list[str], reason: str, folder: Folder) -> None:
    result = run_piped(folder.environment, "app", *words, folder=folder.path)
    assert result.returncode == 2
    assert reason in result.stderr
    assert result.stdout == ""
