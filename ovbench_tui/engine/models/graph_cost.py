"""How large a model is: its parameters and its multiply-accumulates."""

from __future__ import annotations

import math
from collections import Counter
from functools import cache
from pkgutil import iter_modules

import openvino as ov
from openvino import Node

from ovbench_tui.engine.models.node_macs import is_counted, node_macs

FLOP_PER_MAC = 2

_PRODUCTS = frozenset(
    (
        *("Convolution", "GroupConvolution", "DeformableConvolution", "MatMul", "Einsum"),
        *("ConvolutionBackpropData", "GroupConvolutionBackpropData"),
    )
)
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
_LABORIOUS = frozenset(
    (
        *("If", "Loop", "TensorIterator"),
        *("DFT", "IDFT", "RDFT", "IRDFT", "STFT", "ISTFT"),
        *("BinaryConvolution", "Inverse"),
    )
)


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
    """Count the multiply-accumulates of one inference, for the operations of `node_macs`.

    Returns None when the shape of one of them is dynamic: give the model static shapes
    first. What `uncounted_operations` names is left out.
    """
    total = 0
    for node in model.get_ordered_ops():
        macs = node_macs(node)
        if macs is None:
            return None
        total += macs
    return total


def uncounted_operations(model: ov.Model) -> tuple[tuple[str, int], ...]:
    """Types that may do much arithmetic of which nothing is counted, and how many; most first.

    Those are loops and branches, whose bodies are not entered, transforms, and types of no
    public operation set, of which nothing is known. What does a few operations an element
    (element-wise arithmetic, activations, pooling, normalization) is not named.
    """
    kinds = Counter(node.get_type_name() for node in model.get_ops())
    found = {
        kind: count
        for kind, count in kinds.items()
        if not is_counted(kind) and (kind in _LABORIOUS or not _is_public(kind))
    }
    return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _is_public(kind: str) -> bool:
    """Whether some operation set has it; their functions are named as the types are."""
    return kind.lower() in _public_operations() or kind in ("Parameter", "Result", "Constant")


@cache
def _public_operations() -> frozenset[str]:
    sets = (module.name for module in iter_modules(ov.__path__) if module.name.startswith("opset"))
    names = {name for one in sets for name in dir(getattr(ov, one))}
    return frozenset(name.replace("_", "").lower() for name in names)


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
