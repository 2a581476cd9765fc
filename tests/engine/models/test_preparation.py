"""A configuration made ready: what is compiled, what is fed, and what is told of it."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.effective import ShapeGroup
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.requests.prepared_model import PreparedModel
from ovbench_tui.errors import BadInputError


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(allow_strings=False)


def prepare(
    engine: Engine, config: BenchmarkConfig, reuse: PreparedModel | None = None
) -> PreparedModel:
    return engine.prepare(config, reuse, lambda _: None)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Identities, so that an output shows what went in."""
    folder = tmp_path_factory.mktemp("models")
    save(folder / "image.xml", [1, 3, 8, 6])
    save(folder / "any.xml", [-1, 10])
    save(folder / "fixed.xml", [4, 10])
    return folder


def save(path: Path, shape: list[int]) -> None:
    parameter = opset13.parameter(shape, ov.Type.f32, name="x")
    parameter.output(0).set_names({"x"})
    result = opset13.add(parameter, opset13.constant(np.float32(0)), name="y")
    result.output(0).set_names({"y"})
    ov.save_model(ov.Model([result], [parameter], path.stem), path)


def infer(prepared: PreparedModel, feed: int = 0) -> np.ndarray:
    request = prepared.compiled.create_infer_request()
    for index, tensor in enumerate(prepared.feeds[feed].tensors):
        request.set_input_tensor(index, tensor)
    request.infer()
    return request.get_output_tensor(0).data.copy()


def test_an_image_is_fed_as_u8_and_told_so(engine: Engine, models: Path) -> None:
    prepared = prepare(engine, BenchmarkConfig(model=str(models / "image.xml")))
    (port,) = prepared.info.inputs
    assert (port.element_type, port.layout, port.shape) == ("u8", "NCHW", ("1", "3", "8", "6"))
    (fed,) = prepared.feeds[0].tensors
    assert np.array_equal(infer(prepared), fed.data.astype(np.float32))
    assert prepared.effective.input_rules == (
        (
            "x",
            "u8, taken for an image, a guess (benchmark_app's rule); NCHW, from its shape,"
            " a guess as benchmark_app's; random values",
        ),
    )
    assert prepared.effective.batch_rule == (
        "N of the layout, from its shape, a guess as benchmark_app's"
    )
    assert prepared.effective.inference_only
    assert prepared.peak_rss_bytes > 20_000_000


def test_mean_and_scale_are_applied_in_benchmark_apps_order(engine: Engine, models: Path) -> None:
    config = BenchmarkConfig(
        model=str(models / "image.xml"),
        mean_values=(("", (10.0, 20.0, 30.0)),),
        scale_values=(("x", (2.0, 4.0, 8.0)),),
    )
    prepared = prepare(engine, config)
    fed = prepared.feeds[0].tensors[0].data.astype(np.float32)
    mean, scale = (np.float32(values).reshape(1, 3, 1, 1) for values in ([10, 20, 30], [2, 4, 8]))
    assert np.allclose(infer(prepared), (fed - mean) / scale, atol=1e-4)
    assert "mean subtracted, divided by the scale" in prepared.effective.input_rules[0][1]


def test_a_reshape_is_timed_where_there_is_one(engine: Engine, models: Path) -> None:
    model = str(models / "image.xml")
    plain = prepare(engine, BenchmarkConfig(model=model))
    assert math.isnan(plain.reshape_ms)
    for config in (
        BenchmarkConfig(model=model, batch=2),
        BenchmarkConfig(model=model, shape=(("", ("1", "3", "8", "6")),)),
    ):
        reshaped = prepare(engine, config, plain)
        assert 0 < reshaped.reshape_ms < 10_000
        assert reshaped.read_ms == plain.read_ms  # and no part of the reading


def test_types_by_option(engine: Engine, models: Path) -> None:
    config = BenchmarkConfig(
        model=str(models / "image.xml"), input_precision="f32", port_precisions=(("y", "f16"),)
    )
    prepared = prepare(engine, config)
    assert prepared.info.inputs[0].element_type == "f32"
    assert prepared.info.outputs[0].element_type == "f16"
    assert infer(prepared).dtype == np.float16


