"""Multiply-accumulates of one operation, from its shapes.

Every formula counts the products of weights or activations that are added up, as if they were
dense: the shapes are those of OpenVINO's operation specification (docs.openvino.ai, "Operation
Specifications"). What is done once an element (biases, activations, softmax) is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from openvino import Node

Shape = tuple[int, ...]

_ELLIPSIS = "..."


def node_macs(node: Node) -> int | None:
    """Count those of one operation; 0 where none of its kind are counted, None = dynamic shape."""
    counted = _COUNTED.get(node.get_type_name())
    if counted is None:
        return 0
    shapes = [value.get_partial_shape() for value in (*node.input_values(), node.output(0))]
    wanted = shapes if counted.indices is None else [shapes[index] for index in counted.indices]
    if any(shape.is_dynamic for shape in wanted):
        return None
    sizes = [tuple(int(size) for size in shape.to_shape()) for shape in wanted]
    return counted.count(node, sizes)


def is_counted(kind: str) -> bool:
    """Whether there is a formula for this type of operation."""
    return kind in _COUNTED


class _Rule:
    """How one type is counted.

    Args:
        indices: inputs whose shapes are needed, -1 = the first output; None = all.
    """

    def __init__(
        self,
        count: Callable[[Node, Sequence[Shape]], int],
        indices: tuple[int, ...] | None = (0, 1, -1),
    ) -> None:
        self.count = count
        self.indices = indices


def _matrix_product(node: Node, shapes: Sequence[Shape]) -> int:
    """[..., M, K] x [..., K, N]: each of the outputs is a sum over K."""
    data, _, output = shapes
    # A vector has only the dimension that is summed over.
    transposed = len(data) > 1 and bool(node.get_attributes()["transpose_a"])
    return math.prod(output) * data[-2 if transposed else -1]


def _convolution(leading: int) -> Callable[[Node, Sequence[Shape]], int]:
    """Filters are [C_out, C_in, ...], or [G, C_out / G, C_in / G, ...] with `leading` = 2.

    Each output value is a sum over what follows C_out.
    """
    return lambda _, shapes: math.prod(shapes[2]) * math.prod(shapes[1][leading:])


def _transposed_convolution(leading: int) -> Callable[[Node, Sequence[Shape]], int]:
    """Filters are [C_in, C_out, ...]: each input value is multiplied with what follows C_in."""
    return lambda _, shapes: math.prod(shapes[0]) * math.prod(shapes[1][leading:])


def _cell(_: Node, shapes: Sequence[Shape]) -> int:
    """X [B, I] x W [G*H, I] and H [B, H] x R [G*H, H]: B * G*H * (I + H).

    G = 4 gates of an LSTM, 3 of a GRU, 1 of an RNN (Hochreiter and Schmidhuber 1997; Cho et al.
    2014; as in LSTMCell-1, GRUCell-3, RNNCell-1).
    """
    data, weights, recurrence = shapes
    return data[0] * (math.prod(weights) + math.prod(recurrence))


def _sequence(_: Node, shapes: Sequence[Shape]) -> int:
    """A cell for each of the T steps of X [B, T, I] in each of D directions: B * T * D * cell.

    W is [D, G*H, I] and R is [D, G*H, H] (LSTMSequence-5, GRUSequence-5, RNNSequence-5). Shorter
    sequences of a batch, which only the data tell, are counted in full.
    """
    data, weights, recurrence = shapes
    return data[0] * data[1] * (math.prod(weights) + math.prod(recurrence))


def _attention(_: Node, shapes: Sequence[Shape]) -> int:
    """Q [N, L, E] x K' [N, E, S] and the softmax of it x V [N, S, Ev]: N * L * S * (E + Ev).

    softmax(QK'/sqrt(E))V of Vaswani et al. 2017, as in ScaledDotProductAttention-13. What a mask
    leaves out is counted, too; N is that of the output, to which fewer heads of K and V spread.
    """
    query, key, value, output = shapes
    return math.prod(output[:-2]) * query[-2] * key[-2] * (query[-1] + value[-1])


def _einsum(node: Node, shapes: Sequence[Shape]) -> int:
    """Two operands at a time, from the left: the product of the sizes of all their labels.

    That is one multiplication for each point of the index space of the pair, as in
    numpy.einsum_path's "naive scaling" of a pair (Einsum-7). One operand is only added up or
    transposed, which is no product.
    """
    inputs, output, sizes = _labels(node.get_attributes()["equation"], shapes[:-1])
    macs, left = 0, inputs[0]
    for number, right in enumerate(inputs[1:], start=1):
        both = left | right
        macs += math.prod(sizes[label] for label in both)
        later = output.union(*inputs[number + 1 :])
        left = both & later
    return macs


def _labels(
    equation: str, shapes: Sequence[Shape]
) -> tuple[list[set[str]], set[str], Mapping[str, int]]:
    """The labels of each operand and of the output, and the size of each label.

    Dimensions below an ellipsis are labelled from the right, since they broadcast.
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    sizes: dict[str, int] = {}
    inputs: list[set[str]] = []
    for term, shape in zip(left.split(","), shapes, strict=True):
        before, dots, after = term.partition(_ELLIPSIS)
        hidden = len(shape) - len(before) - len(after) if dots else 0
        names = [*before, *(f"{_ELLIPSIS}{number}" for number in range(hidden, 0, -1)), *after]
        for name, size in zip(names, shape, strict=True):
            sizes[name] = max(size, sizes.get(name, 1))
        inputs.append(set(names))
    hidden_names = {name for name in sizes if name.startswith(_ELLIPSIS)}
    if arrow:
        output = set(right.replace(_ELLIPSIS, ""))
        return inputs, output | (hidden_names if _ELLIPSIS in right else set()), sizes
    # Without an arrow the output has what stands there once.
    return inputs, {name for name in sizes if left.count(name) == 1} | hidden_names, sizes


_COUNTED: Mapping[str, _Rule] = {
    "MatMul": _Rule(_matrix_product),
    "Convolution": _Rule(_convolution(1)),
    "GroupConvolution": _Rule(_convolution(2)),
    "ConvolutionBackpropData": _Rule(_transposed_convolution(1)),
    "GroupConvolutionBackpropData": _Rule(_transposed_convolution(2)),
    # What its offsets need to interpolate the input is left out.
    "DeformableConvolution": _Rule(_convolution(1), (0, 2, -1)),
    # X, H, [C,] W, R: the memory of an LSTM moves the weights by one.
    "LSTMCell": _Rule(_cell, (0, 3, 4)),
    "GRUCell": _Rule(_cell, (0, 2, 3)),
    "RNNCell": _Rule(_cell, (0, 2, 3)),
    "LSTMSequence": _Rule(_sequence, (0, 4, 5)),
    "GRUSequence": _Rule(_sequence, (0, 3, 4)),
    "RNNSequence": _Rule(_sequence, (0, 3, 4)),
    "ScaledDotProductAttention": _Rule(_attention, (0, 1, 2, -1)),
    "Einsum": _Rule(_einsum, None),
}
