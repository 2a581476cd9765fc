"""What each operation accepts at its inputs that are indices, lengths, offsets, axes or shapes.

Source of the intervals: the operation specifications of OpenVINO's opsets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import openvino as ov

from ovbench_tui.engine.inputs.value_bounds import Order, ValueBounds

Rule = Callable[[ov.Node], Iterable[tuple[int, ValueBounds]]]
"""Gives the bounds of each such port of a node by its number."""

MOST_COUNT = 255
"""Lengths that nothing in the model bounds end where benchmark_app's random values end."""


def rules() -> Mapping[str, Rule]:
    """The rule of each operation type that has such an input."""
    return {
        "Gather": _gather,
        "GatherElements": _along_axis_attribute(1),
        "GatherND": _gather_nd,
        "GatherTree": lambda node: [(2, _lengths(node, 0, 0))],
        "ScatterUpdate": _scatter_along_axis,
        "ScatterElementsUpdate": _scatter_along_axis,
        "ScatterNDUpdate": _scatter_nd,
        "EmbeddingBagOffsets": _embedding_bag_offsets,
        "EmbeddingBagOffsetsSum": _embedding_bag_offsets,
        "EmbeddingBagPacked": lambda node: [(1, _index(node, 0, 0))],
        "EmbeddingBagPackedSum": lambda node: [(1, _index(node, 0, 0))],
        "EmbeddingSegmentsSum": _embedding_segments,
        "ReverseSequence": lambda node: [(1, _lengths(node, 0, _attribute(node, "seq_axis", 1)))],
        "RNNSequence": lambda node: [(2, _lengths(node, 0, 1))],
        "GRUSequence": lambda node: [(2, _lengths(node, 0, 1))],
        "LSTMSequence": lambda node: [(3, _lengths(node, 0, 1))],
        "CTCGreedyDecoderSeqLen": lambda node: [(1, _lengths(node, 0, 1))],
        "CTCLoss": lambda node: [(1, _lengths(node, 0, 1)), (3, _lengths(node, 2, 1))],
        "ROIAlign": lambda node: [(2, _index(node, 0, 0))],
        "ROIAlignRotated": lambda node: [(2, _index(node, 0, 0))],
        "ROIPooling": lambda node: [(1, _index(node, 0, 0))],
        "PSROIPooling": lambda node: [(1, _index(node, 0, 0))],
        "DeformablePSROIPooling": lambda node: [(1, _index(node, 0, 0))],
        "TopK": lambda node: [(1, _lengths(node, 0, _attribute(node, "axis", -1)))],
        "OneHot": _one_hot,
        "Reshape": lambda node: [(1, _exact(node, (-1, 1)))],
        "Slice": _slice,
        "StridedSlice": _strided_slice,
        "Range": _range,
        "Broadcast": _broadcast,
        "Tile": lambda node: [(1, _exact(node, (1,)))],
        "Pad": lambda node: [(1, _exact(node, (0,))), (2, _exact(node, (0,)))],
        "Transpose": lambda node: [(1, _axes(node))],
        "Squeeze": lambda node: [(1, _unit_axes(node))],
        "Unsqueeze": lambda node: [(1, _axes(node))],
        "CumSum": lambda node: [(1, _exact(node, (0,)))],
        "Split": lambda node: [(1, _exact(node, (0,)))],
        "VariadicSplit": lambda node: [(1, _exact(node, (0,))), (2, _exact(node, (-1, 0)))],
        "Roll": lambda node: [(2, _axes(node))],
        "Eye": lambda node: [(port, _count(node)) for port in (0, 1)],
        "RandomUniform": lambda node: [(0, _exact(node, (1,)))],
        "AdaptiveAvgPool": lambda node: [(1, _exact(node, (1,)))],
        "AdaptiveMaxPool": lambda node: [(1, _exact(node, (1,)))],
        "NonMaxSuppression": lambda node: [(2, _lengths(node, 0, 1))],
        "Loop": lambda node: [(0, _count(node))],
        **dict.fromkeys(_REDUCTIONS, lambda node: [(1, _axes(node))]),
    }


