"""Layer times: averaged over requests, every layer, benchmark_app's fields."""

from __future__ import annotations

import csv
import json

from ovbench_tui.reports.counters import arrange, average, total_ms
from ovbench_tui.reports.counters_report import (
    average_csv,
    average_json,
    detailed_csv,
    detailed_json,
    sorted_csv,
    sorted_json,
)
from ovbench_tui.reports.counters_text import format_counters, format_groups, format_sorted_counters
from tests.unit.reported import REQUESTS, RESULT, ROTATING, layer


def test_layers_are_averaged_over_requests() -> None:
    layers = average(REQUESTS)
    assert [one.name for one in layers] == ["input", "conv;1", "relu"]
    assert [one.real_ms for one in layers] == [0.0, 1.5, 0.5]
    assert [one.status for one in layers] == ["NOT_RUN", "EXECUTED", "EXECUTED"]
    assert total_ms(layers) == (2.0, 1.0)
    assert average(()) == ()


def test_layers_of_one_name_are_kept_apart() -> None:
    request = (layer("same", 1.0), layer("same", 3.0))
    assert [one.real_ms for one in average((request, request))] == [1.0, 3.0]


def test_a_layer_that_ran_in_one_request_only() -> None:
    (one,) = average(((layer("a", 0.0, "NOT_RUN"),), (layer("a", 3.0),)))
    assert (one.status, one.real_ms) == ("EXECUTED", 1.5)


def test_the_orders_of_pcsort() -> None:
    layers = average(REQUESTS)
    assert [one.layer.name for one in arrange(layers, "no_sort")] == ["input", "conv;1", "relu"]
    assert [one.layer.name for one in arrange(layers, "sort")] == ["conv;1", "relu", "input"]
    assert [one.layer.name for one in arrange(layers, "simple_sort")] == ["conv;1", "relu"]
    assert [one.share for one in arrange(layers, "sort")] == [0.75, 0.25, 0.0]
    assert [one.share for one in arrange((layer("a", 0.0),), "sort")] == [0.0]


def test_the_average_tables() -> None:
    assert average_csv(REQUESTS).splitlines() == [
        "layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms)",
        "input;Status.NOT_RUN;Convolution;jit_avx2_f32;0.000;0.000",
        '"conv;1";Status.EXECUTED;Convolution;jit_avx2_f32;1.500;0.750',
        "relu;Status.EXECUTED;Convolution;jit_avx2_f32;0.500;0.250",
        "Total;;;;2.000;1.000",
        "",
    ]
    document = json.loads(average_json(REQUESTS))
    assert document["report_type"] == "average"
    assert len(document["avg_performance"]["nodes"]) == 3
    assert document["avg_performance"]["nodes"][1] == {
        "name": "conv;1",
        "node_type": "Convolution",
        "status": "Status.EXECUTED",
        "real_time": "1.500",
        "cpu_time": "0.750",
        "exec_type": "jit_avx2_f32",
    }
    assert document["avg_performance"]["total_real_time"] == "2.000"
    assert document["avg_performance"]["total_cpu_time"] == "1.000"


def test_an_average_keeps_its_digits() -> None:
    third = ((layer("a", 1.0),), (layer("a", 0.0),), (layer("a", 0.0),))
    assert ";0.333333;" in average_csv(third)


def test_the_detailed_tables_have_every_request() -> None:
    rows = list(csv.reader(detailed_csv(REQUESTS).splitlines(), delimiter=";"))
    assert [row[4] for row in rows if row and row[0] == "Total"] == ["1.500", "2.500"]
    assert [row[4] for row in rows if row and row[0] == "conv;1"] == ["1.000", "2.000"]
    document = json.loads(detailed_json(REQUESTS))
    assert document["report_type"] == "detailed"
    totals = [request["total_real_time"] for request in document["detailed_performance"]]
    assert totals == ["1.500", "2.500"]
    assert [len(request["nodes"]) for request in document["detailed_performance"]] == [3, 3]


def test_the_sorted_tables() -> None:
    rows = list(csv.reader(sorted_csv(REQUESTS, "sort").splitlines()))
    assert rows[0][-2:] == ["cpuTime (ms)", "proportion (%)"]
    assert [row[0] for row in rows[1:4]] == ["conv;1", "relu", "input"]
    assert [row[-1] for row in rows[1:4]] == ["75.00%", "25.00%", "0.00%"]
    assert ["Total time: 2.00 milliseconds"] in rows
    assert ["Total CPU time: 1.00 milliseconds"] in rows
    document = json.loads(sorted_json(REQUESTS, "simple_sort"))
    assert document["report_type"] == "sorted"
    assert [node["%"] for node in document["avg_performance"]["nodes"]] == ["75.00%", "25.00%"]


def test_the_print_out_names_every_layer_in_full_and_aligned() -> None:
    name = "a/very/long/name/" + "x" * 80
    lines = format_counters(((layer(name, 1.25), layer("b\x1b[2J", 0.5)),)).splitlines()
    assert lines[0] == "Performance counts for 0-th infer request"
    assert lines[1].startswith(f"{name}  Status.EXECUTED  layerType: Convolution  execType:")
    assert "realTime (ms): 1.250" in lines[1]
    assert lines[1].index("layerType") == lines[2].index("layerType")
    assert "\x1b" not in lines[2]
    assert lines[3] == "Total time:     1.750 milliseconds"


def test_the_sorted_print_out_has_shares() -> None:
    text = format_sorted_counters(REQUESTS, "sort")
    assert text.count("Performance counts sorted for") == 2
    assert text.splitlines()[1].startswith("conv;1")
    assert "proportion: 66.67%" in text.splitlines()[1]
    assert "Total time:     0.000" in format_sorted_counters(((),), "sort")


def test_shape_groups_are_printed_where_shapes_rotate() -> None:
    assert format_groups(RESULT.view) == ""
    lines = format_groups(ROTATING.view).splitlines()
    assert lines[:3] == [
        "Latency for each data shape group:",
        "1. data: [1,16]",
        "    Median:         1.50 ms",
    ]
    assert "2. data: [4,16]" in lines
    assert "    Average:        4.00 ms" in lines
