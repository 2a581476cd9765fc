"""MobileNetV2, width 1.0: the small classifier, and the blocks that detectors share."""

from __future__ import annotations

import openvino as ov
import openvino.opset13 as opset
from openvino import Node

from ovbench_tui.engine.zoo.layers import (
    LINEAR_GAIN,
    LOGIT_GAIN,
    PIXEL_STD,
    RELU_GAIN,
    Layers,
    image_input,
    make_model,
    relu6,
    subtract_mean,
)

RESOLUTION = 160
"""Of the classifier; one of the published ones, with a few ms an inference on two cores."""

_MEAN = (103.94, 116.78, 123.68)

STAGES = (
    # expansion, channels, blocks, stride of the first block
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def build() -> ov.Model:
    """Build the classifier: ``data`` [1,3,160,160] NCHW to ``prob`` [1,1000]."""
    layers = Layers(seed=2018)
    data = image_input("data", (1, 3, RESOLUTION, RESOLUTION), "NCHW")
    x = subtract_mean(data, _MEAN, "data/mean")
    x = layers.conv(x, 32, 3, "conv1", stride=2, gain=RELU_GAIN / PIXEL_STD)
    x = relu6(x, "conv1/relu6")
    for stage, (expansion, channels, blocks, first_stride) in enumerate(STAGES, start=1):
        for block in range(1, blocks + 1):
            stride = first_stride if block == 1 else 1
            x = inverted_residual(
                layers, x, channels, expansion, f"block{stage}_{block}", stride=stride
            )
    x = relu6(layers.conv(x, 1280, 1, "conv9"), "conv9/relu6")
    x = opset.reduce_mean(x, [2, 3], keep_dims=False, name="pool10")
    x = layers.fully_connected(x, 1000, "fc10", gain=LOGIT_GAIN)
    return make_model("mobilenet-v2", data, [("prob", opset.softmax(x, 1, name="prob"))])


def inverted_residual(
    layers: Layers,
    data: Node,
    channels: int,
    expansion: int,
    name: str,
    *,
    stride: int = 1,
    always_expand: bool = False,
) -> Node:
    """Expand by a 1x1, filter each channel by a 3x3, project by a linear 1x1.

    The input is added where its size and channels equal the output's. `always_expand`
    keeps the 1x1 at expansion 1, where MobileNetV2 itself has none.
    """
    inputs = data.get_output_partial_shape(0)[1].get_length()
    hidden = inputs * expansion
    x = data
    if expansion > 1 or always_expand:
        x = relu6(layers.conv(x, hidden, 1, f"{name}/expand"), f"{name}/expand/relu6")
    x = layers.conv(x, hidden, 3, f"{name}/depthwise", stride=stride, groups=hidden)
    x = relu6(x, f"{name}/depthwise/relu6")
    x = layers.conv(x, channels, 1, f"{name}/project", gain=LINEAR_GAIN)
    if stride == 1 and inputs == channels:
        x = opset.add(data, x, name=f"{name}/add")
    return x
