"""`ovbench-tui app`: programs with one planted fault each, and a twin without it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_HEAD = """
import sys, time
sys.modules["openvino_telemetry"] = None
import numpy as np
import openvino as ov
from openvino import opset13 as ops

def network(size=64, channels=16, layers=3):
    x = ops.parameter([1, 3, size, size], np.float32, name="image")
    y, last, random = x, 3, np.random.default_rng(0)
    for _ in range(layers):
        weights = random.random((channels, last, 3, 3), np.float32)
        y, last = ops.convolution(y, weights, [1, 1], [1, 1], [1, 1], [1, 1]), channels
    return ov.Model([ops.relu(y)], [x], "net")

def cheap(size):
    x = ops.parameter([1, 3, size, size], np.float32, name="image")
    return ov.Model([ops.reduce_max(x, np.array([1, 2, 3]))], [x], "cheap")

core = ov.Core()
TWO_STREAMS = {
    "PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": 2, "INFERENCE_NUM_THREADS": 2
}
image = np.ones((1, 3, 64, 64), np.float32)
"""

_FEED = """
queue = ov.AsyncInferQueue(compiled, 4)
for _ in range(200):
    queue.start_async(image)
queue.wait_all()
"""

_CALLED = """
compiled = core.compile_model(network(), "CPU", TWO_STREAMS)
queue = ov.AsyncInferQueue(compiled, 4)
queue.set_callback(lambda request, data: {work})
for _ in range(40):
    queue.start_async(image)
queue.wait_all()
"""

_GIVEN = """
compiled = core.compile_model(cheap(512), "CPU")
large = {array}
for _ in range(40):
    compiled(large{how}, share_inputs=True)
"""

_RESULTS = """
x = ops.parameter([1, 3, 1024, 1024], np.float32, name="image")
compiled = core.compile_model(ov.Model([ops.relu(x)], [x], "large"), "CPU")
large = np.ones((1, 3, 1024, 1024), np.float32)
for _ in range(30):
    compiled(large, {how})
"""

_BETWEEN = """
def work():
    end_s = time.thread_time() + 0.02
    while time.thread_time() < end_s:
        pass
compiled = core.compile_model(network(), "CPU")
for _ in range(40):
    compiled(image)
    {work}
"""

_FAULTS = {
    "synchronous": (
        """
compiled = core.compile_model(network(), "CPU", TWO_STREAMS)
for _ in range(200):
    compiled(image)
""",
        "compiled = core.compile_model(network(), 'CPU', TWO_STREAMS)" + _FEED,
    ),
    "latency-hint": (
        "compiled = core.compile_model(network(), 'CPU', {'PERFORMANCE_HINT': 'LATENCY'})" + _FEED,
        "compiled = core.compile_model(network(), 'CPU', TWO_STREAMS)" + _FEED,
    ),
    "compiled-again": (
        """
model = network()
for _ in range(15):
    core.compile_model(model, "CPU")(image)
""",
        """
compiled = core.compile_model(network(), "CPU")
for _ in range(15):
    compiled(image)
""",
    ),
    "slow-callback": (_CALLED.format(work="time.sleep(0.03)"), _CALLED.format(work="None")),
    "converted-inputs": (
        _GIVEN.format(array="np.ones((1, 3, 512, 512))", how=""),
        _GIVEN.format(array="np.ones((1, 3, 512, 512), np.float32)", how=""),
    ),
    "scattered-inputs": (
        _GIVEN.format(array="np.ones((1, 512, 512, 3), np.float32)", how=".transpose(0, 3, 1, 2)"),
        _GIVEN.format(array="np.ones((1, 3, 512, 512), np.float32)", how=""),
    ),
    "copied-results": (
        _RESULTS.format(how="share_inputs=True"),
        _RESULTS.format(how="share_inputs=True, share_outputs=True"),
    ),
    "paced-from-outside": (_BETWEEN.format(work="time.sleep(0.1)"), _BETWEEN.format(work="pass")),
    "own-code": (_BETWEEN.format(work="work()"), _BETWEEN.format(work="pass")),
}


def _app(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(text)
    command = [sys.executable, "-m", "ovbench_tui", "app", *options, "script.py", "--json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def _findings(folder: Path, text: str) -> list[str]:
    """Names of what is found, but for what other programs on this machine do."""
    result = _app(folder, _HEAD + text, "--json")
    assert result.returncode == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    names = [finding["name"] for finding in document["verdict"]["findings"]]
    return [name for name in names if name != "other-processes"]


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_planted_fault_is_named_first(fault: str, tmp_path: Path) -> None:
    assert _findings(tmp_path, _FAULTS[fault][0])[:1] == [fault]


@pytest.mark.parametrize("fault", _FAULTS)
def test_the_twin_without_it_is_not_blamed(fault: str, tmp_path: Path) -> None:
    assert fault not in _findings(tmp_path, _FAULTS[fault][1])


def test_the_report_comes_after_the_programs_own_output(tmp_path: Path) -> None:
    text = """
import atexit
atexit.register(print, "last words", sys.argv)
compiled = core.compile_model(network(), "CPU")
for _ in range(20):
    compiled(image)
raise SystemExit(7)
"""
    result = _app(tmp_path, _HEAD + text, "--no-tui")
    assert result.returncode == 7
    first, second, *rest = result.stdout.splitlines()
    assert first == "last words ['script.py', '--json']"
    assert second.startswith("Program ")
    assert second.endswith("exit code 7")
    assert any(line.startswith("Model         net, CPU, latency, compiled once") for line in rest)
    assert any(line.startswith("Verdict:") for line in rest)
    assert result.stderr == ""


def test_with_json_the_document_is_alone_on_standard_output(tmp_path: Path) -> None:
    result = _app(tmp_path, "print('hello')\nraise ValueError('no')", "--json")
    assert result.returncode == 1
    document = json.loads(result.stdout)
    assert document["exit_code"] == 1
    assert document["analysis"] is None
    assert "no inference" in document["verdict"]["summary"]
    assert result.stderr.startswith("hello\nTraceback")
    assert result.stderr.endswith("ValueError: no\n")


def test_a_timeline_is_written(tmp_path: Path) -> None:
    text = "compiled = core.compile_model(network(), 'CPU')\nfor _ in range(20): compiled(image)\n"
    result = _app(tmp_path, _HEAD + text, "--trace", "out.json")
    assert result.returncode == 0
    events = json.loads((tmp_path / "out.json").read_text())["traceEvents"]
    assert sum(event["name"] == "infer" for event in events) == 20
    assert sum(event["ph"] == "b" for event in events) == 20


def test_a_timeline_that_cannot_be_written_is_refused_first(tmp_path: Path) -> None:
    result = _app(tmp_path, "print('hello')", "--trace", "no/such/folder/out.json")
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
def test_a_bad_command_line_is_refused(words: list[str], reason: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ovbench_tui", "app", *words]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 2
    assert reason in result.stderr
    assert result.stdout == ""
