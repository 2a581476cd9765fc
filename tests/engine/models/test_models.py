"""Every model of ../shared/models: read, compiled, fed with our inputs and inferred on the CPU."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.compile_properties import compile_properties
from ovbench_tui.config.shapes import Shape
from ovbench_tui.console.native_errors import native_reason
from ovbench_tui.engine.inputs.index_bounds import input_bounds
from ovbench_tui.engine.inputs.random_tensors import make_inputs
from ovbench_tui.engine.inputs.shapes.data_shape import resolve
from ovbench_tui.engine.inputs.shapes.shape_guess import propose
from ovbench_tui.engine.models.errors.compile_errors import compile_error
from ovbench_tui.engine.models.models import LoadedModel, compile_loaded, load_model
from ovbench_tui.errors import BadInputError, RunFailedError
from tests.engine.onnx_models import onnx_sum

MODELS = [
    ("face-detection-0200/FP16-INT8/face-detection-0200.xml", "IR", [(1, 1, 200, 7)]),
    ("samplenet/ir/SampLeNet.xml", "IR", [(1, 10)]),
    ("samplenet/samplenet.onnx", "ONNX", [(1, 10)]),
    ("samplenet/samplenet.pb", "TensorFlow", [(1, 10)]),
    ("samplenet/samplenet_tf2", "SavedModel", [(1, 10)]),
    ("samplenet/paddle/samplenet.pdmodel", "Paddle", [(1, 10)]),
    ("onnx-light/light_bvlc_alexnet.onnx", "ONNX", [(1, 1000)]),
    ("onnx-light/light_inception_v1.onnx", "ONNX", [(1, 1000)]),
    ("onnx-light/light_squeezenet.onnx", "ONNX", [(1, 1000, 1, 1)]),
    ("ort-tests/bert_toy_optimized.onnx", "ONNX", [(1, 128, 99), (1, 2)]),
    ("ultraface/version-RFB-320.onnx", "ONNX", [(1, 4420, 2), (1, 4420, 4)]),
    (
        "ultraface/version-RFB-320_without_postprocessing.tflite",
        "TFLite",
        [(1, 4420, 4), (1, 4420, 2)],
    ),
    ("ovms-tests/add_two_inputs_model/add.xml", "IR", [(1, 10)]),
    ("ovms-tests/passthrough/passthrough.xml", "IR", [(1, 128)]),
    ("ovms-tests/no_name_output/model.xml", "IR", [(1, 10), (1, 10)]),
    ("ovms-tests/scalar/saved_model.xml", "IR", [()]),
    ("ovms-tests/dummy_fp64/saved_model.xml", "IR", [(1, 10)]),
    ("ovms-tests/summator/summator.xml", "IR", [(1, 1)]),
]


def compile_on(
    core: ov.Core, loaded: LoadedModel, device: str = "CPU"
) -> tuple[ov.CompiledModel, LoadedModel]:
    config = BenchmarkConfig(device=device)
    return compile_loaded(core, loaded, config, compile_properties(config))


def infer(compiled: ov.CompiledModel, inputs: list[ov.Tensor]) -> list[np.ndarray]:
    request = compiled.create_infer_request()
    for index, tensor in enumerate(inputs):
        request.set_input_tensor(index, tensor)
    request.infer()
    return [request.get_output_tensor(i).data.copy() for i in range(len(compiled.outputs))]


@pytest.mark.parametrize(("path", "format_", "outputs"), MODELS, ids=[row[0] for row in MODELS])
def test_a_model_reads_compiles_and_infers(
    core: ov.Core, shared_models: Path, path: str, format_: str, outputs: list[Shape]
) -> None:
    loaded = load_model(core, str(shared_models / path))
    assert loaded.info.format == format_
    assert loaded.info.name == Path(path).name
    shapes = resolve(loaded.info, propose(loaded.info), loaded.aliases)
    compiled, _ = compile_on(core, loaded)
    inputs = make_inputs(loaded.info.inputs, shapes, 0, input_bounds(loaded.model, shapes))
    results = infer(compiled, inputs)
    assert [result.shape for result in results] == outputs
    assert all(np.isfinite(result).all() for result in results)


def test_ports_tell_names_types_and_layout(core: ov.Core, shared_models: Path) -> None:
    face = load_model(
        core, str(shared_models / "face-detection-0200/FP16-INT8/face-detection-0200.xml")
    )
    (port,) = face.info.inputs
    assert (port.name, port.shape, port.element_type, port.layout) == (
        "image",
        ("1", "3", "256", "256"),
        "f32",
        "NCHW",
    )
    assert 1_800_000 < face.weight_bytes < 2_100_000
    nameless = load_model(core, str(shared_models / "ovms-tests/no_name_output/model.xml"))
    assert [port.label for port in nameless.info.outputs] == ["#0", "#1"]
    assert [port.element_type for port in nameless.info.inputs] == ["i8", "i8"]
    scalar = load_model(core, str(shared_models / "ovms-tests/scalar/saved_model.xml"))
    assert scalar.info.inputs[0].shape == ()


def test_partial_shapes_are_told_with_their_bounds(core: ov.Core) -> None:
    shape = ov.PartialShape("[?,1..8,4..,..6,3]")
    parameter = opset13.parameter(shape, ov.Type.f32, name="x")
    rankless = opset13.parameter(ov.PartialShape.dynamic(), ov.Type.i32, name="y")
    model = ov.Model([opset13.relu(parameter), opset13.relu(rankless)], [parameter, rankless], "m")
    loaded = load_model(core, "alexnet", lambda _core, _name: model)
    assert [port.shape for port in loaded.info.inputs] == [
        ("?", "1..8", "4..", "0..6", "3"),
        ("...",),
    ]


def test_a_built_in_model_comes_from_the_loader_given(core: ov.Core) -> None:
    requested: list[str] = []
    parameter = opset13.parameter([1, 4], ov.Type.f32, name="x")

    def build(_: ov.Core, name: str) -> ov.Model:
        requested.append(name)
        return ov.Model([opset13.relu(parameter)], [parameter], "tiny")

    loaded = load_model(core, "alexnet", build)
    assert requested == ["alexnet"]
    assert (loaded.info.name, loaded.info.format) == ("alexnet", "built-in")


def test_a_blob_runs_and_tells_its_ports_once_compiled(
    core: ov.Core, shared_models: Path, tmp_path: Path
) -> None:
    loaded = load_model(core, str(shared_models / "samplenet/ir/SampLeNet.xml"))
    compiled, _ = compile_on(core, loaded)
    path = tmp_path / "net.blob"
    exported = compiled.export_model()
    path.write_bytes(exported if isinstance(exported, bytes) else exported.getvalue())
    blob = load_model(core, str(path))
    assert blob.model is None
    assert blob.info.inputs == ()
    imported, known = compile_on(core, blob)
    assert known.info.inputs[0].shape == ("1", "3", "32", "32")
    shapes = resolve(known.info, ())
    inputs = make_inputs(known.info.inputs, shapes, 0)
    assert np.array_equal(infer(imported, inputs)[0], infer(compiled, inputs)[0])
    with pytest.raises(BadInputError, match="the very device it was compiled for"):
        compile_on(core, blob, "AUTO")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(BadInputError, match="damaged, or was compiled for another device"):
        compile_on(core, load_model(core, str(path)))


def copy_model(source: Path, folder: Path) -> Path:
    for file in source.parent.glob(f"{source.stem}.*"):
        (folder / file.name).write_bytes(file.read_bytes())
    return folder / source.name


def read_refusal(core: ov.Core, path: Path) -> str:
    with pytest.raises(BadInputError) as error:
        load_model(core, str(path))
    text = str(error.value)
    assert "\n" not in text
    assert "src/" not in text
    assert text.endswith(".")
    return text


def test_truncated_weights(core: ov.Core, shared_models: Path) -> None:
    text = read_refusal(core, shared_models / "awkward/truncated-bin/face-detection-0200.xml")
    assert "'face-detection-0200.bin' is truncated" in text
    assert "1000000 of 3634654 bytes (2634654 are missing)" in text


def test_truncated_onnx(core: ov.Core, shared_models: Path) -> None:
    whole = (shared_models / "ultraface/version-RFB-320.onnx").stat().st_size
    text = read_refusal(core, shared_models / "awkward/truncated-onnx/version-RFB-320.onnx")
    assert "truncated" in text
    missing = int(text.partition("at least ")[2].split()[0])
    assert 0 < missing <= whole - 700_000


@pytest.mark.parametrize(
    ("path", "keep", "words"),
    [
        ("samplenet/samplenet.pb", 150_000, "truncated"),
        ("samplenet/paddle/samplenet.pdmodel", 60_000, "truncated"),
        ("ultraface/version-RFB-320_without_postprocessing.tflite", 600_000, "truncated"),
        ("samplenet/ir/SampLeNet.xml", 3000, "truncated, its closing </net>"),
    ],
)
def test_other_truncated_files(
    core: ov.Core, shared_models: Path, tmp_path: Path, path: str, keep: int, words: str
) -> None:
    copy = copy_model(shared_models / path, tmp_path)
    copy.write_bytes(copy.read_bytes()[:keep])
    assert words in read_refusal(core, copy)


def test_paddle_weights_missing_or_truncated(
    core: ov.Core, shared_models: Path, tmp_path: Path
) -> None:
    copy = copy_model(shared_models / "samplenet/paddle/samplenet.pdmodel", tmp_path)
    weights = copy.with_suffix(".pdiparams")
    weights.write_bytes(weights.read_bytes()[:100_000])
    assert "'samplenet.pdiparams' is truncated" in read_refusal(core, copy)
    weights.unlink()
    assert "'samplenet.pdiparams' is missing" in read_refusal(core, copy)


def test_a_damaged_saved_model(core: ov.Core, shared_models: Path, tmp_path: Path) -> None:
    def fresh(name: str) -> Path:
        folder = tmp_path / name
        shutil.copytree(
            shared_models / "samplenet/samplenet_tf2", folder, copy_function=shutil.copyfile
        )
        for path in (folder, folder / "variables"):
            path.chmod(0o755)
        return folder

    cut_graph = fresh("graph")
    graph = cut_graph / "saved_model.pb"
    graph.write_bytes(graph.read_bytes()[:100_000])
    assert "truncated" in read_refusal(core, cut_graph)
    cut_data = fresh("data")
    data = cut_data / "variables/variables.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:500_000])
    assert "variables are truncated, the data has 500000" in read_refusal(core, cut_data)
    no_data = fresh("none")
    shutil.rmtree(no_data / "variables")
    assert "folder 'variables' beside saved_model.pb is missing" in read_refusal(core, no_data)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text.onnx", "not an ONNX model"),
        ("text.pb", "not a TensorFlow graph"),
        ("text.pdmodel", "not a Paddle model"),
        ("text.tflite", "not a TFLite model"),
    ],
)
def test_a_file_of_another_kind(core: ov.Core, tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).write_text("hello, this is a letter and no model\n", encoding="utf-8")
    assert words in read_refusal(core, tmp_path / name)


def test_an_unknown_operation_is_named(core: ov.Core, shared_models: Path) -> None:
    assert "test.Foo" in read_refusal(core, shared_models / "ort-tests/foo_1.onnx")


def test_a_failed_conversion_names_operation_and_reason(core: ov.Core, tmp_path: Path) -> None:
    (tmp_path / "sum.onnx").write_bytes(onnx_sum((1, 3), (1, 4)))
    text = read_refusal(core, tmp_path / "sum.onnx")
    assert "OpenVINO says: Add 'y': Argument shapes are inconsistent." in text


@pytest.mark.parametrize("kept_as", ["initializer", "constant", "branch"])
@pytest.mark.parametrize("from_file", [False, True])
def test_missing_and_truncated_external_data(
    core: ov.Core, tmp_path: Path, from_file: bool, kept_as: str
) -> None:
    def take() -> None:
        loaded = load_model(core, str(tmp_path / "sum.onnx"), from_file=from_file)
        compile_loaded(core, loaded, BenchmarkConfig(device="CPU"), {}, ["CPU"])

    def refusal() -> str:
        with pytest.raises(BadInputError) as error:
            take()
        return str(error.value)

    (tmp_path / "sum.onnx").write_bytes(
        onnx_sum((1, 8), (1, 8), weights_in="far away.bin", kept_as=kept_as)
    )
    assert refusal() == (
        "Model 'sum.onnx' cannot be read: 'far away.bin', which holds its weights, is missing"
        " beside it."
    )
    (tmp_path / "far away.bin").write_bytes(bytes(30))
    assert (
        "'far away.bin', which holds its weights, is truncated, it has 30 of at least" in refusal()
    )
    (tmp_path / "far away.bin").write_bytes(bytes(32))
    take()


def test_a_graph_the_device_cannot_compile(core: ov.Core, shared_models: Path) -> None:
    loaded = load_model(core, str(shared_models / "ort-tests/capi_symbolic_dims.onnx"))
    with pytest.raises(RunFailedError) as error:
        compile_on(core, loaded)
    assert "operation C (Reshape) has a dynamic rank" in str(error.value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"device": "cpu"}, "Device 'cpu' is unknown to OpenVINO; did you mean CPU?"),
        ({"device": "FOO"}, "Device 'FOO' is unknown to OpenVINO; available here: CPU."),
        ({"device": "CPU.7"}, "Device CPU.7 does not exist"),
        ({"device": "MULTI"}, "write MULTI:CPU."),
        ({"device": "HETERO"}, "write HETERO:CPU."),
        ({"device": "BATCH"}, "write BATCH:CPU."),
        ({"device": "BATCH:CPU(0)"}, "BATCH:CPU(4)"),
        ({"device": "AUTO:FOO"}, "AUTO:FOO cannot be used on this machine"),
        ({"precision": "i8"}, "does not take i8 for -infer_precision"),
        ({"cache_dir": "/dev/null/x"}, "'/dev/null/x' (-cdir) cannot be created"),
    ],
)
def test_a_wrong_device_or_value_is_one_sentence(
    core: ov.Core, shared_models: Path, values: dict[str, str], words: str
) -> None:
    loaded = load_model(core, str(shared_models / "samplenet/ir/SampLeNet.xml"))
    config = BenchmarkConfig(**values)  # type: ignore[arg-type]
    with pytest.raises(BadInputError) as error:
        compile_loaded(core, loaded, config, compile_properties(config), ["CPU"])
    assert words in str(error.value)
    assert "src/" not in str(error.value)


def test_the_devices_to_choose_from_are_asked_for_when_needed(
    core: ov.Core, shared_models: Path
) -> None:
    loaded = load_model(core, str(shared_models / "samplenet/ir/SampLeNet.xml"))
    with pytest.raises(BadInputError, match=f"available here: {core.available_devices[0]}"):
        compile_on(core, loaded, "FOO")


def test_a_device_without_its_driver_names_the_library() -> None:
    text = (
        "Exception from src/inference/src/cpp/core.cpp:117:\n"
        'Cannot load library "/opt/libs/libopenvino_intel_gpu_plugin.so": libOpenCL.so.1:'
        " cannot open shared object file: No such file or directory\n"
    )
    error = compile_error(RuntimeError(text), BenchmarkConfig(device="AUTO:GPU,CPU"), ["CPU"])
    assert str(error) == (
        "Device AUTO:GPU,CPU cannot be used on this machine:"
        " its driver library libOpenCL.so.1 is missing; available here: CPU."
    )


def test_memory_running_out_is_told() -> None:
    for error in (MemoryError(), RuntimeError("std::bad_alloc")):
        assert "not enough memory" in str(compile_error(error, BenchmarkConfig()))


def test_of_an_unknown_error_the_first_line_that_tells_something() -> None:
    text = (
        "Exception from src/inference/src/cpp/core.cpp:117:\n"
        "Check 'false' failed at src/core/src/a b.cpp:3:\n"
        "FrontEnd API failed with GeneralFailure:\n\n  It broke.\x1b[31m\nand more\n"
    )
    assert native_reason(text) == "It broke.?[31m"
    assert native_reason("") == "no reason given"
    reported = compile_error(RuntimeError(text), BenchmarkConfig(device="CPU"))
    assert isinstance(reported, RunFailedError)
    assert str(reported) == "Compiling for CPU failed: It broke.?[31m."


def test_a_source_is_not_sniffed_twice(core: ov.Core, shared_models: Path) -> None:
    loaded = load_model(core, str(shared_models / "samplenet/ir/SampLeNet.xml"))
    renamed = replace(loaded.source, name="other")
    assert load_model(core, renamed).info.name == "other"
