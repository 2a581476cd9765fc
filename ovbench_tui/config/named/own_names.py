"""What was given by name, read again once the names of the model are known."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeVar

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.named.words import (
    format_port_precisions,
    parse_port_precisions,
    sources_by_names,
)
from ovbench_tui.config.option_values import NamedNumbers, NamedTexts
from ovbench_tui.config.port_values import (
    format_bracketed,
    format_numbers,
    parse_channel_values,
    parse_layout,
)
from ovbench_tui.config.shapes import (
    format_data_shape,
    format_model_shape,
    parse_data_shape,
    parse_shape,
)
from ovbench_tui.errors import BadInputError

PortNames = Sequence[Collection[str]]
"""Every name of each input or output, but for ``#index``."""

_Value = TypeVar("_Value")


def by_own_names(
    config: BenchmarkConfig, inputs: PortNames, outputs: PortNames | None = None
) -> BenchmarkConfig:
    """Read what is given by name as the model's names have it: the longest name that fits.

    Values of -shape and -layout without a name go to the inputs in turn, by ``#index``, where
    there are several; those of -data_shape, mean and scale have rules of their own.

    Args:
        outputs: None = not known; then -iop stays as it is.

    Raises:
        BadInputError: a text cannot be split at these names, or a value does not fit any input.
    """
    names = {*itertools.chain(*inputs), *(f"#{index}" for index in range(len(inputs)))}
    return replace(
        config,
        shape=in_turn(
            parse_shape(format_model_shape(config.shape), names=names) if config.shape else (),
            inputs,
            "-shape",
        ),
        data_shape=(
            parse_data_shape(format_data_shape(config.data_shape), names=names)
            if config.data_shape
            else ()
        ),
        layout=layouts_by_own_names(config.layout, inputs),
        sources=sources_by_names(config.sources, names),
        port_precisions=(
            parse_port_precisions(
                format_port_precisions(config.port_precisions), names=names.union(*outputs)
            )
            if config.port_precisions and outputs is not None
            else config.port_precisions
        ),
        mean_values=_numbers(config.mean_values, "--mean_values", names),
        scale_values=_numbers(config.scale_values, "--scale_values", names),
    )


def layouts_by_own_names(layouts: NamedTexts, inputs: PortNames) -> NamedTexts:
    """As `by_own_names`, of -layout alone."""
    names = {*itertools.chain(*inputs), *(f"#{index}" for index in range(len(inputs)))}
    if layouts:
        layouts = parse_layout(format_bracketed(layouts), names=names)
    return in_turn(layouts, inputs, "-layout")


def in_turn(
    values: Sequence[tuple[str, _Value]], inputs: PortNames, option: str
) -> tuple[tuple[str, _Value], ...]:
    """Give several values without a name to the inputs that are not named, in their order.

    A single one is for all of them and stays without a name, as in benchmark_app.

    Raises:
        BadInputError: there are not as many as inputs.
    """
    unnamed = [value for name, value in values if not name]
    if len(unnamed) < 2:
        return tuple(values)
    named = {name for name, _ in values if name}
    free = [
        index
        for index, names in enumerate(inputs)
        if f"#{index}" not in named and named.isdisjoint(names)
    ]
    if len(free) != len(unnamed):
        raise BadInputError(
            f"{option} has {len(unnamed)} values without a name for {len(free)} inputs:"
            " give one for all, one for each, or name the inputs."
        )
    return (
        *((name, value) for name, value in values if name),
        *((f"#{index}", value) for index, value in zip(free, unnamed, strict=True)),
    )


def values_of_images(values: NamedNumbers, images: Sequence[int], option: str) -> NamedNumbers:
    """Name the images that numbers without a name are for: one list for all, or one for each.

    Args:
        images: indices of the inputs that are images.

    Raises:
        BadInputError: there are several lists, and not as many as images.
    """
    unnamed = [numbers for name, numbers in values if not name]
    if len(unnamed) not in (0, 1, len(images)):
        raise BadInputError(
            f"{option} has {len(unnamed)} lists without a name for {len(images)} images:"
            " give one for all, one for each, or name the inputs."
        )
    lists = unnamed * len(images) if len(unnamed) == 1 else unnamed
    return (
        *((f"#{index}", numbers) for index, numbers in zip(images, lists, strict=False)),
        *((name, numbers) for name, numbers in values if name),
    )


def _numbers(values: NamedNumbers, option: str, names: Collection[str]) -> NamedNumbers:
    return parse_channel_values(format_numbers(values), option, names=names) if values else ()
