"""benchmark_report: benchmark_app's sections, its field names in its order, full digits."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.errors import BadInputError
from ovbench_tui.reports.benchmark_report import make_report, report_csv, report_json
from ovbench_tui.reports.writer import ReportNotWrittenError, check_writable, write_reports
from tests.unit.reported import COMPILED, RESULT, ROTATING

OPTIONS = ReportOptions(
    report_type="no_counters", command_line=(("-m", "m.xml"), ("-i", "a;b"), ("-pc", ""))
)


def test_the_csv_is_benchmark_apps() -> None:
    assert report_csv(make_report(RESULT, OPTIONS, "")).splitlines() == [
        "Command line parameters",
        "-m;m.xml",
        '-i;"a;b"',
        "-pc;",
        "",
        "Configuration setup",
        "topology;m",
        "target device;CPU",
        "API;async",
        "inference_only;True",
        "precision;f32",
        "batch size;2",
        "number of iterations;None",
        "number of parallel infer requests;2",
        "duration (ms);10000",
        "number of CPU streams;2",
        "",
        "Execution results",
        "read model time (ms);12.5",
        "compile model time (ms);250.125",
        "first inference time (ms);0.0421",
        "total execution time (ms);10006.97",
        "total number of iterations;2817",
        "latency (ms);6.931234",
        "latency (75 percentile) (ms);7.25",
        "latency (90 percentile) (ms);7.5",
        "latency (95 percentile) (ms);7.9",
        "latency (99 percentile) (ms);8.25",
        "latency (99.9 percentile) (ms);12.125",
        "avg latency;7.04",
        "min latency;5.5",
        "max latency;13.0",
        "throughput;281.504123",
        "total number of frames;5634",
        "iterations without latency;3",
        "peak RSS of the process (KB);131072",
        "",
    ]


def test_the_json_has_the_same_fields() -> None:
    report = make_report(RESULT, OPTIONS, "")
    document = json.loads(report_json(report))
    assert list(document) == ["cmd_options", "configuration_setup", "execution_results"]
    assert document["cmd_options"] == {"-m": "m.xml", "-i": "a;b", "-pc": ""}
    assert document["configuration_setup"]["inference_only"] is True
    rows = list(csv.reader(report_csv(report).splitlines(), delimiter=";"))
    pairs = {row[0]: row[1] for row in rows if len(row) == 2}
    for section in document.values():
        for name, value in section.items():
            assert pairs.pop(name) == str(value)
    assert pairs == {}


def test_groups_come_before_the_throughput_and_replace_nothing() -> None:
    report = make_report(ROTATING, replace(OPTIONS, pcseq=True), "")
    lines = report_csv(report).splitlines()
    first = lines.index("group; data: [1,16]")
    assert lines[first : first + 7] == [
        "group; data: [1,16]",
        "avg latency;2.0",
        "min latency;1.0",
        "max latency;9.0",
        "median latency;1.5",
        "group; data: [4,16]",
        "avg latency;4.0",
    ]
    assert first < lines.index("throughput;281.504123")
    results = json.loads(report_json(report))["execution_results"]
    assert results["avg latency"] == "7.04"
    assert [group["group"] for group in results["group"]] == [" data: [1,16]", " data: [4,16]"]
    assert "group;" not in report_csv(make_report(ROTATING, OPTIONS, ""))


def test_iterations_are_rounded_up_to_the_requests() -> None:
    config = replace(RESULT.view.config, iterations=7, duration_s=None)
    report = make_report(replace(RESULT, view=replace(RESULT.view, config=config)), OPTIONS, "")
    assert dict(report.setup)["number of iterations"] == "8"
    assert dict(report.setup)["duration (ms)"] == "0"


def test_a_model_that_was_only_compiled() -> None:
    report = make_report(COMPILED, replace(OPTIONS, command_line=()), "")
    assert report_csv(report).splitlines() == [
        "Execution results",
        "read model time (ms);12.5",
        "compile model time (ms);250.125",
        "peak RSS of the process (KB);131072",
        "",
    ]


def test_the_peak_of_the_run_stands_beside_that_of_the_process() -> None:
    view = replace(RESULT.view, run_peak_rss_bytes=2**26)
    lines = report_csv(make_report(replace(RESULT, view=view), OPTIONS, "")).splitlines()
    assert "peak RSS during the run (KB);65536" in lines
    assert "peak RSS of the process (KB);131072" in lines


def test_a_blob_is_imported_and_never_read() -> None:
    view = replace(RESULT.view, model=replace(RESULT.view.model, format="blob"))
    names = [name for name, _ in make_report(replace(RESULT, view=view), OPTIONS, "").results]
    assert names[0] == "import model time (ms)"


def test_a_reshape_is_reported_between_reading_and_compiling() -> None:
    result = replace(RESULT, view=replace(RESULT.view, reshape_ms=3.25))
    assert make_report(result, OPTIONS, "").results[:3] == (
        ("read model time (ms)", "12.5"),
        ("reshape model time (ms)", "3.25"),
        ("compile model time (ms)", "250.125"),
    )


def test_an_error_is_reported_with_what_there_is() -> None:
    assert report_csv(make_report(None, OPTIONS, "No such model.")).splitlines()[-3:] == [
        "Execution results",
        "error;No such model.",
        "",
    ]
    results = json.loads(report_json(make_report(RESULT, OPTIONS, "It died.")))["execution_results"]
    assert results["throughput"] == "281.504123"
    assert results["error"] == "It died."


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_each_report_that_was_asked_for_is_written(tmp_path: Path, suffix: str) -> None:
    options = ReportOptions(
        report_type="detailed_counters",
        report_folder=str(tmp_path),
        json_stats=suffix == "json",
        pcsort="sort",
    )
    check_writable(options)
    assert list(tmp_path.iterdir()) == []
    sentences = write_reports([COMPILED, RESULT, COMPILED], options)
    names = ("benchmark_report", "benchmark_sorted_report", "benchmark_detailed_counters_report")
    assert [sentence.split("'")[1] for sentence in sentences] == [
        str(tmp_path / f"{name}.{suffix}") for name in names
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"{name}.{suffix}" for name in names
    )
    assert "281.504123" in (tmp_path / f"benchmark_report.{suffix}").read_text()


def test_without_layer_times_there_is_no_report_of_them(tmp_path: Path) -> None:
    options = ReportOptions(report_type="average_counters", report_folder=str(tmp_path))
    sentences = write_reports([replace(RESULT, profile=None)], options)
    assert "no layer times" in sentences[1]
    assert [path.name for path in tmp_path.iterdir()] == ["benchmark_report.csv"]


def test_options_that_do_nothing_alone_are_told() -> None:
    assert write_reports([RESULT], ReportOptions()) == []
    assert "-report_type" in write_reports([RESULT], ReportOptions(json_stats=True))[0]


def test_what_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "benchmark_report.csv").mkdir()
    for options, words in [
        (replace(OPTIONS, report_folder=str(tmp_path / "none")), "create it first"),
        (replace(OPTIONS, report_folder=str(tmp_path / "file")), "is not a folder"),
        (replace(OPTIONS, report_folder=str(tmp_path)), "a folder has this name"),
        (ReportOptions(exec_graph_path=str(tmp_path / "none" / "g.xml")), "-exec_graph_path"),
        (ReportOptions(dump_config=str(tmp_path)), "-dump_config"),
        (ReportOptions(latencies_file=str(tmp_path / "none" / "l.npy")), "--latencies"),
    ]:
        with pytest.raises(BadInputError, match=words):
            check_writable(options)
    check_writable(ReportOptions(report_folder=str(tmp_path / "none")))


def test_one_report_that_fails_does_not_lose_the_others(tmp_path: Path) -> None:
    (tmp_path / "benchmark_report.csv").mkdir()
    options = ReportOptions(report_type="average_counters", report_folder=str(tmp_path))
    with pytest.raises(ReportNotWrittenError, match=r"benchmark_report\.csv' was not written"):
        write_reports([RESULT], options)
    assert (tmp_path / "benchmark_average_counters_report.csv").is_file()
