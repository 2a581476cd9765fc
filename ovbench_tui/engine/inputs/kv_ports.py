"""Models that take the keys and values of earlier tokens as inputs, and give them as outputs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import openvino as ov

from ovbench_tui.config.shapes import Shape
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.inputs.language_inputs import Role
from ovbench_tui.engine.models.states import sizes_of

_PAST = re.compile(r"past(_key_values?)?")
_PRESENT = re.compile(r"present|(^|[._/])new_?(k|v|key|value|kv)")

Carried = tuple[tuple[int, int], ...]
"""Index of an output, and of the input that takes it in the next inference."""


def carried_of(
    model: ov.Model, inputs: Sequence[PortInfo], roles: Sequence[Role]
) -> Carried | None:
    """The outputs that the past goes on with, by their names or else by their order.

    Returns:
        () = no input takes a past; None = some do, and it is not known what goes on with them.
    """
    takers = [index for index, role in enumerate(roles) if role is Role.PAST]
    if not takers:
        return ()
    if any(_open_axes(inputs[index]) != 1 for index in takers):
        return None
    names = [output.get_names() for output in model.outputs]
    by_name = []
    for index in takers:
        wanted = {_PAST.sub("present", name) for name in model.inputs[index].get_names()}
        by_name += [(place, index) for place, given in enumerate(names) if wanted & given]
    if [index for _, index in by_name] == takers:
        return tuple(by_name)
    givers = [place for place, given in enumerate(names) if any(map(_PRESENT.search, given))]
    return tuple(zip(givers, takers, strict=True)) if len(givers) == len(takers) else None


def carries(
    model: ov.Model, carried: Carried, first: Sequence[Shape], then: Sequence[Shape]
) -> bool:
    """Whether what an inference gives has the shapes that the next one takes.

    Tried on a clone, by shape inference alone.

    Args:
        first, then: shapes of the inputs of either.
    """
    tried = model.clone()
    try:
        tried.reshape(sizes_of(first))
    except RuntimeError:
        return False
    return all(
        tried.outputs[giver].get_partial_shape().compatible(ov.PartialShape(list(then[taker])))
        for giver, taker in carried
    )


def _open_axes(port: PortInfo) -> int:
    """Axes beside the batch whose size is open: one, the number of tokens."""
    return sum(not dimension.isdigit() for dimension in port.shape[1:])
