"""One static shape an input: proposed for dynamic inputs, and resolved from what the user gave."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ovbench_tui.config.shapes import (
    DataShape,
    NamedDataShapes,
    NamedShapes,
    Shape,
    format_data_shape,
    format_shape,
)
from ovbench_tui.engine.api.effective import DrawnSizes
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo
from ovbench_tui.engine.api.port_names import find_input
from ovbench_tui.engine.inputs.shapes.drawn_shapes import draw_shapes
from ovbench_tui.engine.inputs.shapes.shape_guess import bounds_of, has_dynamic_rank, propose
from ovbench_tui.errors import BadInputError

_MOST_NAMED = 6
"""The proposal names all of them."""


class DataShapeNeeded(BadInputError):  # noqa: N818 - a question to the user more than an error
    """A model has dynamic inputs for which no shape was given.

    Attributes:
        inputs: those inputs.
        proposal: shapes of all dynamic inputs to start from; () = none is known to fit.
        option: what sets them: ``-data_shape``, or ``-shape`` where a rank is dynamic.
        more: options that the model needs beside them, as in ``--isolate``.
    """

    def __init__(
        self,
        inputs: tuple[PortInfo, ...],
        proposal: NamedShapes,
        option: str = "-data_shape",
        more: str = "",
    ) -> None:
        names = ", ".join(port.label + format_shape(port.shape) for port in inputs[:_MOST_NAMED])
        if len(inputs) > _MOST_NAMED:
            names += f" and {len(inputs) - _MOST_NAMED} more"
        advice, assumed = "with " + option, ""
        if proposal:
            words = filter(None, (f'{option} "{format_data_shape(proposal)}"', more))
            advice = "for example " + " ".join(words)
            assumed = " (or --assume-shapes)" if option == "-data_shape" and not more else ""
        comma = ", " if proposal else " "
        super().__init__(
            f"The model has dynamic inputs, {names}: give their shape{assumed}{comma}{advice}."
        )
        self.inputs = inputs
        self.proposal = proposal
        self.option = option
        self.more = more

    def __reduce__(self) -> tuple[type[DataShapeNeeded], tuple[object, ...]]:
        """Keep the error picklable although it is built from more than its text."""
        return type(self), (self.inputs, self.proposal, self.option, self.more)


@dataclass(frozen=True, slots=True)
class Rotation:
    """The static shapes of each input, in the order in which they rotate.

    Attributes:
        drawn: of the dimensions that were drawn, or read from a file.
    """

    shapes: tuple[tuple[Shape, ...], ...]
    drawn: tuple[DrawnSizes, ...] = ()


def resolve(
    info: ModelInfo, given: NamedDataShapes, aliases: Sequence[frozenset[str]] = ()
) -> tuple[Shape, ...]:
    """Settle one static shape an input.

    Raises:
        DataShapeNeeded: when a dynamic input gets no shape.
        BadInputError: when a name or a shape does not fit the model, or comes twice.
    """
    lists = resolve_rotation(info, given, aliases).shapes
    for port, shapes in zip(info.inputs, lists, strict=True):
        if len(shapes) > 1:
            raise BadInputError(f"-data_shape names input '{port.label}' twice: give it once.")
    return tuple(shapes[0] for shapes in lists)


def resolve_rotation(
    info: ModelInfo,
    given: NamedDataShapes,
    aliases: Sequence[frozenset[str]] = (),
    shaped_by_files: Collection[int] = (),
    may_be_empty: Mapping[int, Collection[int]] | None = None,
    seed: int = 0,
) -> Rotation:
    """Settle the static shapes of each input; here sizes are drawn, and nowhere else.

    A static input keeps its own shape whatever is given, as in benchmark_app;
    `ignored_shapes` tells of it.

    Args:
        info: the model; an input may be called by its name or by ``#index``.
        given: a name that comes several times has several shapes. One without a name is for
            every dynamic input that has no shape of its own; several without a name are dealt
            out to all inputs in turn, as benchmark_app does.
        aliases: more names an input answers to, one set an input.
        shaped_by_files: inputs whose files tell their shapes; they get none here.
        may_be_empty: axes whose size may be 0, by input index; see `empty_axes`.
        seed: of the sizes that are drawn.

    Raises:
        DataShapeNeeded: when a dynamic input gets no shape.
        BadInputError: when a name or a shape does not fit the model.
    """
    chosen, drawn = draw_shapes(info.inputs, match_names(info.inputs, given, aliases), seed)
    may_be_empty = may_be_empty or {}
    needed = [
        port
        for port in info.inputs
        if port.is_dynamic and not chosen[port.index] and port.index not in shaped_by_files
    ]
    if needed:
        raise DataShapeNeeded(tuple(needed), propose(info))
    for port in info.inputs:
        for shape in chosen[port.index]:
            check_fit(port, shape)
    lists = tuple(
        tuple(chosen[port.index]) if port.is_dynamic else (_own_shape(port),)
        for port in info.inputs
    )
    for port, shapes in zip(info.inputs, lists, strict=True):
        for shape in shapes:
            if any(
                size == 0 and axis not in may_be_empty.get(port.index, ())
                for axis, size in enumerate(shape)
            ):
                raise BadInputError(
                    f"Input '{port.label}' has the shape {format_shape(shape)}: with a size of 0"
                    " there is nothing to infer."
                )
    return Rotation(lists, drawn)


def ignored_shapes(
    info: ModelInfo, given: NamedDataShapes, aliases: Sequence[frozenset[str]] = ()
) -> str:
    """Say of which static inputs other shapes were given, in a sentence; '' = of none.

    Raises:
        BadInputError: as `resolve_rotation`.
    """
    chosen = match_names(info.inputs, given, aliases)
    ports = [
        f"'{port.label}' {format_shape(port.shape)}"
        for port in info.inputs
        if not port.is_dynamic and set(chosen.get(port.index, ())) - {_own_shape(port)}
    ]
    if not ports:
        return ""
    names = ", ".join(ports)
    if len(ports) == 1:
        return f"Input {names} is static: its -data_shape is ignored, only -shape changes it."
    return f"Inputs {names} are static: their -data_shape is ignored, only -shape changes them."


def _own_shape(port: PortInfo) -> Shape:
    return tuple(int(size) for size in port.shape)


def match_names(
    inputs: Sequence[PortInfo], given: NamedDataShapes, aliases: Sequence[frozenset[str]]
) -> dict[int, list[DataShape]]:
    """The shapes that are given for each input, by its index.

    Raises:
        BadInputError: for an unknown name, and for shapes that cannot be dealt out.
    """
    chosen: dict[int, list[DataShape]] = {}
    called: dict[int, str] = {}
    for name, shape in given:
        if not name:
            continue
        port = find_input(inputs, name, aliases, "-data_shape")
        if called.setdefault(port.index, name) != name:
            raise BadInputError(
                f"-data_shape names input '{port.label}' twice, as '{called[port.index]}' and"
                f" '{name}': use one name."
            )
        chosen.setdefault(port.index, []).append(shape)
    unnamed = [shape for name, shape in given if not name]
    if len(unnamed) > 1 and inputs and len(unnamed) % len(inputs):
        raise BadInputError(
            f"-data_shape has {len(unnamed)} shapes without a name for {len(inputs)} inputs:"
            " give as many for each, or name the inputs."
        )
    is_static = all(not port.is_dynamic for port in inputs)
    for port in inputs:
        mine = unnamed if len(unnamed) == 1 else unnamed[port.index :: len(inputs)]
        if mine and (port.is_dynamic or is_static):
            chosen.setdefault(port.index, list(mine))
    return chosen


def check_fit(port: PortInfo, shape: Shape) -> None:
    """Refuse a shape that a dynamic input does not take."""
    fits = has_dynamic_rank(port) or (
        len(shape) == len(port.shape)
        and all(_fits(size, allowed) for size, allowed in zip(shape, port.shape, strict=True))
    )
    if not fits:
        raise BadInputError(
            f"-data_shape: input '{port.label}' takes {format_shape(port.shape)},"
            f" not {format_shape(shape)}."
        )


def _fits(size: int, allowed: str) -> bool:
    low, high = bounds_of(allowed)
    if not allowed.partition("..")[0].isdigit():
        low = 0  # whether an axis may be empty, `resolve_rotation` decides
    return low <= size and (high is None or size <= high)