_REDUCTIONS = (
    *("ReduceMax", "ReduceMin", "ReduceMean", "ReduceSum", "ReduceProd", "ReduceL1", "ReduceL2"),
    *("ReduceLogicalAnd", "ReduceLogicalOr"),
)


def constant_values(output: ov.Output) -> Sequence[int | float] | None:
    """The values of a constant, which may be converted; None where it is none."""
    node = output.get_node()
    while node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
    if node.get_type_name() != "Constant":
        return None
    values: list[int | float] = node.get_data().reshape(-1).tolist()
    return values


def size_of(node: ov.Node, port: int, axis: int) -> int | None:
    """Size of one axis of an input; None where it is dynamic.

    A state has the size of its first value where the variable itself leaves it open.
    """
    output = node.input_value(port)
    size = _static_size(output, axis)
    producer = output.get_node()
    if size is None and producer.get_type_name() == "ReadValue" and producer.get_input_size():
        size = _static_size(producer.input_value(0), axis)
    return size


def rank_of(node: ov.Node, port: int) -> int | None:
    """Rank of an input; None where it is dynamic."""
    rank = node.input_value(port).get_partial_shape().rank
    return None if rank.is_dynamic else int(rank.get_length())


def _static_size(output: ov.Output, axis: int) -> int | None:
    shape = output.get_partial_shape()
    if shape.rank.is_dynamic or not -len(shape) <= axis < len(shape):
        return None
    return int(shape[axis].get_length()) if shape[axis].is_static else None


def _index(node: ov.Node, port: int, *axes: int) -> ValueBounds:
    """An index into the shortest of these axes of an input."""
    sizes = [size_of(node, port, axis) for axis in axes]
    known = [size for size in sizes if size is not None]
    what = f"{node.get_type_name()} on an axis"
    if not axes or len(known) < len(sizes):
        return ValueBounds(0, 0, f"{what} of unknown size", is_unknown=True, may_crash=True)
    return ValueBounds(0, max(0, min(known) - 1), f"{what} of {min(known)}", may_crash=True)


def _lengths(node: ov.Node, port: int, axis: int) -> ValueBounds:
    """A length or count along an axis: at least 1."""
    size = size_of(node, port, axis)
    what = f"{node.get_type_name()} along an axis"
    if size is None:
        return ValueBounds(1, 1, f"{what} of unknown size", is_unknown=True, may_crash=True)
    return ValueBounds(1, max(1, size), f"{what} of {size}", may_crash=True)


def _count(node: ov.Node) -> ValueBounds:
    return ValueBounds(1, MOST_COUNT, f"a count of {node.get_type_name()}")


def _exact(node: ov.Node, values: tuple[int, ...]) -> ValueBounds:
    why = f"a shape or an axis of {node.get_type_name()}"
    return ValueBounds(min(values), max(values), why, exact=values)


def _axes(node: ov.Node) -> ValueBounds:
    """Different axes: the first ones."""
    rank = rank_of(node, 0)
    high = max(0, rank - 1) if rank is not None else 0
    return ValueBounds(0, high, f"axes of {node.get_type_name()}", order=Order.COUNTING)


def _unit_axes(node: ov.Node) -> ValueBounds:
    """Axes of size 1, as only those can be squeezed."""
    axes = [axis for axis in range(rank_of(node, 0) or 0) if size_of(node, 0, axis) == 1]
    return _exact(node, tuple(axes) or (0,))


def _attribute(node: ov.Node, name: str, otherwise: int) -> int:
    value = node.get_attributes().get(name, otherwise)
    return int(value)


def _axis_at(node: ov.Node, port: int) -> int | None:
    values = constant_values(node.input_value(port)) if node.get_input_size() > port else None
    return int(values[0]) if values else None


def _gather(node: ov.Node) -> Iterable[tuple[int, ValueBounds]]:
    axis = _axis_at(node, 2)
    yield 1, _index(node, 0, *(() if axis is None else (axis,)))
    yield 2, _exact(node, (0,))


