"""The JSON document: valid against its own schema, complete, and RFC 8259."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.api.snapshot import Notice
from ovbench_tui.reports.ending import Ending
from ovbench_tui.reports.json_report import Measurement, json_document, schema_text
from ovbench_tui.reports.machine import describe_machine
from ovbench_tui.stats.memory_trend import MemoryTrend
from ovbench_tui.stats.run_stats import BusyProcess, MachineSeries, RunSeries
from ovbench_tui.stats.self_check import DisplayOverhead
from tests.unit.load_figures import load_stats
from tests.unit.reported import COMPILED, RESULT, ROTATING, STATS

FULL = BenchmarkConfig(
    model="m.xml",
    data_shape=(("x", (1, 2)), ("x", (1, "1..3:zipf"))),
    shape=(("x", ("1", "?")),),
    layout=(("x", "NC"),),
    sources=(("x", ("a.npy", "b.npy")),),
    port_precisions=(("x", "f16"),),
    mean_values=(("x", (1.5, 2.0)),),
    scale_values=(("", (2.0,)),),
    device_properties=(("CPU", (("NUM_STREAMS", "2"),)),),
    percentiles=(75.0,),
    extensions=("e.so",),
)
SERIES = RunSeries(
    step_s=0.25,
    counts=(70, 0),
    frames=(140, 0),
    mean_ms=(7.0, math.nan),
    p50_ms=(6.9, math.nan),
    p99_ms=(8.5, math.nan),
    machine=MachineSeries(
        own_share=(0.5, 0.52),
        others_share=(0.4, 0.5),
        throttles_per_s=(0.0, math.nan),
        processes=(BusyProcess("python3", 812, 0.45, 0.0, 0.5),),
    ),
)
ARRIVED = replace(STATS, load=load_stats(late_mean_ms=math.nan))
TREND = MemoryTrend(3.1, 2.8, 3.4, 0.0004, 60.0)
MEASUREMENT = Measurement(
    results=(
        replace(RESULT, view=replace(RESULT.view, memory_trend=TREND), series=SERIES),
        ROTATING,
        COMPILED,
        replace(RESULT, view=replace(RESULT.view, config=FULL)),
        replace(
            RESULT,
            view=replace(RESULT.view, config=BenchmarkConfig(model="m", scenario="single-stream")),
        ),
        replace(RESULT, view=replace(RESULT.view, stats=ARRIVED)),
    ),
    ending=Ending(130, ""),
    options=ReportOptions(command_line=(("-m", "m.xml"),)),
    machine=describe_machine((DeviceInfo("CPU", "A processor", ("f32",)),), "2026.4"),
    notices=(Notice(1, False, "told"),),
    observer=DisplayOverhead(5, 0.99, 0.98, math.nan, 2.0),
    observed_run_id=1,
)


def strict(schema: Any) -> Any:
    """The schema with no room for members that it does not tell of."""
    if isinstance(schema, list):
        return [strict(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(member) for name, member in schema.items()}
    if "properties" in schema and schema.get("type") == "object":
        closed["additionalProperties"] = False
    return closed


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not valid JSON")


def test_the_schema_is_one() -> None:
    schema = json.loads(schema_text())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    "measurement",
    [MEASUREMENT, Measurement(results=(), ending=Ending(2, "Bad."), options=ReportOptions())],
)
def test_a_document_holds_what_the_schema_tells_and_nothing_else(measurement: Measurement) -> None:
    document = json.loads(json_document(measurement), parse_constant=refuse)
    jsonschema.Draft202012Validator(strict(json.loads(schema_text()))).validate(document)


def test_the_schema_refuses_what_lacks_a_figure() -> None:
    document = json.loads(json_document(MEASUREMENT))
    broken = deepcopy(document)
    del broken["runs"][0]["figures"]["count"]
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    assert validator.is_valid(document)
    assert not validator.is_valid(broken)


def test_it_is_one_line_and_full_precision() -> None:
    text = json_document(MEASUREMENT)
    assert text.isascii()
    assert "\n" not in text
    figures = json.loads(text)["runs"][0]["figures"]
    assert figures["fps_mean"] == 281.504123456
    assert figures["count"] == 2817


def test_what_is_not_known_is_null() -> None:
    document = json.loads(json_document(MEASUREMENT))
    compiled = document["runs"][2]
    assert compiled["figures"]["count"] == 0
    assert compiled["figures"]["p50_ms"] is None
    assert compiled["first_inference_ms"] is None
    assert {one["latency_ms"] for one in compiled["percentiles"]} == {None}
    assert document["observer_effect"]["high"] is None
    assert document["outcome"] == {"status": "interrupted", "exit_code": 130, "error": ""}


def test_the_trend_of_the_memory_is_there_or_null() -> None:
    first, second, *_ = json.loads(json_document(MEASUREMENT))["runs"]
    assert first["memory_trend"] == {
        "mib_per_minute": 3.1, "low": 2.8, "high": 3.4, "p_value": 0.0004, "seconds": 60.0,
        "is_alone": True,
    }  # fmt: skip
    assert second["memory_trend"] is None


def test_pairs_have_names() -> None:
    requested = json.loads(json_document(MEASUREMENT))["runs"][3]["requested"]
    assert requested["data_shape"] == [
        {"input": "x", "shape": [1, 2]},
        {"input": "x", "shape": [1, "1..3:zipf"]},
    ]
    assert requested["sources"] == [{"input": "x", "sources": ["a.npy", "b.npy"]}]
    assert requested["device_properties"] == {"CPU": {"NUM_STREAMS": "2"}}
    effective = json.loads(json_document(MEASUREMENT))["runs"][0]["effective"]
    assert effective["properties"] == {"NUM_STREAMS": "2"}
    assert effective["input_rules"] == [{"input": "data", "rule": "u8, because it is an image"}]


def test_percentiles_and_histogram() -> None:
    run = json.loads(json_document(MEASUREMENT))["runs"][0]
    assert [one["percent"] for one in run["percentiles"]] == [50, 75, 90, 95, 99, 99.9]
    assert run["histogram"][0] == {"low_ms": 6.9, "high_ms": 6.95, "count": 2800}
    assert sum(one["count"] for one in run["histogram"]) == 2814


def test_the_series_is_whole_and_its_gaps_are_null() -> None:
    first, second, *_ = json.loads(json_document(MEASUREMENT))["runs"]
    assert first["series"] == {
        "step_s": 0.25,
        "counts": [70, 0],
        "frames": [140, 0],
        "mean_ms": [7.0, None],
        "p50_ms": [6.9, None],
        "p99_ms": [8.5, None],
        "machine": {
            "own_share": [0.5, 0.52],
            "others_share": [0.4, 0.5],
            "frequency_ghz": [],
            "throttles_per_s": [0.0, None],
            "processes": [
                {"name": "python3", "pid": 812, "share": 0.45, "from_s": 0.0, "until_s": 0.5}
            ],
            "engine_rss_mib": [],
        },
    }
    assert second["series"]["step_s"] == 0
    assert second["series"]["counts"] == []


def test_a_document_from_before_there_were_series_is_valid() -> None:
    document = json.loads(json_document(MEASUREMENT))
    for run in document["runs"]:
        del run["series"], run["memory_trend"]
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(document)


def test_a_profile_is_averaged_with_every_layer() -> None:
    profile = json.loads(json_document(MEASUREMENT))["runs"][0]["profile"]
    assert profile["requests"] == 2
    assert [one["real_ms"] for one in profile["layers"]] == [0.0, 1.5, 0.5]
    assert [one["share"] for one in profile["layers"]] == [0.0, 0.75, 0.25]


def test_text_that_is_no_text() -> None:
    name = 'a"\n\x1b\udc80\u2028'
    odd = replace(RESULT.view, model=replace(RESULT.view.model, name=name))
    text = json_document(replace(MEASUREMENT, results=(replace(RESULT, view=odd),)))
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text)["runs"][0]["model"]["name"] == 'a"\n\x1b?\u2028'


def test_an_open_loop_has_figures_of_its_own_and_a_closed_one_null() -> None:
    runs = json.loads(json_document(MEASUREMENT))["runs"]
    assert runs[0]["figures"]["load"] is None
    load = runs[-1]["figures"]["load"]
    assert (load["offered"], load["refused"], load["expired"]) == (11_112, 1_000, 109)
    assert load["waiting"]["p99_ms"] == 21.0
    assert load["service"]["p99_ms"] == 9.75
    assert load["late_mean_ms"] is None
