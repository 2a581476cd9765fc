"""The states that a model keeps from one inference to the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
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
    """Whether a second inference with the same inputs fits the state that the first one left."""
    return follows(model, shapes, shapes)


def follows(model: ov.Model, first: Sequence[Shape], then: Sequence[Shape]) -> bool:
    """Whether an inference fits the state that another one, on an empty state, left.

    Tried on clones by shape inference alone: an inference that fails could leave a compiled
    model broken for good (seen on CPU, 2026.4).

    Args:
        first, then: shapes of the tensors of either, one an input.
    """
    sizes = sizes_of(first)
    read = model.clone()
    try:
        read.reshape(sizes)
        begun = {
            _variable(node): node.input_value(0).get_partial_shape()
            for node in read.get_ops()
            if node.get_type_name() == "ReadValue" and node.get_input_size()
        }
        left = _states_after(model, sizes, begun)
    except RuntimeError:
        return True  # the first inference says what is wrong
    try:
        _states_after(model, sizes_of(then), left)
    except RuntimeError:
        return False
    return True


def sizes_of(shapes: Sequence[Shape]) -> dict[int, ov.PartialShape]:
    """The shapes of all inputs, as a model is reshaped to them."""
    return {index: ov.PartialShape(list(shape)) for index, shape in enumerate(shapes)}


def _states_after(
    model: ov.Model,
    sizes: Mapping[int, ov.PartialShape],
    states: Mapping[str, ov.PartialShape],
) -> dict[str, ov.PartialShape]:
    """Shapes of the states that an inference leaves, by variable.

    Args:
        sizes: of the inputs, by index.
        states: what the inference finds; where nothing is known, any shape.

    Raises:
        RuntimeError: the inputs do not fit the states.
    """
    clone = model.clone()
    parameters = []
    for node in clone.get_ops():
        if node.get_type_name() != "ReadValue":
            continue
        shape = states.get(_variable(node), ov.PartialShape.dynamic())
        parameter = opset13.parameter(shape, node.get_output_element_type(0))
        for target in node.output(0).get_target_inputs():
            target.replace_source_output(parameter.output(0))
        parameters.append(parameter)
    # Behind the inputs, so that their indices stay.
    clone.add_parameters(parameters)
    clone.reshape(sizes)
    return {
        _variable(sink): sink.input_value(0).get_partial_shape()
        for sink in clone.get_sinks()
        if sink.get_type_name() == "Assign"
    }


def _variable(node: ov.Node) -> str:
    return str(node.get_attributes()["variable_id"])


def _grows(assign: ov.Node) -> bool:
    """Whether what is stored is what was read, with something behind it, at an open length."""
    shape = assign.input_value(0).get_partial_shape()
    if shape.rank.is_dynamic or not any(size.is_dynamic for size in list(shape)[1:]):
        return False
    name = _variable(assign)
    # Near nodes first: what is stored hangs together with the whole model.
    waiting = deque([(assign.input_value(0).get_node(), False)])
    seen: set[tuple[str, bool]] = set()
    for _ in range(_MOST_STEPS):
        if not waiting:
            return False
        node, is_behind = waiting.popleft()
        kind = node.get_type_name()
        if kind == "ReadValue" and _variable(node) == name:
            if is_behind:
                return True
            continue
        key = (node.get_name(), is_behind)
        if key not in seen:
            seen.add(key)
            is_after = is_behind or kind == "Concat"
            waiting.extend(
                (node.input_value(port).get_node(), is_after)
                for port in range(node.get_input_size())
            )
    return False