def _along_axis_attribute(port: int) -> Rule:
    return lambda node: [(port, _index(node, 0, _attribute(node, "axis", 0)))]


def _coordinates(node: ov.Node, first: int) -> ValueBounds:
    """Rows of coordinates: the shortest of the axes that they address bounds them all."""
    count = size_of(node, 1, -1)
    rank = rank_of(node, 0)
    if count is None and rank is not None:
        count = rank - first
    return _index(node, 0, *range(first, first + (count or 0)))


def _gather_nd(node: ov.Node) -> Iterable[tuple[int, ValueBounds]]:
    yield 1, _coordinates(node, _attribute(node, "batch_dims", 0))


def _scatter_nd(node: ov.Node) -> Iterable[tuple[int, ValueBounds]]:
    yield 1, _coordinates(node, 0)


def _scatter_along_axis(node: ov.Node) -> Iterable[tuple[int, ValueBounds]]:
    axis = _axis_at(node, 3)
    yield 1, _index(node, 0, *(() if axis is None else (axis,)))
    yield 3, _exact(node, (0,))


def _embedding_bag_offsets(node: ov.Node) -> Iterable[tuple[int, ValueBounds]]:
    table = _index(node, 0, 0)
    yield 1, table
    yield 2, replace(_index(node, 1, 0), order=Order.ASCENDING)
    yield 3, table


def _embedding_segments(node: ov.Node) -> Iterable[tuple[int, ValueBounds]]:
    table = _index(node, 0, 0)
    yield 1, table
    segments = _axis_at(node, 3)
    why = f"{node.get_type_name()} of {segments or 'an unknown number of'} segments"
    high = max(0, segments - 1) if segments else 0
    yield 2, ValueBounds(0, high, why, order=Order.ASCENDING, may_crash=True)
    yield 3, _count(node)
    yield 4, table


def _one_hot(node: ov.Node) -> Iterable[tuple[int, ValueBounds]]:
    depth = _axis_at(node, 1)
    if depth is not None:
        yield 0, ValueBounds(0, max(0, depth - 1), f"OneHot of depth {depth}", may_crash=True)
    yield 1, _count(node)


def _slice(node: ov.Node) -> Iterable[tuple[int, ValueBounds]]:
    """All of every axis."""
    axes = constant_values(node.input_value(4)) if node.get_input_size() > 4 else None
    rank = rank_of(node, 0)
    sizes = [size_of(node, 0, int(axis)) for axis in axes or range(rank or 0)]
    yield 1, _exact(node, (0,))
    yield 2, _exact(node, tuple(size or _ALL for size in sizes) or (_ALL,))
    yield 3, _exact(node, (1,))
    yield 4, _axes(node)


_ALL = 2**31 - 1
"""An end beyond every size means all."""


def _strided_slice(node: ov.Node) -> Iterable[tuple[int, ValueBounds]]:
    sizes = [size_of(node, 0, axis) for axis in range(rank_of(node, 0) or 0)]
    yield 1, _exact(node, (0,))
    yield 2, _exact(node, tuple(size or _ALL for size in sizes) or (_ALL,))
    yield 3, _exact(node, (1,))


def _range(node: ov.Node) -> Iterable[tuple[int, ValueBounds]]:
    start = _axis_at(node, 0) or 0
    yield 0, _exact(node, (0,))
    yield 1, ValueBounds(start + 1, start + MOST_COUNT, "the end of Range")
    yield 2, _exact(node, (1,))


def _broadcast(node: ov.Node) -> Iterable[tuple[int, ValueBounds]]:
    """The data's own shape, behind as many ones as the target has more dimensions."""
    length = size_of(node, 1, 0)
    rank = rank_of(node, 0) or 0
    sizes = [size_of(node, 0, axis) for axis in range(rank)]
    more = (length if length is not None else rank) - rank
    bounds = _exact(node, (*(1,) * max(0, more), *(size or 1 for size in sizes)) or (1,))
    yield 1, replace(bounds, is_unknown=None in sizes)
