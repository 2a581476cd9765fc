"""What a model is made of, counted on graphs whose sums are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.model_info import ModelFacts
from ovbench_tui.engine.models.model_facts import describe_model
from ovbench_tui.engine.models.preparation import Engine

SHARED = Path("/work/shared/models")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(allow_strings=False)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """[N, 8] x [8, 5] + [5]: 40 MACs a row, 45 parameters."""
    path = tmp_path_factory.mktemp("models") / "product.xml"
    rows = opset13.parameter([-1, 8], ov.Type.f32, name="rows")
    rows.output(0).set_names({"rows"})
    weights = opset13.constant(np.ones((8, 5), np.float32))
    result = opset13.add(
        opset13.matmul(rows, weights, False, False), opset13.constant(np.ones(5, np.float32))
    )
    ov.save_model(ov.Model([result], [rows], "product"), path, compress_to_fp16=False)
    return path


def _facts(engine: Engine, config: BenchmarkConfig) -> ModelFacts:
    return describe_model(engine.prepare(config, None, lambda _: None))


def test_a_product_is_counted_in_the_shape_it_is_fed_with(engine: Engine, product: Path) -> None:
    config = BenchmarkConfig(model=str(product), data_shape=(("rows", (3, 8)),))
    facts = _facts(engine, config)
    assert facts.macs == 3 * 40
    assert facts.parameters == 45
    assert facts.weights == (("f32", 45, 180),)
    assert facts.weight_bytes == 180
    assert facts.unknown == ""
    assert facts.operations == (("Add", 1), ("MatMul", 1), ("Parameter", 1), ("Result", 1))
    assert facts.file_bytes == product.stat().st_size + product.with_suffix(".bin").stat().st_size


def test_a_reshaped_model_is_counted_in_its_new_shape(engine: Engine, product: Path) -> None:
    facts = _facts(engine, BenchmarkConfig(model=str(product), shape=(("rows", ("7", "8")),)))
    assert facts.macs == 7 * 40


def test_shapes_in_rotation_are_averaged(engine: Engine, product: Path) -> None:
    shapes = (("rows", (1, 8)), ("rows", (5, 8)))
    facts = _facts(engine, BenchmarkConfig(model=str(product), data_shape=shapes))
    assert facts.macs == 3 * 40
    many = tuple(("rows", (size, 8)) for size in range(1, 12))
    facts = _facts(engine, BenchmarkConfig(model=str(product), data_shape=many))
    assert facts.macs is None
    assert "11 shapes are in rotation" in facts.unknown


def test_a_blob_tells_what_cannot_be_known(engine: Engine, product: Path, tmp_path: Path) -> None:
    core = ov.Core()
    compiled = core.compile_model(core.read_model(product), "CPU")
    blob = tmp_path / "product.blob"
    blob.write_bytes(compiled.export_model().getvalue())
    facts = _facts(engine, BenchmarkConfig(model=str(blob), data_shape=(("rows", (3, 8)),)))
    assert (facts.macs, facts.parameters, facts.operations) == (None, None, ())
    assert facts.file_bytes == blob.stat().st_size
    assert "a compiled blob lists only its inputs and outputs" in facts.unknown


def test_a_file_the_device_reads_says_so(engine: Engine, product: Path) -> None:
    config = BenchmarkConfig(model=str(product), from_file=True, data_shape=(("rows", (3, 8)),))
    assert "-lfile" in _facts(engine, config).unknown


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared models are not here")
@pytest.mark.parametrize(
    ("model", "data_shape", "macs", "types"),
    [
        ("face-detection-0200/FP16-INT8/face-detection-0200.xml", (), 383_754_240, {"i8", "f16"}),
        ("samplenet/samplenet.onnx", (), 651_720, {"f32"}),
        ("samplenet/samplenet.pb", (), 651_720, {"f32"}),
        ("onnx-light/light_squeezenet.onnx", (), 349_151_936, {"f32"}),
    ],
)
def test_real_models_are_counted(
    engine: Engine, model: str, data_shape: tuple[()], macs: int, types: set[str]
) -> None:
    facts = _facts(engine, BenchmarkConfig(model=str(SHARED / model), data_shape=data_shape))
    assert facts.macs == macs
    assert types <= {name for name, _, _ in facts.weights}
    assert facts.unknown == ""


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared models are not here")
def test_a_dynamic_transformer_is_counted_once_shaped(engine: Engine) -> None:
    model = str(SHARED / "ort-tests/bert_toy_optimized.onnx")
    short = _facts(engine, BenchmarkConfig(model=model, data_shape=(("", (1, 8)),)))
    long = _facts(engine, BenchmarkConfig(model=model, data_shape=(("", (1, 16)),)))
    assert short.macs
    assert long.macs is not None
    assert long.macs > 2 * short.macs  # attention grows with the square of the length
