"""Axes of inputs that may have a size of 0, since the model puts something behind them."""

from __future__ import annotations

from collections.abc import Mapping

import openvino as ov

from ovbench_tui.engine.inputs.index_rules import constant_values, rank_of

_MOST_STEPS = 64
_SAME_SHAPE = frozenset({"Convert", "FakeQuantize", "Multiply", "Add", "Subtract", "Divide"})


def empty_axes(model: ov.Model) -> Mapping[int, frozenset[int]]:
    """For each input the dynamic axes that are lengthened by a Concat, as a past's is.

    With such an axis of 0 there is still something to infer: what is behind it.
    """
    found = {}
    for index, port in enumerate(model.inputs):
        shape = port.partial_shape
        if shape.rank.is_static:
            axes = (axis for axis, size in enumerate(shape) if size.is_dynamic)
            found[index] = frozenset(axis for axis in axes if _is_lengthened(port, axis))
    return found


def _is_lengthened(port: ov.Output, axis: int) -> bool:
    waiting = [(port, axis)]
    for _ in range(_MOST_STEPS):
        if not waiting:
            return False
        output, axis = waiting.pop()
        for target in output.get_target_inputs():
            node = target.get_node()
            after = _axis_after(node, target.get_index(), axis)
            if after is None:
                continue
            if node.get_type_name() == "Concat" and after == _concat_axis(node):
                return bool(node.get_input_size() > 1)
            waiting.append((node.output(0), after))
    return False


def _axis_after(node: ov.Node, port: int, axis: int) -> int | None:
    """Where an axis of an input is in the result; None where that is not known."""
    kind = node.get_type_name()
    rank = rank_of(node, port)
    if kind == "Concat":
        return axis
    if kind in _SAME_SHAPE:
        is_same = rank is not None and node.output(0).get_partial_shape().rank == rank
        return axis if is_same else None
    if port or rank is None:
        return None
    if kind == "Transpose":
        order = constant_values(node.input_value(1))
        return list(order).index(axis) if order and axis in order else None
    if kind == "Gather":
        picked, more = constant_values(node.input_value(2)), rank_of(node, 1)
        if not picked or more is None or int(picked[0]) % rank == axis:
            return None
        return axis + more - 1 if int(picked[0]) % rank < axis else axis
    return None


def _concat_axis(node: ov.Node) -> int | None:
    rank = node.output(0).get_partial_shape().rank
    axis = int(node.get_attributes()["axis"])
    return axis % rank.get_length() if rank.is_static else None
