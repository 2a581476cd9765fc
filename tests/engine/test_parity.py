"""The same command line, word for word, in benchmark_app and here: all that should agree does."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from ovbench_tui.engine.zoo.store import model_path
from tests.engine.export.test_equivalents import _VOLATILE, plain, reported_properties, run

_THEIRS = "from openvino.tools.benchmark.main import main; main()"
_AGREE = (
    "target device",
    "API",
    "inference_only",
    "batch size",
    "number of iterations",
    "number of parallel infer requests",
    "duration (ms)",
)

CASES = {
    "mobilenet-v2": ["-nireq", "3", "-t", "1"],
    "face-detection-0200": ["-hint", "latency", "-t", "1"],
    "googlenet-v1": ["-b", "2", "-ip", "f32", "-niter", "7", "-nthreads", "1", "-hint", "none"],
}


@pytest.mark.parametrize(("name", "options"), CASES.items(), ids=CASES)
def test_every_field_that_should_agree_does(name: str, options: list[str], tmp_path: Path) -> None:
    words = ["-m", str(model_path(name)), "-d", "CPU", *options]
    reports = ["-report_type", "no_counters", "-json_stats", "-report_folder"]
    for folder in ("theirs", "ours"):
        (tmp_path / folder).mkdir()
    log = run([sys.executable, "-c", _THEIRS, *words, *reports, "theirs"], tmp_path)
    printed = run(
        [sys.executable, "-m", "ovbench_tui", *words, *reports, "ours", "--json"], tmp_path
    )

    theirs, ours = report(tmp_path / "theirs"), report(tmp_path / "ours")
    setup = theirs["configuration_setup"]
    assert {key: ours["configuration_setup"][key] for key in _AGREE} == {
        key: setup[key] for key in _AGREE
    }
    assert set(theirs["execution_results"]) - {"reshape model time (ms)"} <= set(
        ours["execution_results"]
    )

    measured = json.loads(printed)["runs"][0]
    assert_same_properties(measured["effective"]["properties"], reported_properties(log))
    assert inputs_of(measured) == reported_inputs(log)

    count = int(ours["execution_results"]["total number of iterations"])
    if "-niter" in options:
        assert count == int(theirs["execution_results"]["total number of iterations"])
    assert measured["figures"]["frames"] == count * int(setup["batch size"])


def report(folder: Path) -> Any:
    return json.loads((folder / "benchmark_report.json").read_text())


def assert_same_properties(ours: dict[str, str], theirs: dict[str, str]) -> None:
    shared = {key for key in theirs if key in ours} - _VOLATILE
    assert len(shared) > 10
    assert {key: plain(ours[key]) for key in shared} == {key: plain(theirs[key]) for key in shared}


def inputs_of(measured: Any) -> dict[str, tuple[str, str]]:
    return {
        port["name"]: (port["element_type"], f"[{','.join(port['shape'])}]")
        for port in measured["model"]["inputs"]
    }


def reported_inputs(log: str) -> dict[str, tuple[str, str]]:
    """Type and shape of what benchmark_app feeds: its last list of the inputs."""
    reported = log.rpartition("Model inputs:")[2].partition("Model outputs:")[0]
    rows = re.findall(r"(\S+) \(node: [^)]*\) : (\w+) / \S+ / (\S+)", reported)
    return {name: (kind, shape) for name, kind, shape in rows}
