"""One static shape an input: proposed for dynamic inputs, and resolved from what the user gave."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ovbench_tui.config.shapes import (
    NamedShapes,
    Shape,
    format_data_shape,
    format_shape,
    parse_data_shape,
)
from ovbench_tui.engine.api.events import ModelInfo, PortInfo
from ovbench_tui.engine.api.port_names import find_input
from ovbench_tui.errors import BadInputError

_SIZES = {"N": 1, "C": 3, "D": 16, "H": 224, "W": 224, "L": 128}
"""Proposed size by what a dimension means: batch, channel, depth, height, width, length."""

_CHANNELS_LAST_FORMATS = frozenset({"TensorFlow", "SavedModel", "TFLite"})
_MOST_IMAGE_CHANNELS = 4


class DataShapeNeeded(BadInputError):  # noqa: N818 - a question to the user more than an error
    """A model has dynamic inputs for which no shape was given.

    Attributes:
        inputs: those inputs.
        proposal: shapes to start from; without the inputs of dynamic rank.
    """

    def __init__(self, inputs: tuple[PortInfo, ...], proposal: NamedShapes) -> None:
        names = ", ".join(port.label + format_shape(port.shape) for port in inputs)
        example = format_data_shape(proposal) or "[1,3,224,224]"
        super().__init__(
            f"The model has dynamic inputs, {names}: give their shape, for example"
            f' -data_shape "{example}".'
        )
        self.inputs = inputs
        self.proposal = proposal

    def __reduce__(self) -> tuple[type[DataShapeNeeded], tuple[tuple[PortInfo, ...], NamedShapes]]:
        """Keep the error picklable although it is built from more than its text."""
        return type(self), (self.inputs, self.proposal)


def propose(info: ModelInfo) -> NamedShapes:
    """Propose a static shape for every dynamic input whose rank is known.

    Batch 1, images of 3 x 224 x 224, sequences of 128; fixed sizes and bounds are kept.
    """
    return tuple(
        (_writable_name(port), _propose_shape(port, info.format))
        for port in info.inputs
        if port.is_dynamic and not _has_dynamic_rank(port)
    )


def resolve(
    info: ModelInfo, given: NamedShapes, aliases: Sequence[frozenset[str]] = ()
) -> tuple[Shape, ...]:
    """Settle one static shape an input.

    Raises:
        DataShapeNeeded: when a dynamic input gets no shape.
        BadInputError: when a name or a shape does not fit the model, or comes twice.
    """
    lists = resolve_rotation(info, given, aliases)
    for port, shapes in zip(info.inputs, lists, strict=True):
        if len(shapes) > 1:
            raise BadInputError(f"-data_shape names input '{port.label}' twice: give it once.")
    return tuple(shapes[0] for shapes in lists)


def resolve_rotation(
    info: ModelInfo,
    given: NamedShapes,
    aliases: Sequence[frozenset[str]] = (),
    shaped_by_files: Collection[int] = (),
) -> tuple[tuple[Shape, ...], ...]:
    """Settle the static shapes of each input, in the order in which they rotate.

    A static input keeps its own shape whatever is given, as in benchmark_app;
    `ignored_shapes` tells of it.

    Args:
        info: the model; an input may be called by its name or by ``#index``.
        given: a name that comes several times has several shapes. One without a name is for
            every dynamic input that has no shape of its own; several without a name are dealt
            out to all inputs in turn, as benchmark_app does.
        aliases: more names an input answers to, one set an input.
        shaped_by_files: inputs whose files tell their shapes; they get none here.

    Raises:
        DataShapeNeeded: when a dynamic input gets no shape.
        BadInputError: when a name or a shape does not fit the model.
    """
    chosen = _match_names(info.inputs, given, aliases)
    needed = [
        port
        for port in info.inputs
        if port.is_dynamic and port.index not in chosen and port.index not in shaped_by_files
    ]
    if needed:
        raise DataShapeNeeded(tuple(needed), propose(info))
    for port in info.inputs:
        for shape in chosen.get(port.index, ()) if port.is_dynamic else ():
            check_fit(port, shape)
    lists = tuple(_shapes_of(port, chosen) for port in info.inputs)
    for port, shapes in zip(info.inputs, lists, strict=True):
        for shape in shapes:
            if 0 in shape:
                raise BadInputError(
                    f"Input '{port.label}' has the shape {format_shape(shape)}: with a size of 0"
                    " there is nothing to infer."
                )
    return lists


def ignored_shapes(
    info: ModelInfo, given: NamedShapes, aliases: Sequence[frozenset[str]] = ()
) -> str:
    """Say of which static inputs other shapes were given, in a sentence; '' = of none.

    Raises:
        BadInputError: as `resolve_rotation`.
    """
    chosen = _match_names(info.inputs, given, aliases)
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


def _shapes_of(port: PortInfo, chosen: Mapping[int, Sequence[Shape]]) -> tuple[Shape, ...]:
    return tuple(chosen.get(port.index, ())) if port.is_dynamic else (_own_shape(port),)


def _own_shape(port: PortInfo) -> Shape:
    return tuple(int(size) for size in port.shape)


def _match_names(
    inputs: Sequence[PortInfo], given: NamedShapes, aliases: Sequence[frozenset[str]]
) -> dict[int, list[Shape]]:
    chosen: dict[int, list[Shape]] = {}
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
    fits = _has_dynamic_rank(port) or (
        len(shape) == len(port.shape)
        and all(_fits(size, allowed) for size, allowed in zip(shape, port.shape, strict=True))
    )
    if not fits:
        raise BadInputError(
            f"-data_shape: input '{port.label}' takes {format_shape(port.shape)},"
            f" not {format_shape(shape)}."
        )


def _fits(size: int, allowed: str) -> bool:
    low, high = _bounds(allowed)
    return low <= size and (high is None or size <= high)


def _bounds(dimension: str) -> tuple[int, int | None]:
    """Read ``3``, ``?``, ``1..8``, ``4..`` and ``..8``."""
    if dimension.isdigit():
        return int(dimension), int(dimension)
    low, _, high = dimension.partition("..")
    return int(low) if low.isdigit() else 1, int(high) if high.isdigit() else None


def _has_dynamic_rank(port: PortInfo) -> bool:
    return "..." in port.shape


def _writable_name(port: PortInfo) -> str:
    """The port's name, or ``#index`` where -data_shape could not write the name."""
    try:
        is_readable_back = parse_data_shape(f"{port.name}[1]") == ((port.name, (1,)),)
    except BadInputError:
        is_readable_back = False
    return port.name if port.name and is_readable_back else f"#{port.index}"


