"""The types of the tensors a model is fed with, and mean and scale, built into the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import openvino as ov
from openvino.preprocess import PrePostProcessor

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.named.own_names import values_of_images
from ovbench_tui.config.option_values import NamedNumbers
from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.effective import GUESSED
from ovbench_tui.engine.api.layouts import InputLayout, dimension_of, is_image
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.api.port_names import find_input, match_port
from ovbench_tui.errors import BadInputError

_OPENVINO_NAMES = {"bool": "boolean"}
_IMAGE_TYPE = "u8"

Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class InputType:
    """The element type of one input's tensor, and why it is that one."""

    element_type: str
    rule: str


@dataclass(frozen=True, slots=True)
class TypePlan:
    """Types by index; `outputs` holds only those that were asked for."""

    inputs: tuple[InputType, ...]
    outputs: dict[int, str]
    means: dict[int, Numbers]
    scales: dict[int, Numbers]

    def changes(self, inputs: Sequence[PortInfo]) -> bool:
        """Whether anything has to be built into a model with these inputs."""
        return bool(self.outputs or self.means or self.scales) or any(
            planned.element_type != port.element_type
            for planned, port in zip(self.inputs, inputs, strict=True)
        )


def plan_types(
    inputs: Sequence[PortInfo],
    outputs: Sequence[PortInfo],
    layouts: Sequence[InputLayout],
    config: BenchmarkConfig,
    aliases: Sequence[frozenset[str]],
    output_aliases: Sequence[frozenset[str]],
) -> TypePlan:
    """Settle the types by benchmark_app's rules.

    -iop by name, else -ip or -op, else u8 for an image, else the model's own.

    Raises:
        BadInputError: for an unknown name, and for mean or scale values that do not fit.
    """
    named_inputs: dict[int, str] = {}
    named_outputs: dict[int, str] = {}
    for name, precision in config.port_precisions:
        port = match_port(inputs, name, aliases)
        if port is not None:
            named_inputs[port.index] = _type_name(precision)
            continue
        port = match_port(outputs, name, output_aliases)
        if port is None:
            known = ", ".join(port.label for port in (*inputs, *outputs))
            raise BadInputError(
                f"-iop: the model has no input or output '{printable(name)}'; it has {known}."
            )
        named_outputs[port.index] = _type_name(precision)
    if config.output_precision:
        for port in outputs:
            named_outputs.setdefault(port.index, _type_name(config.output_precision))
    return TypePlan(
        tuple(
            _input_type(port, layout, named_inputs, config.input_precision)
            for port, layout in zip(inputs, layouts, strict=True)
        ),
        {
            index: kind
            for index, kind in named_outputs.items()
            if kind != outputs[index].element_type
        },
        _channel_values("--mean_values", config.mean_values, inputs, layouts, aliases),
        _channel_values("--scale_values", config.scale_values, inputs, layouts, aliases),
    )


def preprocess(
    model: ov.Model, plan: TypePlan, inputs: Sequence[PortInfo], layouts: Sequence[InputLayout]
) -> ov.Model:
    """Build the plan into `model`, which is changed.

    Raises:
        BadInputError: OpenVINO cannot convert to what was asked for.
    """
    processor = PrePostProcessor(model)
    try:
        for port, layout, planned in zip(inputs, layouts, plan.inputs, strict=True):
            steps = processor.input(port.index)
            if planned.element_type != port.element_type:
                steps.tensor().set_element_type(getattr(ov.Type, planned.element_type))
            if port.index in plan.means or port.index in plan.scales:
                steps.model().set_layout(ov.Layout(layout.letters))
                steps.preprocess().convert_element_type(ov.Type.f32)
            # benchmark_app's order: the mean is subtracted before the division by the scale.
            if port.index in plan.means:
                steps.preprocess().mean(list(plan.means[port.index]))
            if port.index in plan.scales:
                steps.preprocess().scale(list(plan.scales[port.index]))
        for index, kind in plan.outputs.items():
            processor.output(index).tensor().set_element_type(getattr(ov.Type, kind))
        return processor.build()
    except RuntimeError as error:
        raise BadInputError(
            f"The tensors cannot be converted as requested (-ip, -op, -iop, mean or scale):"
            f" {reason_of(error)}."
        ) from error


def _input_type(
    port: PortInfo, layout: InputLayout, named: dict[int, str], shared: str
) -> InputType:
    if port.index in named:
        return InputType(named[port.index], "requested by -iop")
    if shared:
        return InputType(_type_name(shared), "requested by -ip")
    if is_image(port, layout):
        is_guess = GUESSED in layout.origin
        why = f"taken for an image, {GUESSED}" if is_guess else "because it is an image"
        return InputType(_IMAGE_TYPE, f"{why} (benchmark_app's rule)")
    return InputType(port.element_type, "the model's own")


def _type_name(precision: str) -> str:
    return _OPENVINO_NAMES.get(precision, precision)


def _channel_values(
    option: str,
    given: NamedNumbers,
    inputs: Sequence[PortInfo],
    layouts: Sequence[InputLayout],
    aliases: Sequence[frozenset[str]],
) -> dict[int, Numbers]:
    chosen: dict[int, Numbers] = {}
    images = [port.index for port in inputs if is_image(port, layouts[port.index])]
    if not images and any(not name for name, _ in given):
        raise BadInputError(
            f"{option}: no input is known to be an image: name the input, as in"
            " data[1,2,3], or give its -layout."
        )
    for name, values in values_of_images(given, images, option):
        chosen[find_input(inputs, name, aliases, option).index] = values
    for index, values in chosen.items():
        _check_values(option, values, inputs[index], layouts[index])
    return chosen


def _check_values(option: str, values: Numbers, port: PortInfo, layout: InputLayout) -> None:
    rank = len(port.shape)
    index = None if "..." in port.shape else dimension_of(layout.letters, "C", rank)
    if index is None:
        raise BadInputError(
            f"{option}: input '{port.label}' has no known channels: give its -layout with a C."
        )
    channels = port.shape[index]
    if len(values) != 1 and channels.isdigit() and len(values) != int(channels):
        raise BadInputError(
            f"{option} has {len(values)} values, and input '{port.label}' has {channels}"
            " channels: give one a channel."
        )
