"""Layers with seeded random weights, as openvino opset nodes in NCHW."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import openvino as ov
import openvino.opset1 as opset1
import openvino.opset13 as opset
from numpy.typing import NDArray
from openvino import Node

RELU_GAIN = math.sqrt(2.0)
"""He: a ReLU drops half of the second moment, so the layer before it doubles it."""

LINEAR_GAIN = 1.0

LOGIT_GAIN = 0.5
"""Before a softmax over many classes: keeps the smallest probability far from a denormal."""

PIXEL_STD = 74.0
"""Spread of pixels of 0 to 255; a first layer that takes them raw divides its gain by it."""

_BIAS_STD = 0.05
# Uniform draws take a sixth of the time of normal ones; they spread by 1 / sqrt(12).
_UNIT_DEVIATION = math.sqrt(12.0)
# NumPy holds the GIL while it draws; short draws let the screen go on between them.
_DRAW_VALUES = 1 << 20


class Layers:
    """Builds one model's layers; every weight comes from one generator, in building order.

    Weights are uniform with variance gain^2 / fan-in, so that activations stay of order 1
    from the input to the output and no layer meets a NaN, an infinity or a denormal.
    """

    def __init__(self, seed: int) -> None:
        self._rng = np.random.Generator(np.random.PCG64(seed))

    def conv(
        self,
        data: Node,
        channels: int,
        kernel: int,
        name: str,
        *,
        stride: int = 1,
        pads: tuple[int, int] | None = None,
        groups: int = 1,
        gain: float = RELU_GAIN,
        bias: NDArray[np.float32] | None = None,
    ) -> Node:
        """Convolve and add a bias; `groups` above 1 makes a GroupConvolution.

        Args:
            data: [N, C, H, W] with static C.
            channels: of the output.
            kernel: side of the square filter.
            name: friendly name of the convolution; the bias adds ``/bias``.
            stride: in both directions.
            pads: rows and columns added before and after; None keeps the size at stride 1.
            groups: must divide both channel counts.
            gain: `RELU_GAIN` before a ReLU, `LINEAR_GAIN` where none follows.
            bias: one value a channel; None draws small ones.
        """
        inputs = data.get_output_partial_shape(0)[1].get_length() // groups
        deviation = gain / math.sqrt(inputs * kernel * kernel)
        begin, end = pads if pads is not None else (kernel // 2, kernel // 2)
        strides, pads_begin, pads_end, dilations = [stride] * 2, [begin] * 2, [end] * 2, [1] * 2
        if groups == 1:
            filters = self._weights((channels, inputs, kernel, kernel), deviation, name)
            node = opset.convolution(
                data, filters, strides, pads_begin, pads_end, dilations, name=name
            )
        else:
            shape = (groups, channels // groups, inputs, kernel, kernel)
            filters = self._weights(shape, deviation, name)
            node = opset.group_convolution(
                data, filters, strides, pads_begin, pads_end, dilations, name=name
            )
        return self._add_bias(node, (1, channels, 1, 1), name, bias)

    def fully_connected(
        self, data: Node, channels: int, name: str, *, gain: float = RELU_GAIN
    ) -> Node:
        """Multiply [N, C] by a [channels, C] matrix and add a bias."""
        inputs = data.get_output_partial_shape(0)[1].get_length()
        weights = self._weights((channels, inputs), gain / math.sqrt(inputs), name)
        node = opset.matmul(data, weights, transpose_a=False, transpose_b=True, name=name)
        return self._add_bias(node, (1, channels), name, None)

    def _add_bias(
        self, node: Node, shape: Sequence[int], name: str, values: NDArray[np.float32] | None
    ) -> Node:
        if values is None:
            bias = self._weights(shape, _BIAS_STD, f"{name}/bias")
        else:
            bias = _constant(np.ascontiguousarray(values.reshape(shape)), f"{name}/bias")
        return opset.add(node, bias, name=f"{name}/bias_add")

    def _weights(self, shape: Sequence[int], deviation: float, name: str) -> Node:
        values = np.empty(math.prod(shape), dtype=np.float32)
        for start in range(0, values.size, _DRAW_VALUES):
            part = values[start : start + _DRAW_VALUES]
            self._rng.random(dtype=np.float32, out=part)
            part -= np.float32(0.5)
            part *= np.float32(deviation * _UNIT_DEVIATION)
        return _constant(values.reshape(shape), f"{name}/weights")


def image_input(name: str, shape: Sequence[int], layout: str) -> Node:
    """Make the f32 input of a model, with its tensor name and layout."""
    parameter = opset.parameter(list(shape), np.float32, name=name)
    parameter.set_layout(ov.Layout(layout))
    parameter.output(0).set_names({name})
    return parameter


def make_model(name: str, data: Node, outputs: Sequence[tuple[str, Node]]) -> ov.Model:
    """Close a graph: name the output tensors and make the model.

    Args:
        name: friendly name of the model.
        data: the node of `image_input`.
        outputs: tensor name and node of each output.
    """
    for tensor_name, node in outputs:
        node.output(0).set_names({tensor_name})
    results = [
        opset.result(node, name=f"{tensor_name}/sink_port_0") for tensor_name, node in outputs
    ]
    return ov.Model(results, [data], name)


def subtract_mean(data: Node, mean: Sequence[float], name: str) -> Node:
    """Subtract one value a channel from [N, C, H, W]."""
    values = np.array(mean, dtype=np.float32).reshape(1, -1, 1, 1)
    return opset.subtract(data, _constant(values, f"{name}/values"), name=name)


def scale(data: Node, factor: float, name: str) -> Node:
    """Multiply by one number."""
    values = np.array(factor, dtype=np.float32).reshape(1, 1, 1, 1)
    return opset.multiply(data, _constant(values, f"{name}/value"), name=name)


def relu(data: Node, name: str) -> Node:
    """Replace negatives by 0."""
    return opset.relu(data, name=name)


def relu6(data: Node, name: str) -> Node:
    """Clamp to 0 .. 6."""
    return opset.clamp(data, 0.0, 6.0, name=name)


def leaky_relu(data: Node, slope: float, name: str) -> Node:
    """Multiply negatives by `slope`."""
    return opset.prelu(data, _constant(np.array([slope], np.float32), f"{name}/slope"), name=name)


def max_pool(data: Node, kernel: int, stride: int, pad: int, name: str) -> Node:
    """Take the maximum of each window; the output size is rounded up, as Caffe does."""
    # opset1: later ones have a second output with indices, which nothing here reads.
    return opset1.max_pool(
        data, [stride] * 2, [pad] * 2, [pad] * 2, [kernel] * 2, "ceil", name=name
    )


def lrn(data: Node, name: str) -> Node:
    """Normalise across 5 neighbouring channels, with AlexNet's constants."""
    return opset.lrn(
        data, np.array([1], np.int64), alpha=1e-4, beta=0.75, bias=1.0, size=5, name=name
    )


def transpose(data: Node, order: Sequence[int], name: str) -> Node:
    """Permute the dimensions."""
    return opset.transpose(data, np.array(order, np.int64), name=name)


def reshape(data: Node, shape: Sequence[int], name: str) -> Node:
    """Reshape; 0 keeps a dimension, so that the batch stays free, and -1 takes the rest."""
    return opset.reshape(data, np.array(shape, np.int64), special_zero=True, name=name)


def _constant(values: NDArray[np.float32], name: str) -> Node:
    node = ov.op.Constant(values, shared_memory=True)
    node.set_friendly_name(name)
    return node
