"""Inputs as benchmark_app's own functions make them, from the same words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import openvino as ov
import pytest

from ovbench_tui.config.built_in_models import ZOO
from ovbench_tui.engine.inputs.index_bounds import input_bounds
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.requests.prepared_model import PreparedModel
from ovbench_tui.engine.zoo import store
from ovbench_tui.options.invocation import read_invocation

utils = pytest.importorskip("openvino.tools.benchmark.utils.utils")
filling = pytest.importorskip("openvino.tools.benchmark.utils.inputs_filling")

_OWN_VALUES = ("i8", "boolean")
"""Theirs wrap around to negative numbers, or are nearly all true; ours stay in range."""


@dataclass
class Theirs:
    """What benchmark_app would feed, step 5 to 9 of its main()."""

    model: ov.Model
    infos: list[Any]
    batches: list[int]
    tensors: dict[int, list[ov.Tensor]]


def benchmark_app(core: ov.Core, path: Path, options: list[str]) -> Theirs:
    words = dict(zip(options[::2], options[1::2], strict=True))
    args = SimpleNamespace(
        shape=words.get("-shape", ""),
        data_shape=words.get("-data_shape", ""),
        layout=words.get("-layout", ""),
        batch=words.get("-b", ""),
        scale=words.get("--scale_values", ""),
        mean=words.get("--mean_values", ""),
        ip=words.get("-ip", ""),
        op=words.get("-op", ""),
        iop=words.get("-iop", ""),
    )
    model = core.read_model(path)
    for port in model.inputs:
        if not port.get_names():
            port.set_names({port.node.get_friendly_name()})
    infos, reshape = utils.get_inputs_info(
        args.shape, args.data_shape, args.layout, args.batch, args.scale, args.mean, model.inputs
    )
    if reshape:
        model.reshape({info.name: info.partial_shape for info in infos})
    utils.pre_post_processing(model, infos, args.ip, args.op, args.iop)
    queue = filling.get_input_data([], infos)
    return Theirs(model, infos, queue.batch_sizes, queue.input_data)


def ours(model: str, options: list[str]) -> PreparedModel:
    config = read_invocation([model, *options]).config
    return Engine(allow_strings=False).prepare(config, None, lambda _: None)


def letters(layout: ov.Layout) -> str:
    return "" if layout.empty else str(layout).strip("[]").replace(",", "")


def compare(core: ov.Core, model: str, path: Path, options: list[str]) -> None:
    theirs = benchmark_app(core, path, options)
    prepared = ours(model, options)
    ports = prepared.info.inputs
    assert [port.element_type for port in ports] == [
        port.element_type.get_type_name() for port in theirs.model.inputs
    ]
    assert [[str(size) for size in port.partial_shape] for port in prepared.compiled.inputs] == [
        [str(size) for size in port.partial_shape] for port in theirs.model.inputs
    ]
    assert [port.element_type for port in prepared.info.outputs] == [
        port.element_type.get_type_name() for port in theirs.model.outputs
    ]
    assert [port.layout for port in ports] == [letters(info.layout) for info in theirs.infos]
    feeds = prepared.feeds
    period = max(len(tensors) for tensors in theirs.tensors.values())
    assert len(feeds) == period
    for place, feed in enumerate(feeds):
        for index, tensor in enumerate(feed.tensors):
            expected = theirs.tensors[index][place % len(theirs.tensors[index])]
            assert tuple(tensor.shape) == tuple(expected.shape)
            assert tensor.element_type == expected.element_type
            is_id = input_bounds(prepared.loaded.model)[index] is not None
            if ports[index].element_type not in _OWN_VALUES and not is_id:
                assert np.array_equal(tensor.data, expected.data)
        assert prepared.effective.shape_groups[feed.shape_group].batch == theirs.batches[place]
    assert prepared.effective.batch == theirs.batches[0]


OPTIONS: list[list[str]] = [
    [],
    ["-ip", "f32"],
    ["-ip", "f16", "-op", "f16"],
    ["-b", "3"],
    ["-b", "2", "-ip", "u8"],
]


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_the_default_built_in_model(core: ov.Core, options: list[str]) -> None:
    compare(core, "mobilenet-v2", store.model_path("mobilenet-v2"), options)


@pytest.mark.parametrize("name", [entry.name for entry in ZOO if entry.name != "yolo-v3-tf"])
def test_built_in_models_name_their_layout(core: ov.Core, name: str) -> None:
    # Their graphs only: compiling them all is another test's.
    model = store.load(core, name)
    infos, _ = utils.get_inputs_info("", "", "", "", "", "", model.inputs)
    assert [info.is_image for info in infos] == [True]


MODELS = {
    "face-detection-0200/FP16-INT8/face-detection-0200.xml": [
        [],
        ["-iop", "image:f16"],
        ["-layout", "[NCHW]", "-b", "2"],
        ["--mean_values", "[1,2,3]", "--scale_values", "image[4,5,6]"],
    ],
    "samplenet/ir/SampLeNet.xml": [[], ["-shape", "[2,3,32,32]"], ["-b", "4"]],
    "samplenet/samplenet.onnx": [[], ["-layout", "[N...]"]],
    "samplenet/samplenet.pb": [[], ["-ip", "f32"]],
    "samplenet/paddle/samplenet.pdmodel": [
        ["-b", "2"],
        ["-data_shape", "[2,3,32,32]"],
        ["-data_shape", "[2,3,32,32][1,3,32,32][5,3,32,32]"],
        ["-shape", "[1..8,3,32,32]", "-data_shape", "[4,3,32,32]"],
    ],
    "onnx-light/light_squeezenet.onnx": [[], ["-ip", "u8"]],
    "ultraface/version-RFB-320.onnx": [[], ["-iop", "input:f32,scores:f16"]],
    "ultraface/version-RFB-320_without_postprocessing.tflite": [
        ["-b", "1"],
        ["-data_shape", "[3,240,320,3]"],
    ],
    "ovms-tests/add_two_inputs_model/add.xml": [
        [],
        ["-layout", "[NC]"],
        ["-layout", "input1[NC],input2[NC]", "-b", "2"],
        ["-shape", "input1[4,10],input2[4,10]", "-layout", "[NC]"],
    ],
    "ovms-tests/no_name_output/model.xml": [[], ["-op", "f32"]],
    "ovms-tests/scalar/saved_model.xml": [[]],
    "ovms-tests/dummy_fp64/saved_model.xml": [
        ["-b", "2"],
        ["-data_shape", "[3,10]", "-ip", "f32", "-layout", "[NC]"],
    ],
    "ovms-tests/passthrough/passthrough.xml": [
        ["-shape", "[2,7]", "-layout", "[NC]"],
        ["-data_shape", "[2,7][3,9]", "-layout", "[NC]"],
    ],
    "ort-tests/bert_toy_optimized.onnx": [
        ["-data_shape", "[1,8]", "-layout", "[NC]"],
        ["-data_shape", "[2,8][2,8][2,8][4,8][4,8][4,8]", "-layout", "[NC]"],
        [
            "-data_shape",
            "input_ids[1,8][2,8],token_type_ids[1,8][2,8],input_mask[1,8][2,8]",
            "-layout",
            "[NC]",
        ],
    ],
}


@pytest.mark.parametrize(
    ("path", "options"),
    [(path, options) for path, sets in MODELS.items() for options in sets],
    ids=lambda value: Path(value).name if isinstance(value, str) else " ".join(value),
)
def test_a_real_model(core: ov.Core, shared_models: Path, path: str, options: list[str]) -> None:
    compare(core, str(shared_models / path), shared_models / path, options)
