"""GoogLeNet (Inception v1) as BVLC published it, without the training heads."""

from __future__ import annotations

from typing import NamedTuple

import openvino as ov
import openvino.opset13 as opset
from openvino import Node

from ovbench_tui.engine.zoo.layers import (
    LOGIT_GAIN,
    PIXEL_STD,
    RELU_GAIN,
    Layers,
    image_input,
    lrn,
    make_model,
    max_pool,
    relu,
    reshape,
    subtract_mean,
)

_MEAN = (104.0, 117.0, 123.0)


class _Inception(NamedTuple):
    """Output channels of one module's convolutions; `reduce` come before the large ones."""

    name: str
    conv1x1: int
    reduce3x3: int
    conv3x3: int
    reduce5x5: int
    conv5x5: int
    pool_proj: int


_STAGES = (
    (
        _Inception("inception_3a", 64, 96, 128, 16, 32, 32),
        _Inception("inception_3b", 128, 128, 192, 32, 96, 64),
    ),
    (
        _Inception("inception_4a", 192, 96, 208, 16, 48, 64),
        _Inception("inception_4b", 160, 112, 224, 24, 64, 64),
        _Inception("inception_4c", 128, 128, 256, 24, 64, 64),
        _Inception("inception_4d", 112, 144, 288, 32, 64, 64),
        _Inception("inception_4e", 256, 160, 320, 32, 128, 128),
    ),
    (
        _Inception("inception_5a", 256, 160, 320, 32, 128, 128),
        _Inception("inception_5b", 384, 192, 384, 48, 128, 128),
    ),
)


def build() -> ov.Model:
    """Build it: ``data`` [1,3,224,224] NCHW to ``prob`` [1,1000]."""
    layers = Layers(seed=2014)
    data = image_input("data", (1, 3, 224, 224), "NCHW")
    x = subtract_mean(data, _MEAN, "data/mean")
    x = layers.conv(x, 64, 7, "conv1/7x7_s2", stride=2, gain=RELU_GAIN / PIXEL_STD)
    x = lrn(max_pool(relu(x, "conv1/relu"), 3, 2, 0, "pool1/3x3_s2"), "pool1/norm1")
    x = relu(layers.conv(x, 64, 1, "conv2/3x3_reduce"), "conv2/relu_3x3_reduce")
    x = relu(layers.conv(x, 192, 3, "conv2/3x3"), "conv2/relu_3x3")
    x = lrn(x, "conv2/norm2")
    for number, stage in enumerate(_STAGES, start=2):
        x = max_pool(x, 3, 2, 0, f"pool{number}/3x3_s2")
        for module in stage:
            x = _inception(layers, x, module)
    x = opset.avg_pool(x, [1, 1], [0, 0], [0, 0], [7, 7], True, name="pool5/7x7_s1")
    x = reshape(x, (0, -1), "flatten")
    x = layers.fully_connected(x, 1000, "loss3/classifier", gain=LOGIT_GAIN)
    return make_model("googlenet-v1", data, [("prob", opset.softmax(x, 1, name="prob"))])


def _inception(layers: Layers, data: Node, module: _Inception) -> Node:
    def conv(x: Node, channels: int, kernel: int, part: str) -> Node:
        x = layers.conv(x, channels, kernel, f"{module.name}/{part}")
        return relu(x, f"{module.name}/relu_{part}")

    branch3 = conv(data, module.reduce3x3, 1, "3x3_reduce")
    branch5 = conv(data, module.reduce5x5, 1, "5x5_reduce")
    pooled = max_pool(data, 3, 1, 1, f"{module.name}/pool")
    branches = [
        conv(data, module.conv1x1, 1, "1x1"),
        conv(branch3, module.conv3x3, 3, "3x3"),
        conv(branch5, module.conv5x5, 5, "5x5"),
        conv(pooled, module.pool_proj, 1, "pool_proj"),
    ]
    return opset.concat(branches, 1, name=f"{module.name}/output")