def _propose_shape(port: PortInfo, format_: str) -> Shape:
    sizes = []
    for meaning, dimension in zip(_meanings(port, format_), port.shape, strict=True):
        low, high = _bounds(dimension)
        size = max(_SIZES.get(meaning, 1), low)
        sizes.append(size if high is None else min(size, high))
    return tuple(sizes)


def _meanings(port: PortInfo, format_: str) -> str:
    """One letter a dimension: the layout's, or a guess from the rank and the fixed sizes."""
    rank = len(port.shape)
    if len(port.layout) == rank and "..." not in port.layout:
        return port.layout
    if rank == 3 and _is_channel(port.shape[0]):
        return "CHW"
    if rank == 3 and _is_channel(port.shape[2]):
        return "HWC"
    if rank in (4, 5):
        spatial = "HW" if rank == 4 else "DHW"
        return f"N{spatial}C" if _is_channels_last(port, format_) else f"NC{spatial}"
    return "N" + "L" * (rank - 1) if rank else ""


def _is_channels_last(port: PortInfo, format_: str) -> bool:
    second, last = port.shape[1], port.shape[-1]
    if _is_channel(second) or _is_channel(last):
        return not _is_channel(second)
    if second.isdigit() != last.isdigit():
        return last.isdigit()
    return format_ in _CHANNELS_LAST_FORMATS


def _is_channel(dimension: str) -> bool:
    return dimension.isdigit() and 1 <= int(dimension) <= _MOST_IMAGE_CHANNELS
