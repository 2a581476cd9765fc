"""The states that a model keeps from one inference to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import openvino as ov
from openvino import opset13

from ovbench_tui.config.shapes import Shape

_MOST_STEPS = 256


@dataclass(frozen=True, slots=True)
class StateFacts:
    """How many states a model has.

    Attributes:
        growing: those of them that every inference lengthens, as a cache of keys and values.
    """

    count: int = 0
    growing: int = 0


def find_states(model: ov.Model) -> StateFacts:
    """Count the states."""
    sinks = [sink for sink in model.get_sinks() if sink.get_type_name() == "Assign"]
    return StateFacts(len(sinks), sum(map(_grows, sinks)))


def count_states(compiled: ov.CompiledModel) -> StateFacts:
    """Count the states of a model that cannot be looked into; which of them grow is unknown."""
    return StateFacts(len(compiled.create_infer_request().query_state()))


def fits_state(model: ov.Model, shapes: Sequence[Shape]) -> bool:
    """Whether a second inference with the same inputs fits the state that the first one left.

    Tried on clones by shape inference alone: an inference that fails could leave a compiled
    model broken for good (seen on CPU, 2026.4).

    Args:
        shapes: of the tensors, one an input.
    """
    first, second = model.clone(), model.clone()
    sizes = {index: ov.PartialShape(list(shape)) for index, shape in enumerate(shapes)}
    try:
        first.reshape(sizes)
    except RuntimeError:
        return True  # the first inference says what is wrong
    left = {
        sink.get_attributes()["variable_id"]: sink.input_value(0).get_partial_shape()
        for sink in first.get_sinks()
        if sink.get_type_name() == "Assign"
    }
    parameters = []
    for node in second.get_ops():
        if node.get_type_name() != "ReadValue":
            continue
        shape = left.get(node.get_attributes()["variable_id"], ov.PartialShape.dynamic())
        parameter = opset13.parameter(shape, node.get_output_element_type(0))
        for target in node.output(0).get_target_inputs():
            target.replace_source_output(parameter.output(0))
        parameters.append(parameter)
    # Behind the inputs, so that their indices stay.
    second.add_parameters(parameters)
    try:
        second.reshape(sizes)
    except RuntimeError:
        return False
    return True


def _grows(assign: ov.Node) -> bool:
    """Whether what is stored is what was read, with something behind it, at an open length."""
    shape = assign.input_value(0).get_partial_shape()
    if shape.rank.is_dynamic or not any(size.is_dynamic for size in list(shape)[1:]):
        return False
    name = assign.get_attributes()["variable_id"]
    waiting = [(assign.input_value(0).get_node(), False)]
    seen: set[tuple[str, bool]] = set()
    for _ in range(_MOST_STEPS):
        if not waiting:
            return False
        node, is_behind = waiting.pop()
        kind = node.get_type_name()
        if kind == "ReadValue" and node.get_attributes()["variable_id"] == name:
            if is_behind:
                return True
            continue
        key = (node.get_name(), is_behind)
        if key not in seen:
            seen.add(key)
            is_after = is_behind or kind == "Concat"
            waiting += [
                (node.input_value(port).get_node(), is_after)
                for port in range(node.get_input_size())
            ]
    return False
