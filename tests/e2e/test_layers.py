"""`ovbench-tui layers`: real compiles, with differences that are known beforehand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import openvino as ov
import pytest
from openvino import opset13

from ovbench_tui.layers.report import schema_text
from tests.e2e.piped import run_piped


def save(path: Path, columns: int) -> str:
    """Two products, of which the second one has so many columns, and a softmax."""
    x = opset13.parameter([64, 64], ov.Type.f32, name="x")
    x.output(0).set_names({"x"})
    weights = np.random.default_rng(0).standard_normal((64, columns)).astype(np.float32)
    first = opset13.matmul(x, opset13.constant(weights[:, :64].copy()), False, False, name="first")
    last = opset13.matmul(
        opset13.relu(first, name="relu"), opset13.constant(weights), False, False, name="last"
    )
    model = ov.Model([opset13.softmax(last, 1, name="softmax")], [x], "products")
    ov.save_model(model, path)
    return str(path)


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save(tmp_path_factory.mktemp("models") / "products.xml", 64)


def compare(environment: dict[str, str], *words: str) -> dict[str, Any]:
    result = run_piped(environment, "layers", *words, "-t", "1", "--json")
    assert result.returncode == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(document)
    for side in ("a_ms", "b_ms"):
        parts = sum(part[side] for part in document["layers"])
        assert parts + document["outside"][side] == pytest.approx(document["latency"][side])
    return document


def test_a_model_against_itself_has_the_same_layers(
    environment: dict[str, str], products: str
) -> None:
    document = compare(environment, products, "--b", "", "--repeat", "2")
    assert {tuple(part["changes"]) for part in document["layers"]} == {()}
    # Two pairs show no spread, so they decide nothing.
    assert {part["verdict"] for part in document["layers"]} == {"undecided"}
    assert {"first", "last", "softmax"} <= {part["name"] for part in document["layers"]}
    assert document["a"]["openvino"] == document["b"]["openvino"]


def test_another_type_of_the_inputs_adds_a_conversion(
    environment: dict[str, str], products: str
) -> None:
    document = compare(environment, products, "-ip", "f32", "--b", "-ip u8", "--repeat", "2")
    changed = [part for part in document["layers"] if part["changes"]]
    names = {name for part in changed for layer in part["b"] for name in layer["originals"]}
    assert any(name.startswith("Convert") for name in names)
    assert {part["changes"][0] for part in changed} <= {"added", "fused otherwise"}


def test_the_layer_that_became_larger_is_the_slower_one(
    environment: dict[str, str], products: str, tmp_path: Path
) -> None:
    other = save(tmp_path / "larger.xml", 4096)
    trace = tmp_path / "trace.json"
    words = (products, "--b", other, "--repeat", "5", "--trace", str(trace))
    document = compare(environment, *words)
    by_name = {part["name"]: part for part in document["layers"]}
    assert by_name["last"]["ratio"]["value"] > 3  # of 64 times the work
    assert by_name["last"]["difference_ms"] > abs(by_name["first"]["difference_ms"])
    assert document["different_work"].startswith("A and B are different models")
    names = [event["name"] for event in json.loads(trace.read_text())["traceEvents"]]
    assert names.count("last") == 2


def save_convolutions(path: Path, *, is_quantized: bool) -> str:
    """Three convolutions, of which the middle one may be quantized."""
    x = opset13.parameter([1, 16, 14, 14], ov.Type.f32, name="x")
    x.output(0).set_names({"x"})
    random = np.random.default_rng(0)
    node = opset13.relu(x)
    for name in ("first", "middle", "last"):
        weights = opset13.constant((random.standard_normal((16, 16, 3, 3)) * 0.05).astype("f4"))
        if is_quantized and name == "middle":
            node = _quantized(node, 0.0, 2.55, 256)
            weights = _quantized(weights, -0.2, 0.2, 255)
        pads = ([1, 1], [1, 1], [1, 1], [1, 1])
        node = opset13.relu(opset13.convolution(node, weights, *pads, name=name))
    ov.save_model(ov.Model([node], [x], "convolutions"), path, compress_to_fp16=False)
    return str(path)


def _quantized(node: ov.Node, low: float, high: float, levels: int) -> ov.Node:
    ends = [opset13.constant(np.float32(end)) for end in (low, high, low, high)]
    return opset13.fake_quantize(node, *ends, levels)


def test_the_layer_that_was_quantized_runs_in_another_precision(
    environment: dict[str, str], tmp_path: Path, core: ov.Core
) -> None:
    if "INT8" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        pytest.skip("this CPU has no 8-bit layers")
    a, b = (
        save_convolutions(tmp_path / f"{is_quantized}.xml", is_quantized=is_quantized)
        for is_quantized in (False, True)
    )
    precision = ("-infer_precision", "f32")  # whatever else the CPU would choose
    document = compare(environment, a, *precision, "--b", b, "--repeat", "2")
    by_name = {part["name"]: part for part in document["layers"]}
    assert (by_name["middle"]["a_precision"], by_name["middle"]["b_precision"]) == ("f32", "i8")
    assert "other precision" in by_name["middle"]["changes"]
    for name in ("first", "last"):
        assert "other precision" not in by_name[name]["changes"]
