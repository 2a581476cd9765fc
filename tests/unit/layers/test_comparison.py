"""Samples of two sides: exact sums, intervals that hold together, what is left beside layers."""

from __future__ import annotations

import csv
import io
import json
import math
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from random import Random

import jsonschema
import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.layers.comparison import LayerComparison, compare_layers
from ovbench_tui.layers.matching import Change
from ovbench_tui.layers.measuring import TakenSample
from ovbench_tui.layers.report import (
    Sides,
    layers_csv,
    layers_document,
    layers_text,
    schema_text,
)
from ovbench_tui.layers.sample import Sample, sample_of
from ovbench_tui.layers.timeline import timeline_json
from ovbench_tui.layers.words import about, differences, verdict
from ovbench_tui.stats.comparison.alternation import Side
from ovbench_tui.stats.comparison.difference import Difference
from ovbench_tui.stats.comparison.outcome import Outcome, outcome_of
from tests.unit.layers.profiles import APART, FUSED, added, layer, sample
from tests.unit.reported import VIEW
from tests.unit.reports.test_json_report import strict

_WOBBLE = (0.0, 0.004, -0.003, 0.002, -0.005, 0.001, 0.003, -0.002, -0.001, 0.005)


def samples(latency_ms: float, *layers: object, pairs: int = 10) -> list[Sample]:
    """So many, which vary by half a percent."""
    return [
        sample(
            latency_ms * (1 + wobble),
            *(replace(one, real_ms=one.real_ms * (1 - wobble)) for one in layers),  # type: ignore[type-var]
        )
        for wobble in _WOBBLE[:pairs]
    ]


def compared(a: list[Sample], b: list[Sample]) -> LayerComparison:
    found = compare_layers(a, b)
    assert found is not None
    return found


FOUND = compared(samples(0.5, *FUSED), samples(0.6, *APART))
TAKEN = [TakenSample(0, Side.B, sample(0.6, *APART)), TakenSample(0, Side.A, sample(0.5, *FUSED))]
SIDES = Sides(BenchmarkConfig(model="net.xml"), BenchmarkConfig(model="net.xml", precision="bf16"))


def test_on_each_side_the_parts_and_the_rest_are_the_latency() -> None:
    for side in ("a_ms", "b_ms"):
        for number in range(FOUND.pairs):
            parts = sum(getattr(part.times, side)[number] for part in FOUND.parts)
            rest, latency = getattr(FOUND.outside, side), getattr(FOUND.latency, side)
            assert parts + rest[number] == pytest.approx(latency[number], abs=1e-12)
    gained = sum(part.times.difference_ms for part in FOUND.parts) + FOUND.outside.difference_ms
    assert gained == pytest.approx(FOUND.latency.difference_ms, abs=1e-12)


def test_a_fused_part_is_as_long_as_all_that_it_is_made_of() -> None:
    part = FOUND.changed(Change.FUSED)[0]
    assert part.times.mean_a_ms == pytest.approx(0.3, rel=1e-2)
    assert part.times.mean_b_ms == pytest.approx(0.31, rel=1e-2)
    assert part.times.ratio.ratio == pytest.approx(0.31 / 0.3, rel=1e-2)


def test_what_is_known_beforehand_is_what_is_said() -> None:
    a = samples(1.0, layer("slow", 0.2), layer("fast", 0.3), layer("same", 0.4))
    b = samples(1.0, layer("slow", 0.3), layer("fast", 0.2), layer("same", 0.4))
    found = compared(a, b)
    words = {part.name: verdict(part) for part in found.parts}
    assert words == {"slow": "slower", "fast": "faster", "same": "equal"}
    by_name = {part.name: part.times.ratio for part in found.parts}
    assert by_name["slow"].ratio == pytest.approx(1.5)
    assert outcome_of(found.latency.ratio) is Outcome.EQUAL


def test_a_model_against_itself_has_no_changes_and_no_verdict_but_equal() -> None:
    found = compared(samples(0.6, *APART), samples(0.6, *APART))
    assert all(not part.changes for part in found.parts)
    assert {verdict(part) for part in found.parts} == {"equal"}
    few = compared(samples(0.6, *APART, pairs=3), samples(0.6, *APART, pairs=3))
    assert {verdict(part) for part in few.parts} == {"undecided"}
    assert few.parts[0].times.ratio.reason == "3 of at least 4 pairs are measured"


