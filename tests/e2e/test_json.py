"""--json: exactly one document on stdout, valid against --json-schema, whatever happens."""

from __future__ import annotations

import json
import math
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from tests.e2e.conftest import Quiet
from tests.e2e.piped import run_piped
from tests.e2e.terminal import Terminal

Start = Callable[..., Terminal]


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not valid JSON")


@pytest.fixture
def read(environment: dict[str, str]) -> Callable[[str], dict[str, Any]]:
    """Parse a document as strictly as RFC 8259 is, and validate it."""
    schema = json.loads(run_piped(environment, "--json-schema").stdout)
    validator = jsonschema.Draft202012Validator(schema)

    def read_one(text: str) -> dict[str, Any]:
        assert text.count("\n") == 1
        document: dict[str, Any] = json.loads(text, parse_constant=refuse)
        validator.validate(document)
        return document

    return read_one


Read = Callable[[str], dict[str, Any]]


def test_a_run(environment: dict[str, str], read: Read) -> None:
    result = run_piped(
        environment, "mobilenet-v2", "-t", "1", "--json", "-latency_percentile", "75"
    )
    assert result.returncode == 0
    assert result.stderr == ""
    document = read(result.stdout)
    assert document["outcome"] == {"status": "finished", "exit_code": 0, "error": ""}
    assert document["machine"]["cpus"] >= document["machine"]["usable_cpus"] >= 1
    assert document["machine"]["openvino"]
    (run,) = document["runs"]
    figures = run["figures"]
    assert run["model"]["name"] == "mobilenet-v2"
    assert run["requested"]["duration_s"] == 1
    assert run["effective"]["properties"]["NUM_STREAMS"]
    assert figures["elapsed_s"] >= 1
    # The rate ends with the last completion, the seconds with the drain.
    assert math.isclose(figures["fps_mean"], figures["frames"] / figures["elapsed_s"], rel_tol=0.05)
    counts = [one["count"] for one in run["histogram"]]
    assert sum(counts) == figures["count"] - figures["dropped"]
    latencies = [one["latency_ms"] for one in run["percentiles"]]
    assert latencies == sorted(latencies)
    assert 75 in [one["percent"] for one in run["percentiles"]]


def test_layers_are_in_the_document_and_not_on_stdout(
    environment: dict[str, str], read: Read, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    result = run_piped(
        environment,
        *("mobilenet-v2", "-t", "0.5", "--json", "-pc", "-pcsort", "sort"),
        *("-report_type", "average_counters", "-report_folder", str(folder)),
    )
    assert result.returncode == 0
    (run,) = read(result.stdout)["runs"]
    layers = run["profile"]["layers"]
    assert math.isclose(sum(layer["share"] for layer in layers), 1, rel_tol=1e-6)
    assert run["profile"]["total_real_ms"] > 0
    assert {path.name for path in folder.iterdir()} == {
        "benchmark_report.csv",
        "benchmark_sorted_report.csv",
        "benchmark_average_counters_report.csv",
    }
    assert result.stderr.count("A report is in") == 3


def test_compile_only(environment: dict[str, str], read: Read) -> None:
    result = run_piped(environment, "mobilenet-v2", "-niter", "0", "--json")
    assert result.returncode == 0
    (run,) = read(result.stdout)["runs"]
    assert run["figures"]["count"] == 0
    assert run["figures"]["p50_ms"] is None
    assert run["first_inference_ms"] is None
    assert run["compile_ms"] > 0
    assert run["histogram"] == []
    plain = run_piped(environment, "mobilenet-v2", "-niter", "0")
    assert plain.returncode == 0
    assert re.search(r"^Read, compile: +[\d.]+ ms, [\d.]+ ms$", plain.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    "arguments",
    [("no-such",), ("mobilenet-v2", "-d", "NO_SUCH_DEVICE"), ()],
)
def test_bad_input_is_a_document_too(
    environment: dict[str, str], read: Read, arguments: tuple[str, ...]
) -> None:
    result = run_piped(environment, *arguments, "--json")
    assert result.returncode == 2
    document = read(result.stdout)
    assert document["outcome"]["status"] == "bad_input"
    assert result.stderr == f"ovbench-tui: {document['outcome']['error']}\n"
    assert document["runs"] == []


@pytest.mark.parametrize(("name", "code"), [("ctrl-c", 130), ("SIGTERM", 143)])
def test_interrupted_it_holds_what_was_measured(
    start: Start,
    read: Read,
    tmp_path: Path,
    name: str,
    code: int,
    quiet: Quiet,
) -> None:
    latencies = tmp_path / "latencies.npy"
    terminal = start(*(*quiet, "--json", "--latencies", str(latencies)), stdout=subprocess.PIPE)
    terminal.wait_for_match(r"[1-9]\d*(/\d+)? iterations")
    if name == "ctrl-c":
        terminal.type("\x03")  # the terminal itself makes a SIGINT of it
    else:
        terminal.send_signal(getattr(signal, name))
    ended = terminal.ended()
    assert ended.code == code
    assert "Traceback" not in ended.main_screen
    document = read(terminal.read_stdout())
    assert document["outcome"]["status"] == "interrupted"
    (run,) = document["runs"]
    assert run["figures"]["count"] > 0
    table = np.load(latencies)
    assert len(table) == run["figures"]["count"] - run["figures"]["dropped"]


@pytest.mark.parametrize("suffix", ["npy", "csv"])
def test_raw_latencies_agree_with_the_figures(
    environment: dict[str, str],
    read: Read,
    tmp_path: Path,
    suffix: str,
    quiet: Quiet,
) -> None:
    path = tmp_path / f"latencies.{suffix}"
    result = run_piped(environment, *quiet, "-t", "1", "--json", "--latencies", str(path))
    assert result.returncode == 0
    assert str(path) in result.stderr
    figures = read(result.stdout)["runs"][0]["figures"]
    if suffix == "npy":
        table = np.load(path, allow_pickle=False)
    else:
        table = np.genfromtxt(path, delimiter=",", names=True)
    assert len(table) == figures["count"]
    latencies_ms = np.sort(table["latency_ms"])
    assert math.isclose(latencies_ms[0], figures["min_ms"], rel_tol=1e-6)
    assert math.isclose(latencies_ms[-1], figures["max_ms"], rel_tol=1e-6)
    assert math.isclose(latencies_ms.mean(), figures["mean_ms"], rel_tol=1e-6)
    median_ms = latencies_ms[math.ceil(len(latencies_ms) / 2) - 1]
    assert math.isclose(median_ms, figures["p50_ms"], rel_tol=0.005)
    assert (np.diff(table["time_s"]) >= 0).all()
    assert [found.name for found in tmp_path.glob("latencies*")] == [path.name]


def test_a_file_that_cannot_be_written_is_told_before_the_run(
    environment: dict[str, str], tmp_path: Path
) -> None:
    result = run_piped(environment, "mobilenet-v2", "--latencies", str(tmp_path / "none" / "l.npy"))
    assert result.returncode == 2
    assert result.stdout == ""
    assert "create it first" in result.stderr
