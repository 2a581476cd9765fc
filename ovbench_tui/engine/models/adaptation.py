"""A model as it was read, made into the one that is compiled: shapes, types, preprocessing."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, replace
from time import perf_counter

import openvino as ov

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.model_file import ModelFormat
from ovbench_tui.config.named.own_names import by_own_names, layouts_by_own_names
from ovbench_tui.engine.api.layouts import InputLayout, settle_layouts
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo
from ovbench_tui.engine.api.port_names import names_of
from ovbench_tui.engine.models.assumed_batch import assumed_batch
from ovbench_tui.engine.models.models import LoadedModel
from ovbench_tui.engine.models.ports import aliases_of, describe_ports
from ovbench_tui.engine.models.preprocessing import plan_types, preprocess
from ovbench_tui.engine.models.reshape import ShapePlan, plan_shapes, reshape
from ovbench_tui.errors import BadInputError


@dataclass(frozen=True, slots=True)
class AdaptedModel:
    """What is compiled, and how its inputs came to be as they are.

    Attributes:
        model: None where the device reads the file itself (a blob, -lfile).
        info: its ports are those of the tensors that are fed, with the layouts settled.
        layouts: of each input.
        rules: for each input its type and layout with the reason, in words.
        batch_rule: what became of -b, in words; '' when it was not given.
        assumed_batch: the batch it was reshaped to without a -b; 0 = none was assumed.
        reshape_ms: how long -shape and -b took to reshape it; NaN = it was not reshaped.
    """

    model: ov.Model | None
    info: ModelInfo
    layouts: tuple[InputLayout, ...]
    rules: tuple[str, ...]
    batch_rule: str = ""
    reshape_ms: float = math.nan
    assumed_batch: int = 0


def adapt(loaded: LoadedModel, config: BenchmarkConfig) -> AdaptedModel:
    """Apply -layout, -shape, -b, -ip, -op, -iop, mean and scale to a clone of the model.

    The model as it was read stays as it is, so that the next configuration starts from it.
    The clone shares its weights and takes a millisecond.

    Raises:
        BadInputError: what was asked for does not fit the model.
    """
    if loaded.model is None:
        raise AssertionError("a compiled model cannot be adapted")
    info, model = loaded.info, loaded.model
    output_aliases = aliases_of(loaded.model.outputs)
    config = by_own_names(
        config,
        names_of(info.inputs, loaded.aliases),
        names_of(info.outputs, output_aliases),
    )
    batch = assumed_batch(info.inputs, config, loaded.aliases)
    begin_s = perf_counter()
    shapes, model, batch = _reshaped(loaded, model, config, batch)
    reshape_ms = math.nan
    if shapes.shapes:
        reshape_ms = (perf_counter() - begin_s) * 1000
        info = _described(info, model)
    types = plan_types(
        info.inputs,
        info.outputs,
        shapes.layouts,
        config,
        loaded.aliases,
        output_aliases,
    )
    if types.changes(info.inputs):
        if model is loaded.model:
            model = model.clone()
        model = preprocess(model, types, info.inputs, shapes.layouts)
        info = _described(info, model)
    reported = [
        ", ".join(
            filter(
                None,
                (
                    f"{planned.element_type}, {planned.rule}",
                    "mean subtracted" if index in types.means else "",
                    "divided by the scale" if index in types.scales else "",
                ),
            )
        )
        for index, planned in enumerate(types.inputs)
    ]
    return AdaptedModel(
        model,
        _with_layouts(info, shapes.layouts),
        shapes.layouts,
        tuple(_rule(text, layout) for text, layout in zip(reported, shapes.layouts, strict=True)),
        f"{batch}, for none was given" if batch else shapes.batch_rule,
        reshape_ms,
        batch,
    )


def _reshaped(
    loaded: LoadedModel, model: ov.Model, config: BenchmarkConfig, batch: int
) -> tuple[ShapePlan, ov.Model, int]:
    """Reshape by -shape and -b, or to a batch that is assumed, where the model takes it."""
    inputs = loaded.info.inputs
    if batch:
        assumed = replace(config, batch=batch)
        plan = plan_shapes(inputs, assumed, loaded.aliases)
        # A model that does not take it needs shapes that somebody knows.
        with contextlib.suppress(BadInputError):
            return plan, reshape(model, plan, inputs, config), batch
    plan = plan_shapes(inputs, config, loaded.aliases)
    return plan, reshape(model, plan, inputs, config) if plan.shapes else model, 0


def refuse_adaptation(loaded: LoadedModel, config: BenchmarkConfig) -> None:
    """Refuse what would change a model that the device reads itself.

    Raises:
        BadInputError: as benchmark_app refuses mean, scale and precisions there.
    """
    for option, value in (
        ("-shape", config.shape),
        ("-b", config.batch),
        ("-ip", config.input_precision),
        ("-op", config.output_precision),
        ("-iop", config.port_precisions),
        ("--mean_values", config.mean_values),
        ("--scale_values", config.scale_values),
    ):
        if value:
            what, advice = (
                ("a compiled model", "compile it again from the original model with it")
                if loaded.source.format is ModelFormat.BLOB
                else ("-lfile, which compiles the file as it is", "leave -lfile out")
            )
            raise BadInputError(f"{option} cannot be used with {what}: {advice}.")


def adapt_compiled(loaded: LoadedModel, config: BenchmarkConfig) -> AdaptedModel:
    """Describe a model that the device has read itself; -layout tells what it holds.

    Raises:
        BadInputError: the layout does not fit.
    """
    given = layouts_by_own_names(config.layout, names_of(loaded.info.inputs, loaded.aliases))
    layouts = settle_layouts(loaded.info.inputs, given, loaded.aliases)
    rules = tuple(
        _rule(f"{port.element_type}, the compiled model's own", layout)
        for port, layout in zip(loaded.info.inputs, layouts, strict=True)
    )
    return AdaptedModel(None, _with_layouts(loaded.info, layouts), layouts, rules)


def _described(info: ModelInfo, model: ov.Model) -> ModelInfo:
    return replace(info, inputs=describe_ports(model.inputs), outputs=describe_ports(model.outputs))


def _with_layouts(info: ModelInfo, layouts: tuple[InputLayout, ...]) -> ModelInfo:
    ports: tuple[PortInfo, ...] = tuple(
        replace(port, layout=layout.letters)
        for port, layout in zip(info.inputs, layouts, strict=True)
    )
    return replace(info, inputs=ports)


def _rule(text: str, layout: InputLayout) -> str:
    return f"{text}; {layout.letters}, from {layout.origin}" if layout.letters else text
