"""AlexNet as BVLC published it: five convolutions, three fully connected layers."""

from __future__ import annotations

import openvino as ov
import openvino.opset13 as opset

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


def build() -> ov.Model:
    """Build it: ``data`` [1,3,227,227] NCHW to ``prob`` [1,1000]."""
    layers = Layers(seed=2012)
    data = image_input("data", (1, 3, 227, 227), "NCHW")
    x = subtract_mean(data, _MEAN, "data/mean")
    x = layers.conv(x, 96, 11, "conv1", stride=4, pads=(0, 0), gain=RELU_GAIN / PIXEL_STD)
    x = max_pool(lrn(relu(x, "relu1"), "norm1"), 3, 2, 0, "pool1")
    x = layers.conv(x, 256, 5, "conv2", groups=2)
    x = max_pool(lrn(relu(x, "relu2"), "norm2"), 3, 2, 0, "pool2")
    x = relu(layers.conv(x, 384, 3, "conv3"), "relu3")
    x = relu(layers.conv(x, 384, 3, "conv4", groups=2), "relu4")
    x = relu(layers.conv(x, 256, 3, "conv5", groups=2), "relu5")
    x = reshape(max_pool(x, 3, 2, 0, "pool5"), (0, -1), "flatten")
    x = relu(layers.fully_connected(x, 4096, "fc6"), "relu6")
    x = relu(layers.fully_connected(x, 4096, "fc7"), "relu7")
    x = layers.fully_connected(x, 1000, "fc8", gain=LOGIT_GAIN)
    return make_model("alexnet", data, [("prob", opset.softmax(x, 1, name="prob"))])