def test_what_was_read_stays_as_it_was(engine: Engine, models: Path) -> None:
    first = prepare(engine, BenchmarkConfig(model=str(models / "image.xml"), batch=5))
    assert first.info.inputs[0].shape == ("5", "3", "8", "6")
    assert (first.effective.batch, infer(first).shape) == (5, (5, 3, 8, 6))
    assert first.loaded.model.input(0).element_type == ov.Type.f32
    reported: list[str] = []
    config = BenchmarkConfig(model=str(models / "image.xml"), input_precision="f32")
    second = engine.prepare(config, first, reported.append)
    assert second.info.inputs[0].shape == ("1", "3", "8", "6")
    assert second.info.inputs[0].element_type == "f32"
    assert [line.split()[0] for line in reported] == ["compiling"]  # not read again
    other = Engine(allow_strings=False)
    assert other.prepare(config, None, reported.append).compile_ms > 0
    assert reported[-2].startswith("reading")


def test_a_batch_that_alone_is_open_is_1_or_set(engine: Engine, models: Path) -> None:
    model = str(models / "any.xml")
    assumed = prepare(engine, BenchmarkConfig(model=model))
    assert (assumed.effective.batch, assumed.effective.assumed_batch) == (1, 1)
    assert assumed.info.inputs[0].shape == ("1", "10")
    assert assumed.notice == (
        "No batch was given: 1 is used. -b, or Batch on the screen, sets another."
    )
    by_batch = prepare(engine, BenchmarkConfig(model=model, batch=3))
    assert (by_batch.effective.batch, by_batch.effective.batch_rule) == (
        3,
        "N of the layout, from -b, which takes the first dimension; set by -b 3",
    )
    by_shape = prepare(engine, BenchmarkConfig(model=model, data_shape=(("", (7, 10)),)))
    assert (by_shape.effective.batch, by_shape.effective.batch_rule) == (
        7,
        "dynamic first dimension",
    )
    assert by_shape.effective.data_shape == (("x", (7, 10)),)
    reshaped = prepare(engine, BenchmarkConfig(model=model, shape=(("x", ("2", "10")),)))
    assert reshaped.info.inputs[0].shape == ("2", "10")


def test_without_inference_a_dynamic_model_needs_no_shape(engine: Engine, models: Path) -> None:
    prepared = prepare(engine, BenchmarkConfig(model=str(models / "any.xml"), iterations=0))
    assert prepared.feeds == ()
    assert prepared.effective.batch_rule == "batch unknown, no -data_shape"


def test_shapes_rotate_in_the_order_given(engine: Engine, models: Path) -> None:
    shapes = (("x", (2, 10)), ("x", (5, 10)), ("x", (2, 10)))
    prepared = prepare(engine, BenchmarkConfig(model=str(models / "any.xml"), data_shape=shapes))
    effective = prepared.effective
    assert effective.shape_groups == (
        ShapeGroup((("x", (2, 10)),), 2),
        ShapeGroup((("x", (5, 10)),), 5),
    )
    assert [feed.shape_group for feed in prepared.feeds] == [0, 1, 0]
    assert [infer(prepared, number).shape[0] for number in range(3)] == [2, 5, 2]
    assert effective.batch == 2
    assert not effective.inference_only


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"inference_only": True}, "-inference_only cannot be true with 2 data shapes"),
        ({"api": "sync"}, "-api sync cannot run 2 data shapes in rotation"),
    ],
)
def test_what_a_rotation_rules_out(
    engine: Engine, models: Path, values: dict[str, object], words: str
) -> None:
    shapes = (("x", (2, 10)), ("x", (5, 10)))
    config = BenchmarkConfig(model=str(models / "any.xml"), data_shape=shapes, **values)  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match=words):
        prepare(engine, config)


def test_more_shapes_than_the_ring_can_tell_apart_are_refused(engine: Engine, models: Path) -> None:
    shapes = tuple(("x", (rows, 10)) for rows in range(1, 258))
    config = BenchmarkConfig(model=str(models / "any.xml"), data_shape=shapes)
    with pytest.raises(BadInputError, match="257 different shapes, and at most 256"):
        prepare(engine, config)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"shape": (("", ("1", "3")),)}, "cannot be reshaped to x[1,3]"),
        ({"batch": 3}, "no input is known to have a batch (x[4,10])"),
        ({"layout": (("", "NCHW"),)}, "-layout NCHW has 4 dimensions"),
        ({"extensions": ("no such.so",)}, "-extensions: there is no file 'no such.so'"),
        ({"gpu_kernels": "k.xml"}, "there is none here"),
        ({"sources": (("", ("nothing.npy",)),)}, "-i: 'nothing.npy' cannot be opened"),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    engine: Engine, models: Path, values: dict[str, object], words: str
) -> None:
    if "gpu_kernels" in values and any(d.startswith("GPU") for d in ov.Core().available_devices):
        pytest.skip("there is a GPU here")
    folder = models / "conflict.xml"
    if not folder.exists():
        parameter = opset13.parameter([4, 10], ov.Type.f32, name="x")
        parameter.output(0).set_names({"x"})
        weights = opset13.constant(np.ones((10, 2), np.float32))
        product = opset13.matmul(parameter, weights, transpose_a=False, transpose_b=False)
        ov.save_model(ov.Model([product], [parameter], "conflict"), folder)
    with pytest.raises(BadInputError) as error:
        prepare(engine, BenchmarkConfig(model=str(folder), **values))  # type: ignore[arg-type]
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert "src/" not in str(error.value)


