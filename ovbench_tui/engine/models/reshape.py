"""-shape and -b: the shapes to which a model is reshaped before it is compiled."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import openvino as ov

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.shapes import Dimensions, NamedDimensions, format_shape
from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.engine.api.layouts import (
    BY_BATCH,
    BY_SHAPE,
    UNKNOWN,
    InputLayout,
    batch_index,
    settle_layouts,
    with_one_first_size,
)
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.api.port_names import find_input
from ovbench_tui.errors import BadInputError

_MOST_TRIED_INPUTS = 4
"""Each doubles the reshapes that are tried, some milliseconds each."""


@dataclass(frozen=True, slots=True)
class ShapePlan:
    """What -shape and -b make of the inputs.

    Attributes:
        shapes: dimensions by input index, of those that -shape names or -b changes.
        layouts: of every input; -b may have made a first dimension the N of its own.
        batch_rule: what became of -b, in words; '' when it was not given.
    """

    shapes: Mapping[int, Dimensions]
    layouts: tuple[InputLayout, ...]
    batch_rule: str


def plan_shapes(
    inputs: Sequence[PortInfo], config: BenchmarkConfig, aliases: Sequence[frozenset[str]]
) -> ShapePlan:
    """Settle shapes and layouts of the inputs, by benchmark_app's rules.

    -b sets N of every layout that has one. An input of unknown layout whose first dimension
    is dynamic or at most 1 gets that one as N. With -data_shape, -b is ignored.

    Raises:
        BadInputError: for an unknown input, and for -b where no input has an N.
    """
    shapes = _given_shapes(inputs, config.shape, aliases)
    named = frozenset(shapes)
    # The layout is guessed from the new shape, as benchmark_app does.
    reshaped = [_with_shape(port, shapes.get(port.index, port.shape)) for port in inputs]
    layouts = list(settle_layouts(reshaped, config.layout, aliases))
    if not config.batch:
        return ShapePlan(_to_reshape(inputs, shapes, named), tuple(layouts), "")
    if config.data_shape:
        rule = f"-b {config.batch} is ignored, -data_shape gives the batch"
        return ShapePlan(_to_reshape(inputs, shapes, named), tuple(layouts), rule)
    is_found = False
    for port in reshaped:
        index = batch_index(port.shape, layouts[port.index].letters)
        if index is None:
            continue
        if layouts[port.index] == UNKNOWN:
            layouts[port.index] = InputLayout("N...", BY_BATCH)
        is_found = True
        shape = port.shape
        shapes[port.index] = (*shape[:index], str(config.batch), *shape[index + 1 :])
    if not is_found:
        known = ", ".join(port.label + format_shape(port.shape) for port in reshaped) or "none"
        able = [port for port in reshaped if port.shape and "..." not in port.shape]
        if not able:
            raise BadInputError(
                f"-b {config.batch} cannot be set, no input has a dimension for it ({known}):"
                " leave -b out."
            )
        raise BadInputError(
            f"-b {config.batch} cannot be set, no input is known to have a batch ({known}):"
            f" say which dimension it is, for example -layout"
            f' "{",".join(_named(port, inputs, "N...") for port in with_one_first_size(able))}".'
        )
    return ShapePlan(
        _to_reshape(inputs, shapes, named), tuple(layouts), f"set by -b {config.batch}"
    )


def reshape(
    model: ov.Model, plan: ShapePlan, inputs: Sequence[PortInfo], config: BenchmarkConfig
) -> ov.Model:
    """Reshape a clone of `model`.

    Raises:
        BadInputError: the model cannot take these shapes.
    """
    shapes = plan.shapes
    try:
        return _reshaped(model, shapes)
    except RuntimeError as error:
        requested = ", ".join(inputs[index].label + format_shape(shapes[index]) for index in shapes)
        reason = f"The model cannot be reshaped to {requested}: {reason_of(error)}"
        layout = _layout_that_works(model, plan, inputs, config) if config.batch else ""
        advice = f'; -b works with -layout "{layout}"' if layout else ""
        raise BadInputError(f"{reason}{advice}.") from error


def _reshaped(model: ov.Model, shapes: Mapping[int, Dimensions]) -> ov.Model:
    clone = model.clone()
    clone.reshape({index: _partial_shape(shape) for index, shape in shapes.items()})
    return clone


def _layout_that_works(
    model: ov.Model, plan: ShapePlan, inputs: Sequence[PortInfo], config: BenchmarkConfig
) -> str:
    """The -layout with which -b can be set, found by trying; '' = none of those tried.

    Of each input whose layout nobody has said, the first dimension may be the batch or not.
    """
    open_ports = [
        port
        for port in inputs
        if port.shape
        and "..." not in port.shape
        and plan.layouts[port.index].origin in ("", BY_SHAPE, BY_BATCH)
    ][:_MOST_TRIED_INPUTS]
    kept = {
        index: shape
        for index, shape in plan.shapes.items()
        if index not in {port.index for port in open_ports}
    }
    for choice in itertools.product((True, False), repeat=len(open_ports)):
        if not any(choice):
            continue
        batched = [port for port, has_batch in zip(open_ports, choice, strict=True) if has_batch]
        shapes = kept | {port.index: (str(config.batch), *port.shape[1:]) for port in batched}
        try:
            _reshaped(model, shapes)
        except RuntimeError:
            continue
        return ",".join(
            _named(port, inputs, "N..." if has_batch else "?...")
            for port, has_batch in zip(open_ports, choice, strict=True)
        )
    return ""


def _named(port: PortInfo, inputs: Sequence[PortInfo], layout: str) -> str:
    return f"{port.label if len(inputs) > 1 else ''}[{layout}]"


def _given_shapes(
    inputs: Sequence[PortInfo], given: NamedDimensions, aliases: Sequence[frozenset[str]]
) -> dict[int, Dimensions]:
    chosen = {
        find_input(inputs, name, aliases, "-shape").index: shape for name, shape in given if name
    }
    shared = next((shape for name, shape in given if not name), None)
    if shared is not None:
        for port in inputs:
            chosen.setdefault(port.index, shared)
    return chosen


def _to_reshape(
    inputs: Sequence[PortInfo], shapes: Mapping[int, Dimensions], named: Collection[int]
) -> dict[int, Dimensions]:
    """What -shape names is reshaped even to what it is, so that reports tell of it as theirs do."""
    return {
        index: shape
        for index, shape in shapes.items()
        if index in named or shape != inputs[index].shape
    }


def _with_shape(port: PortInfo, shape: Dimensions) -> PortInfo:
    return PortInfo(port.index, port.name, shape, port.element_type, port.layout)


def _partial_shape(shape: Dimensions) -> ov.PartialShape:
    if "..." in shape:
        return ov.PartialShape.dynamic()
    return ov.PartialShape(format_shape(shape))
