"""How large a model is: its parameters and its multiply-accumulates."""

from __future__ import annotations

import math

import openvino as ov
from openvino import Node

FLOP_PER_MAC = 2

_CONVOLUTIONS = frozenset(("Convolution", "GroupConvolution"))
_TRANSPOSED_CONVOLUTIONS = frozenset(("ConvolutionBackpropData", "GroupConvolutionBackpropData"))
_PRODUCTS = _CONVOLUTIONS | _TRANSPOSED_CONVOLUTIONS | {"MatMul"}
_RECURRENT = frozenset(
    f"{cell}{kind}" for cell in ("LSTM", "GRU", "RNN") for kind in ("Cell", "Sequence")
)
_WEIGHTED = (
    _PRODUCTS
    | _RECURRENT
    | {"Add", "Subtract", "Multiply", "Divide", "PRelu", "Gather", "BatchNormInference"}
)
# What may lie between stored weights and their consumer: decompression and quantization.
_LOOK_THROUGH = frozenset(
    ("Convert", "FakeConvert", "FakeQuantize", "Reshape", "Squeeze", "Transpose", "Unsqueeze")
)
_LOOK_THROUGH_LARGER = frozenset(("Multiply", "Subtract"))


def count_parameters(model: ov.Model) -> int:
    """Count the elements of the constants that serve as weights, biases and scales.

    Shape and index constants, clamp and quantization ranges, and the scales and zero points
    of compressed weights are left out; a constant with several consumers counts once.
    Bodies of loops and branches are not entered.
    """
    foldable: set[str] = set()
    sizes: dict[str, int] = {}
    for node in model.get_ordered_ops():
        sources = [value.get_node() for value in node.input_values()]
        if _is_foldable(node, sources, foldable):
            foldable.add(node.get_name())
        elif node.get_type_name() in _WEIGHTED:
            for value, source in zip(node.input_values(), sources, strict=True):
                if source.get_name() in foldable and value.get_element_type().is_real():
                    stored = _stored(source)
                    sizes[stored.get_name()] = _element_count(stored)
    return sum(sizes.values())


def count_macs(model: ov.Model) -> int | None:
    """Count the multiply-accumulates of convolutions and matrix products for one inference.

    Returns None when the shape of one of them is dynamic: give the model static shapes
    first. Recurrent cells and the bodies of loops and branches are not counted.
    """
    total = 0
    for node in model.get_ordered_ops():
        macs = _node_macs(node)
        if macs is None:
            return None
        total += macs
    return total


def _is_foldable(node: Node, sources: list[Node], foldable: set[str]) -> bool:
    if node.get_type_name() == "Constant":
        return True
    # A ReadValue holds state that changes between inferences, whatever it starts from.
    if not sources or node.get_type_name() == "ReadValue":
        return False
    return all(source.get_name() in foldable for source in sources)


def _stored(node: Node) -> Node:
    """Follow a foldable node to what is stored; to itself when it is generated."""
    while True:
        kind = node.get_type_name()
        if kind in _LOOK_THROUGH:
            node = node.input_value(0).get_node()
        elif kind in _LOOK_THROUGH_LARGER:
            node = max((value.get_node() for value in node.input_values()), key=_element_count)
        else:
            return node


def _element_count(node: Node) -> int:
    shape = node.get_output_partial_shape(0)
    return 0 if shape.is_dynamic else math.prod(_static(shape))


def _static(shape: ov.PartialShape) -> tuple[int, ...]:
    return tuple(int(size) for size in shape.to_shape())


def _node_macs(node: Node) -> int | None:
    kind = node.get_type_name()
    if kind not in _PRODUCTS:
        return 0
    shapes = [value.get_partial_shape() for value in (*node.input_values()[:2], node.output(0))]
    if any(shape.is_dynamic for shape in shapes):
        return None
    data, weights, output = (_static(shape) for shape in shapes)
    if kind == "MatMul":
        # A vector has only the dimension that is summed over.
        transposed = len(data) > 1 and bool(node.get_attributes()["transpose_a"])
        return math.prod(output) * data[-2 if transposed else -1]
    # Filters are [C_out, C_in, ...] or [G, C_out / G, C_in / G, ...], and the other way
    # round for transposed ones; each output (input) value takes all but the first of these.
    leading = 2 if kind.startswith("Group") else 1
    values = data if kind in _TRANSPOSED_CONVOLUTIONS else output
    return math.prod(values) * math.prod(weights[leading:])