def test_intervals_hold_together() -> None:
    # Of five parts one is added: four are compared, and the rest beside them.
    b = [*APART, layer("last", 0.1)]
    found = compared(samples(0.8, *FUSED, layer("last", 0.1)), samples(0.8, *b))
    compared_parts = [part for part in found.parts if part.a and part.b]
    assert len(compared_parts) == 3
    assert found.each_confidence == pytest.approx(1 - 0.05 / 4)
    assert all(part.times.ratio.confidence == found.each_confidence for part in compared_parts)
    assert found.latency.ratio.confidence == 0.95


def test_of_many_layers_that_are_alike_hardly_one_is_called_different() -> None:
    # Each interval of 95 % by itself would name one in nearly every comparison of 60 layers.
    random = Random(1)  # noqa: S311 - the same numbers each time
    names = [f"l{number}" for number in range(60)]

    def noisy() -> list[Sample]:
        return [
            sample(60.0, *(layer(name, random.lognormvariate(0.0, 0.05)) for name in names))
            for _ in range(10)
        ]

    wrong = sum(
        any(part.times.ratio.is_real for part in compared(noisy(), noisy()).parts)
        for _ in range(100)
    )
    assert wrong <= 12  # 5 are to be expected at most, and more than 12 once in a thousand times


def test_layers_that_run_at_once_leave_less_than_nothing() -> None:
    found = compared(samples(0.3, *FUSED), samples(0.6, *APART))
    assert found.outside.mean_a_ms == pytest.approx(-0.1, rel=1e-2)
    assert math.isnan(found.outside.ratio.ratio)
    assert found.outside.ratio.reason == "it is not above 0 in every sample, so there is no ratio"
    assert any(text.startswith("In A the layers take longer") for text in about(found))


def test_half_a_pair_is_left_out_and_none_is_nothing() -> None:
    assert compared(samples(0.5, *FUSED), samples(0.6, *APART, pairs=4)).pairs == 4
    assert compare_layers([], samples(0.6, *APART)) is None
    assert layers_text(None, SIDES) == ""


def test_a_layer_that_is_not_in_every_sample_is_said() -> None:
    b = [*samples(0.6, *APART, pairs=3), sample(0.6, *APART, added("again", 0.1))]
    found = compared(samples(0.5, *FUSED, pairs=4), b)
    assert found.is_varying
    part = next(part for part in found.parts if part.name == "again")
    assert part.times.b_ms == (0.0, 0.0, 0.0, 0.1)
    assert "is not the same in every sample" in " ".join(about(found))


# --- a sample --------------------------------------------------------------------------------

_REPLY = {
    "openvino": "2026.4.1",
    "warm": {"count": 2, "times_us": [[10, 8], [0, 0]]},
    "count": 8,
    "latency_ms": 0.02,
    "times_us": [[6, 6], [0, 0]],
    "layers": [
        ["conv", "Convolution", "jit_avx2_f32", "EXECUTED", ["conv", "relu"]],
        ["data", "Parameter", "unknown_f32", "NOT_RUN", ["data"]],
    ],
}


def test_the_warm_up_is_taken_out_of_a_running_mean() -> None:
    found = sample_of(_REPLY)
    assert found.layers[0].real_ms == pytest.approx((10 * 6 - 2 * 10) / 8 / 1e3)
    assert found.layers[0].cpu_ms == pytest.approx((10 * 6 - 2 * 8) / 8 / 1e3)
    assert found.layers[0].originals == ("conv", "relu")
    assert found.outside_ms == pytest.approx(0.015)
    assert found.inferences == 8


def test_a_device_that_keeps_no_mean_has_no_warm_up_to_take_out() -> None:
    found = sample_of({**_REPLY, "warm": {"count": 0, "times_us": []}})
    assert found.layers[0].real_ms == pytest.approx(0.006)


# --- what is written -------------------------------------------------------------------------


