"""What can be compared: our documents, benchmark_app's reports, and nothing that is damaged."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ovbench_tui.compare import sources as compare_sources
from ovbench_tui.compare.sources import read_report
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.errors import BadInputError
from ovbench_tui.reports.benchmark_report import make_report, report_csv, report_json
from ovbench_tui.reports.ending import Ending
from ovbench_tui.reports.json_report import Measurement, json_document
from ovbench_tui.reports.machine import Machine
from ovbench_tui.stats.run_stats import RunSeries
from tests.unit.reported import COMPILED, RESULT

SERIES = RunSeries(
    step_s=0.25,
    counts=(70, 0, 71),
    frames=(140, 0, 142),
    mean_ms=(7.0, math.nan, 7.25),
    p50_ms=(6.9, math.nan, 6.95),
    p99_ms=(8.5, math.nan, 8.75),
)
MACHINE = Machine("A processor", 8, 4, "an OS", "3.11", "2026.4.1", ())

BENCHMARK_APP_CSV = """Command line parameters
-m;m.xml
-hint;latency
-report_type;no_counters

Configuration setup
topology;torch_jit
target device;CPU
API;sync
inference_only;True
precision;UNSPECIFIED
batch size;1
number of iterations;None
number of parallel infer requests;1
duration (ms);10000
number of CPU streams;1

Execution results
read model time (ms);10.84
compile model time (ms);101.83
first inference time (ms);5.44
total execution time (ms);10003.38
total number of iterations;2400
latency (ms);4.15
avg latency;4.16
min latency;3.90
max latency;9.10
throughput;239.92