def test_an_extension_that_is_none_is_named(engine: Engine, models: Path, tmp_path: Path) -> None:
    library = tmp_path / "lib.so"
    library.write_bytes(b"no library")
    config = BenchmarkConfig(model=str(models / "any.xml"), extensions=(str(library),))
    with pytest.raises(BadInputError, match="is not an OpenVINO extension that can be loaded here"):
        prepare(engine, config)


def test_a_file_compiled_as_it_is(engine: Engine, models: Path) -> None:
    config = BenchmarkConfig(model=str(models / "image.xml"), from_file=True)
    prepared = prepare(engine, config)
    assert prepared.loaded.model is None
    assert prepared.info.inputs[0].element_type == "f32"
    assert prepared.effective.batch == 1
    assert prepared.effective.input_rules[0][1].startswith("f32, the compiled model's own; NCHW")
    again = prepare(engine, config, prepared)
    assert np.array_equal(infer(again), infer(prepared))


@pytest.mark.parametrize(
    "values",
    [
        {"batch": 2},
        {"shape": (("", ("1", "3", "8", "6")),)},
        {"input_precision": "f32"},
        {"output_precision": "f32"},
        {"port_precisions": (("x", "f32"),)},
        {"mean_values": (("", (1.0,)),)},
        {"scale_values": (("", (1.0,)),)},
    ],
)
@pytest.mark.parametrize("is_blob", [False, True])
def test_what_a_device_reads_itself_cannot_be_changed(
    engine: Engine, models: Path, tmp_path: Path, values: dict[str, object], is_blob: bool
) -> None:
    path = models / "image.xml"
    if is_blob:
        compiled = prepare(engine, BenchmarkConfig(model=str(path))).compiled
        path = tmp_path / "image.blob"
        exported = compiled.export_model()
        path.write_bytes(exported if isinstance(exported, bytes) else exported.getvalue())
    config = BenchmarkConfig(model=str(path), from_file=not is_blob, **values)  # type: ignore[arg-type]
    with pytest.raises(BadInputError) as error:
        prepare(engine, config)
    assert ("a compiled model" if is_blob else "-lfile") in str(error.value)


def test_a_blob_keeps_the_types_it_was_compiled_with(
    engine: Engine, models: Path, tmp_path: Path
) -> None:
    compiled = prepare(engine, BenchmarkConfig(model=str(models / "image.xml"))).compiled
    path = tmp_path / "image.blob"
    exported = compiled.export_model()
    path.write_bytes(exported if isinstance(exported, bytes) else exported.getvalue())
    prepared = prepare(engine, BenchmarkConfig(model=str(path), layout=(("", "NCHW"),)))
    assert prepared.info.inputs[0].element_type == "u8"
    assert prepared.effective.batch_rule == "N of the layout, from -layout"
    assert infer(prepared).shape == (1, 3, 8, 6)


def test_files_are_read_again_only_when_they_have_changed(
    engine: Engine, models: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.full((4, 10), 1, np.float32))
    config = BenchmarkConfig(model=str(models / "fixed.xml"), sources=(("x", (str(path),)),))
    reported: list[str] = []
    first = engine.prepare(config, None, reported.append)
    assert "reading the inputs of fixed.xml" in reported
    assert infer(first)[0, 0] == 1
    assert first.effective.input_rules == (("x", "f32, the model's own; 1 array"),)
    again = prepare(engine, replace(config, hint="latency"), first)
    assert again.feeds[0].tensors[0] is first.feeds[0].tensors[0]
    np.save(path, np.full((4, 10), 2, np.float32))
    os.utime(path, ns=(1, 1))
    assert infer(prepare(engine, config, again))[0, 0] == 2
    other = prepare(engine, replace(config, sources=()), again)
    assert other.feeds[0].tensors[0] is not again.feeds[0].tensors[0]
