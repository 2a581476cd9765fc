"""Our reports against benchmark_app's own: the same files, the same fields in the same order."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ovbench_tui.cli.headless import run_headless
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.engine.session import Session
from ovbench_tui.reports.ending import Ending
from ovbench_tui.reports.outcome import print_outcome

_PATIENCE_S = 120.0
_BENCHMARK_APP = "from openvino.tools.benchmark.main import main; main()"


def run_theirs(model: Path, folder: Path, *arguments: str) -> Path:
    folder.mkdir()
    subprocess.run(
        [
            *(sys.executable, "-c", _BENCHMARK_APP),
            *("-m", str(model), "-report_folder", str(folder), *arguments),
        ],
        check=True,
        capture_output=True,
        timeout=_PATIENCE_S,
    )
    return folder


def run_ours(config: BenchmarkConfig, folder: Path, **options: Any) -> Path:
    folder.mkdir()
    requested = ReportOptions(
        report_folder=str(folder), command_line=(("-m", config.model),), **options
    )
    session = Session(config)
    try:
        run_headless(session, requested)
        assert print_outcome(session, requested, Ending()) == 0
    finally:
        assert session.close(_PATIENCE_S)
    return folder


def csv_sections(path: Path) -> dict[str, list[list[str]]]:
    sections: dict[str, list[list[str]]] = {}
    title = ""
    for row in csv.reader(path.read_text().splitlines(), delimiter=";"):
        if len(row) == 1:
            title = row[0]
        elif row:
            sections.setdefault(title, []).append(row)
    return sections


def assert_holds_in_order(ours: list[str], theirs: list[str]) -> None:
    """All of theirs are among ours, in their order; ours may have more."""
    rest = iter(ours)
    assert [name for name in theirs if name not in rest] == []


def names(rows: list[list[str]]) -> list[str]:
    return [row[0] for row in rows]


SETUP_THAT_AGREES = {
    "target device": "CPU",
    "API": "async",
    "inference_only": "True",
    "batch size": "1",
    "number of iterations": "None",
    "number of parallel infer requests": "2",
    "duration (ms)": "1000",
}


@pytest.fixture(scope="module")
def relu(tiny_models: Path) -> Path:
    return tiny_models / "heavy.xml"


def test_the_csv_reports(relu: Path, tmp_path: Path) -> None:
    theirs = run_theirs(
        relu, tmp_path / "a", "-t", "1", "-nireq", "2", "-report_type", "average_counters"
    )
    ours = run_ours(
        BenchmarkConfig(model=str(relu), duration_s=1.0, nireq=2, hint_nireq=2, perf_counts=True),
        tmp_path / "b",
        report_type="average_counters",
    )
    assert {path.name for path in ours.iterdir()} == {path.name for path in theirs.iterdir()}

    their_sections = csv_sections(theirs / "benchmark_report.csv")
    our_sections = csv_sections(ours / "benchmark_report.csv")
    assert list(our_sections) == list(their_sections)
    for title in ("Configuration setup", "Execution results"):
        assert_holds_in_order(names(our_sections[title]), names(their_sections[title]))
    for name, value in SETUP_THAT_AGREES.items():
        assert [name, value] in their_sections["Configuration setup"]
        assert [name, value] in our_sections["Configuration setup"]
    for name, value in our_sections["Execution results"]:
        assert float(value) >= 0, name

    table = "benchmark_average_counters_report.csv"
    assert_same_table(ours / table, theirs / table)


def assert_same_table(ours: Path, theirs: Path) -> None:
    """The same layers, of the same types, run the same way; only times differ."""
    our_rows = list(csv.reader(ours.read_text().splitlines(), delimiter=";"))
    their_rows = list(csv.reader(theirs.read_text().splitlines(), delimiter=";"))
    assert [row[:4] for row in our_rows] == [row[:4] for row in their_rows]
    assert our_rows[0] == their_rows[0]
    total_ms = float(next(row for row in our_rows if row and row[0] == "Total")[4])
    assert total_ms > 0


def test_the_json_reports(relu: Path, tmp_path: Path) -> None:
    theirs = run_theirs(
        relu,
        tmp_path / "a",
        *("-t", "1", "-nireq", "2", "-report_type", "detailed_counters"),
        *("-json_stats", "-pcsort", "sort", "-latency_percentile", "90"),
    )
    ours = run_ours(
        BenchmarkConfig(
            model=str(relu),
            duration_s=1.0,
            nireq=2,
            hint_nireq=2,
            perf_counts=True,
            percentiles=(90.0,),
        ),
        tmp_path / "b",
        report_type="detailed_counters",
        json_stats=True,
        pcsort="sort",
    )
    assert {path.name for path in ours.iterdir()} == {path.name for path in theirs.iterdir()}

    their_report = json.loads((theirs / "benchmark_report.json").read_text())
    our_report = json.loads((ours / "benchmark_report.json").read_text())
    assert list(our_report) == list(their_report)
    for section in ("configuration_setup", "execution_results"):
        assert_holds_in_order(list(our_report[section]), list(their_report[section]))
        for name, value in their_report[section].items():
            assert isinstance(our_report[section][name], type(value)), name
    results = our_report["execution_results"]
    assert float(results["latency (ms)"]) <= float(results["latency (90 percentile) (ms)"])

    for name in ("benchmark_detailed_counters_report.json", "benchmark_sorted_report.json"):
        their_document = json.loads((theirs / name).read_text())
        our_document = json.loads((ours / name).read_text())
        assert shape_of(our_document) == shape_of(their_document)


def test_the_average_json_has_every_layer(relu: Path, tmp_path: Path) -> None:
    """Theirs has the first layer only; each node and the whole have the same fields."""
    options = ("-report_type", "average_counters", "-json_stats")
    theirs = run_theirs(relu, tmp_path / "a", "-niter", "10", *options)
    ours = run_ours(
        BenchmarkConfig(model=str(relu), iterations=10, perf_counts=True),
        tmp_path / "b",
        report_type="average_counters",
        json_stats=True,
    )
    name = "benchmark_average_counters_report.json"
    their_document = json.loads((theirs / name).read_text())
    our_document = json.loads((ours / name).read_text())
    their_nodes = their_document["avg_performance"].pop("nodes")
    our_nodes = our_document["avg_performance"].pop("nodes")
    assert shape_of(our_document) == shape_of(their_document)
    assert len(our_nodes) > len(their_nodes) == 1
    assert {tuple(node) for node in our_nodes} == {tuple(their_nodes[0])}
    total_ms = sum(float(node["real_time"]) for node in our_nodes)
    assert total_ms == pytest.approx(float(our_document["avg_performance"]["total_real_time"]))


def shape_of(document: Any) -> Any:
    """Members in their order, and the texts that are no times; lists in no order."""
    if isinstance(document, dict):
        return [(name, shape_of(member)) for name, member in document.items() if name != "%"] + [
            "%" in document
        ]
    if isinstance(document, list):
        return sorted((shape_of(member) for member in document), key=repr)
    try:
        float(document)
    except ValueError:
        return document
    return "a number"


def test_iterations_and_groups(tiny_models: Path, tmp_path: Path) -> None:
    model = tiny_models / "dynamic.xml"
    shapes = "[1,16][4,16]"
    theirs = run_theirs(
        model,
        tmp_path / "a",
        *("-niter", "7", "-data_shape", shapes, "-pcseq", "-report_type", "no_counters"),
    )
    ours = run_ours(
        BenchmarkConfig(
            model=str(model), iterations=7, data_shape=(("x", (1, 16)), ("x", (4, 16)))
        ),
        tmp_path / "b",
        report_type="no_counters",
        pcseq=True,
    )
    their_sections = csv_sections(theirs / "benchmark_report.csv")
    our_sections = csv_sections(ours / "benchmark_report.csv")
    for title in ("Configuration setup", "Execution results"):
        assert_holds_in_order(names(our_sections[title]), names(their_sections[title]))
    for name in ("number of iterations", "inference_only", "API", "duration (ms)", "batch size"):
        setup = dict(map(tuple, our_sections["Configuration setup"]))
        assert [name, setup[name]] in their_sections["Configuration setup"]
    results = our_sections["Execution results"]
    assert [row for row in results if row[0] == "group"] == [
        row for row in their_sections["Execution results"] if row[0] == "group"
    ]
    counted = [row for row in results if row[0] == "total number of iterations"]
    assert counted == [["total number of iterations", "8"]]


@pytest.mark.parametrize("shape", ["", "2", "64"], ids=["own shape", "reshaped", "to itself"])
def test_compile_only(relu: Path, tmp_path: Path, shape: str) -> None:
    arguments = ("-niter", "0", "-report_type", "no_counters")
    arguments += ("-shape", f"[{shape},4096]") if shape else ()
    theirs = run_theirs(relu, tmp_path / "a", *arguments)
    began_s = time.perf_counter()
    config = BenchmarkConfig(
        model=str(relu), iterations=0, shape=(("", (shape, "4096")),) if shape else ()
    )
    ours = run_ours(config, tmp_path / "b", report_type="no_counters")
    assert time.perf_counter() - began_s < _PATIENCE_S / 2
    for folder in (ours, theirs):
        reported = names(csv_sections(folder / "benchmark_report.csv")["Execution results"])
        assert ("reshape model time (ms)" in reported) == bool(shape)
    their_sections = csv_sections(theirs / "benchmark_report.csv")
    our_sections = csv_sections(ours / "benchmark_report.csv")
    assert list(our_sections) == list(their_sections)
    title = "Execution results"
    assert_holds_in_order(names(our_sections[title]), names(their_sections[title]))
