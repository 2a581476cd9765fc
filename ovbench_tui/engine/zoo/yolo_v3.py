"""YOLOv3 as converted from Keras: Darknet-53 and three detection heads."""

from __future__ import annotations

import math

import numpy as np
import openvino as ov
import openvino.opset13 as opset
from openvino import Node

from ovbench_tui.engine.zoo.layers import (
    LINEAR_GAIN,
    Layers,
    image_input,
    leaky_relu,
    make_model,
    scale,
    transpose,
)

_SLOPE = 0.1
_LEAKY_GAIN = math.sqrt(2 / (1 + _SLOPE**2))
# 23 residual blocks add up; at full gain each would double the second moment.
_RESIDUAL_GAIN = 0.3 * _LEAKY_GAIN

_BACKBONE = ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4))
"""Channels and residual blocks of each stage; each halves the size first."""

_OUTPUT_CHANNELS = 3 * (5 + 80)


class _Yolo:
    """Numbers the convolutions as Keras does, so that layers can be found by their names."""

    def __init__(self) -> None:
        self._layers = Layers(seed=2003)
        self._count = 0

    def conv(
        self, x: Node, channels: int, kernel: int, *, stride: int = 1, gain: float = _LEAKY_GAIN
    ) -> Node:
        """Convolve, add a bias and apply LeakyReLU."""
        name = self._next_name()
        # Darknet pads a strided convolution at the top and the left only.
        pads = (1, 0) if stride == 2 else None
        x = self._layers.conv(x, channels, kernel, name, stride=stride, pads=pads, gain=gain)
        return leaky_relu(x, _SLOPE, f"{name}/leaky_relu")

    def residual(self, x: Node, channels: int) -> Node:
        """Add to x what a 1x1 and a 3x3 convolution make of it."""
        y = self.conv(x, channels // 2, 1)
        y = self.conv(y, channels, 3, gain=_RESIDUAL_GAIN)
        return opset.add(x, y, name=f"conv2d_{self._count - 1}/add")

    def neck(self, x: Node, channels: int) -> Node:
        """Alternate five 1x1 and 3x3 convolutions."""
        for _ in range(2):
            x = self.conv(x, channels, 1)
            x = self.conv(x, 2 * channels, 3)
        return self.conv(x, channels, 1)

    def head(self, x: Node, channels: int) -> tuple[str, Node]:
        """Predict raw boxes in NHWC; returns the tensor name and the node."""
        x = self.conv(x, channels, 3)
        name = self._next_name()
        x = self._layers.conv(x, _OUTPUT_CHANNELS, 1, name, gain=LINEAR_GAIN)
        return f"{name}/BiasAdd", transpose(x, (0, 2, 3, 1), f"{name}/nhwc")

    def upsample(self, x: Node, channels: int, onto: Node) -> Node:
        """Reduce x to `channels`, double its size and put it before `onto`."""
        x = self.conv(x, channels, 1)
        name = f"conv2d_{self._count - 1}"
        x = opset.interpolate(
            x,
            np.array([2.0, 2.0], np.float32),
            "nearest",
            "scales",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
            axes=np.array([2, 3], np.int64),
            name=f"{name}/upsample",
        )
        return opset.concat([x, onto], 1, name=f"{name}/concat")

    def _next_name(self) -> str:
        # Keras numbers from 0 and leaves the 0 out.
        name = f"conv2d_{self._count}" if self._count else "conv2d"
        self._count += 1
        return name


def build() -> ov.Model:
    """Build it: ``input_1`` [1,416,416,3] NHWC to raw boxes of 13, 26 and 52 cells a side.

    Outputs are [1,13,13,255], [1,26,26,255] and [1,52,52,255]: 3 boxes of 85 values a cell.
    """
    yolo = _Yolo()
    image = image_input("input_1", (1, 416, 416, 3), "NHWC")
    x = scale(transpose(image, (0, 3, 1, 2), "input_1/nchw"), 1 / 255, "input_1/scale")
    x = yolo.conv(x, 32, 3)
    stages: list[Node] = []
    for channels, blocks in _BACKBONE:
        x = yolo.conv(x, channels, 3, stride=2)
        for _ in range(blocks):
            x = yolo.residual(x, channels)
        stages.append(x)

    x = yolo.neck(x, 512)
    coarse = yolo.head(x, 1024)
    x = yolo.neck(yolo.upsample(x, 256, stages[3]), 256)
    middle = yolo.head(x, 512)
    x = yolo.neck(yolo.upsample(x, 128, stages[2]), 128)
    fine = yolo.head(x, 256)
    return make_model("yolo-v3-tf", image, [coarse, middle, fine])