def test_the_table_fits_80_columns_and_names_what_is_otherwise() -> None:
    long = layer("a/very/long/name/of/a/layer/" * 4, 0.1)
    found = compared(samples(0.9, *FUSED, long), samples(0.9, *APART, long))
    text = layers_text(found, SIDES)
    lines = text.split("\n")
    table = lines[lines.index("") + 1 :]
    assert max(map(len, table[: table.index("")])) <= 80
    assert "A: default precision" in text
    assert "Layer, in µs" in text
    row = next(line for line in lines if line.startswith("conv_to_relu  "))
    assert row.split() == ["conv_to_relu", "-", "20.0", "+20.0", "-", "-", "added"]
    assert "Added in B: 1" in text
    assert "Fused otherwise in B: 1" in text
    fused = lines[lines.index("Fused otherwise in B: 1") + 2]
    assert fused.split() == ["conv", "conv", "conv", "+", "relu"]
    assert "In another precision in B: 1" in text
    assert "By another implementation in B: 1" in text
    assert "Removed" not in text
    assert lines[-1].startswith("B equals A in latency within ±3 %")
    same = layers_text(compared(samples(0.6, *APART), samples(0.6, *APART)), SIDES)
    assert "The compiled models have the same layers" in same


def test_of_a_layer_that_takes_in_more_it_is_said_what_that_is() -> None:
    a = (layer("conv", 0.3, "conv", "relu"), layer("sum", 0.1, "sum", "Convert_7"))
    b = (layer("conv", 0.3, "conv", "relu", "scale"), layer("sum", 0.1, "sum"))
    found = compared(samples(0.5, *a), samples(0.5, *b))
    assert differences(found.parts, Change.FUSED) == (
        Difference("conv", "", "with scale"),
        Difference("sum", "with Convert_7", ""),
    )


def test_of_many_layers_those_that_changed_most_are_shown_and_the_rest_added_up() -> None:
    a = [layer(f"l{number}", 0.01 * (number + 1)) for number in range(20)]
    b = [replace(one, real_ms=one.real_ms * 2) for one in a]
    text = layers_text(compared(samples(3.0, *a), samples(5.0, *b)), SIDES)
    lines = text.split("\n")
    assert lines[5].startswith("l19 ")
    rest = next(line for line in lines if line.startswith("5 more"))
    assert rest.split()[2:5] == ["150", "300", "+150"]
    assert "--json and --csv list every layer." in text


def test_different_models_are_said_first() -> None:
    other = replace(VIEW, config=replace(VIEW.config, model="other.xml"))
    text = layers_text(FOUND, replace(SIDES, run_a=VIEW, run_b=other))
    assert text.startswith("A and B are different models: ")


@pytest.mark.parametrize("found", [FOUND, None])
def test_the_document_is_as_its_schema_says(found: LayerComparison | None) -> None:
    document = json.loads(
        layers_document(found, SIDES, TAKEN if found else (), exit_code=0, error="")
    )
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(strict(schema)).validate(document)
    if found is not None:
        assert document["layers"][0]["name"] == "conv_to_relu"
        assert document["samples"][0]["outside_ms"] == pytest.approx(0.17)
        broken = deepcopy(document)
        broken["layers"][0]["changes"] = ["something"]
        assert not jsonschema.Draft202012Validator(schema).is_valid(broken)


def test_the_csv_has_every_part_and_ends_with_the_rest_and_the_latency() -> None:
    rows = list(csv.DictReader(io.StringIO(layers_csv(FOUND))))
    assert [row["layer"] for row in rows[-2:]] == ["outside all layers", "latency"]
    total = sum(float(row["difference_ms"]) for row in rows[:-1])
    assert total == pytest.approx(float(rows[-1]["difference_ms"]))
    first = rows[0]
    assert (first["changes"], first["verdict"], first["ratio"]) == ("added", "added", "")
    assert first["b_executed_as"] == "jit_uni_f32"


def test_the_timeline_lays_both_sides_end_to_end() -> None:
    events = json.loads(timeline_json(FOUND, "A: net", "B: net"))["traceEvents"]
    for side, layers, latency in ((1, FUSED, 500.0), (2, APART[:4], 600.0)):
        slices = [event for event in events if event["ph"] == "X" and event["pid"] == side]
        request, *rest = slices
        assert (request["name"], request["dur"]) == ("latency", pytest.approx(latency, rel=1e-2))
        names = [each.name for each in layers]
        assert [one["name"] for one in rest] == [*names, "outside all layers"]
        for one, following in pairwise(rest):
            assert following["ts"] == pytest.approx(one["ts"] + one["dur"])
        assert rest[-1]["ts"] + rest[-1]["dur"] == pytest.approx(request["dur"])
    conv = next(event for event in events if event["name"] == "conv")
    assert conv["args"]["layers of the model"] == "conv, relu"
    assert conv["args"]["changes"].startswith("fused otherwise")