"""


def document(*results: RunResult) -> str:
    return json_document(
        Measurement(
            results=results or (replace(RESULT, series=SERIES),),
            ending=Ending(),
            options=ReportOptions(),
            machine=MACHINE,
        )
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    def write_one(text: str | bytes, name: str = "run.json") -> str:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write_one


Write = Callable[..., str]


def same(one: RunSeries, other: RunSeries) -> bool:
    """Whether they are equal, a NaN being equal to a NaN."""
    return repr(one) == repr(other)


def test_our_document(write: Write) -> None:
    run = read_report(write(document()))
    assert run.name == "run.json"
    assert run.series is not None
    assert same(run.series, SERIES)
    assert run.figures == {"fps": 281.504123456, "p50_ms": 6.931234, "p99_ms": 8.25}
    assert run.setup["nireq"] == "2"
    assert run.setup["OpenVINO"] == "2026.4.1"
    assert run.setup["usable CPUs"] == "4"
    assert run.verdict == "warming up"


def test_of_several_runs_the_last_that_measured(write: Write) -> None:
    first = replace(RESULT, series=SERIES)
    other = replace(first, view=replace(RESULT.view, run_id=2, change="nireq 2"))
    other = replace(other, view=replace(other.view, stats=replace(RESULT.view.stats, fps_mean=9.0)))
    last = replace(COMPILED, view=replace(COMPILED.view, run_id=3))
    path = write(document(first, other, last))
    assert read_report(path).figures["fps"] == 9.0
    chosen = read_report(f"{path}#1")
    assert chosen.figures["fps"] == 281.504123456
    assert chosen.name == "run.json#1"
    with pytest.raises(BadInputError, match="no run 7"):
        read_report(f"{path}#7")
    with pytest.raises(BadInputError, match="measured nothing"):
        read_report(f"{path}#3")


def test_a_name_that_holds_the_sign(write: Write) -> None:
    assert read_report(write(document(), "run#1")).name == "run#1"


def test_a_document_from_before_there_were_series(write: Write) -> None:
    old = json.loads(document())
    del old["runs"][0]["series"]
    run = read_report(write(json.dumps(old)))
    assert run.series is None
    assert "before" in run.why_no_series


def test_benchmark_apps_csv(write: Write) -> None:
    run = read_report(write(BENCHMARK_APP_CSV, "benchmark_report.csv"))
    assert run.figures["fps"] == 239.92
    assert run.figures["p50_ms"] == 4.15
    assert math.isnan(run.figures["p99_ms"])
    assert run.series is None
    assert run.why_no_series == "benchmark_app's report has no series"
    assert run.setup["hint"] == "latency"
    assert run.setup["streams"] == "1"
    assert run.setup["device"] == "CPU"


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_the_reports_we_write_in_its_form(write: Write, suffix: str) -> None:
    made = make_report(RESULT, ReportOptions(command_line=(("-hint", "tput"),)), "")
    text = report_csv(made) if suffix == "csv" else report_json(made)
    run = read_report(write(text, f"benchmark_report.{suffix}"))
    assert run.figures == {"fps": 281.504123, "p50_ms": 6.931234, "p99_ms": 8.25}
    assert run.setup["nireq"] == "2"
    assert run.setup["hint"] == "tput"


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("", "is empty"),
        ("  \n", "is empty"),
        ("{", "is not valid JSON: "),
        (b"\xff\xfe", "not UTF-8 text"),
        ("[1]", "one JSON object"),
        ("{}", "neither a --json document"),
        ('{"schema": "ovbench-tui/2"}', "this program reads ovbench-tui/1"),
        ('{"schema": 7}', "not a report of a run"),
        ('{"schema": "ovbench-tui/1"}', "no list of runs"),
        ('{"schema": "ovbench-tui/1", "runs": []}', "no run that measured"),
        ('{"execution_results": {}}', "no throughput"),
        ('{"execution_results": {"throughput": "fast"}}', "throughput is not a number"),
        ('{"execution_results": {"throughput": "-3"}}', "throughput is not a number"),
        ('{"execution_results": {"throughput": NaN}}', "not JSON that a report could hold"),
        ("[" * 200_000, "not JSON that a report could hold"),
        ("1" * 10_000, "not JSON that a report could hold"),
    ],
)
def test_what_is_no_report(write: Write, text: str | bytes, reported: str) -> None:
    with pytest.raises(BadInputError) as caught:
        read_report(write(text))
    assert reported in str(caught.value)
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        (lambda run: run.update(series=3), "a series is not an object"),
        (lambda run: run["series"].pop("frames"), "lacks a list"),
        (lambda run: run["series"].update(step_s="x"), "lacks a list or its step"),
        (lambda run: run["series"]["frames"].pop(), "differ in length"),
        (lambda run: run["series"].update(counts=[1, 2, -3]), "whole numbers"),
        (lambda run: run["series"].update(frames=[1, 2, True]), "whole numbers"),
        (lambda run: run["series"].update(p50_ms=[1, "2", 3]), "numbers or null"),
        (lambda run: run["figures"].update(fps_mean="x"), "fps_mean is not a number"),
        (lambda run: run.update(effective=None), "no 'effective'"),
    ],
)
def test_a_damaged_document(write: Write, change: Callable[[Any], Any], reported: str) -> None:
    damaged = json.loads(document())
    change(damaged["runs"][0])
    with pytest.raises(BadInputError, match=reported):
        read_report(write(json.dumps(damaged)))


def test_far_too_many_windows(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare_sources, "MAX_WINDOWS", 2)
    with pytest.raises(BadInputError, match="more than 2 windows"):
        read_report(write(document()))


def test_a_file_far_too_large(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare_sources, "MAX_BYTES", 1000)
    with pytest.raises(BadInputError, match="larger than"):
        read_report(write(document()))


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="was not found"):
        read_report(str(tmp_path / "none.json"))
    with pytest.raises(BadInputError, match=r"not a regular file|cannot be read"):
        read_report(str(tmp_path))
    with pytest.raises(BadInputError, match="cannot be read"):
        read_report("a\0b")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_fifo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.json")
    with pytest.raises(BadInputError, match="not a regular file"):
        read_report(str(tmp_path / "fifo.json"))


def test_names_are_safe_to_print(write: Write) -> None:
    odd = json.loads(document())
    odd["runs"][0]["model"]["name"] = "a\x1b[31m\n"
    assert read_report(write(json.dumps(odd))).setup["model"].isprintable()
    with pytest.raises(BadInputError) as caught:
        read_report(write("{", "a\x1bb.json"))
    assert str(caught.value).isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.data())
def test_any_damage_is_told_in_a_sentence(tmp_path: Path, data: st.DataObject) -> None:
    """Replace any one member, however deep, by anything."""
    whole = json.loads(document())
    place: Any = whole
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            break
        place = inner
    place[key] = data.draw(JSON)
    path = tmp_path / "damaged.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    try:
        run = read_report(str(path))
    except BadInputError as error:
        reported = str(error)
    else:
        reported = "".join(run.setup.values())
    assert reported.isprintable()
