"""Shapes guessed for dynamic inputs from their names, ranks and fixed sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ovbench_tui.config.shapes import NamedShapes, Shape, parse_data_shape
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo
from ovbench_tui.engine.inputs.language_inputs import Role, roles_of
from ovbench_tui.errors import BadInputError

_SIZES = {"N": 1, "C": 3, "D": 16, "H": 224, "W": 224, "L": 128, "P": 128, "T": 256}
"""Proposed size by what a dimension means: batch, channel, depth, height, width, length, length
of the past, and length of past and present together."""

_CHANNELS_LAST_FORMATS = frozenset({"TensorFlow", "SavedModel", "TFLite"})
_MOST_IMAGE_CHANNELS = 4

Meanings = Callable[[PortInfo, Role], str]


@dataclass(frozen=True, slots=True)
class Guess:
    """One way to understand the inputs.

    Attributes:
        meanings: gives one letter a dimension.
        sizes: by letter.
    """

    meanings: Meanings
    sizes: Mapping[str, int]


def propose(info: ModelInfo, *, is_stateful: bool = False) -> NamedShapes:
    """Propose a static shape for every dynamic input whose rank is known.

    Batch 1, images of 3 x 224 x 224, sequences of 128; fixed sizes and bounds are kept.
    """
    first = guesses(info, is_stateful=is_stateful)[0]
    roles = roles_of(info.inputs, is_stateful=is_stateful)
    return tuple(
        (writable_name(port), shape_by(port, role, first))
        for port, role in zip(info.inputs, roles, strict=True)
        if port.is_dynamic and not has_dynamic_rank(port)
    )


def guesses(info: ModelInfo, *, is_stateful: bool) -> list[Guess]:
    """Ways to understand the inputs, the likeliest first."""

    def as_guessed(port: PortInfo, role: Role) -> str:
        return _meanings(port, role, info.format)

    # An empty state holds nothing of a past, so the first mask is as long as the sequence.
    total = _SIZES["L"] if is_stateful else _SIZES["T"]
    sizes = {**_SIZES, "T": total}
    return [
        Guess(as_guessed, sizes),
        Guess(_as_sequences, sizes),
        Guess(as_guessed, {**sizes, "T": sizes["L"]}),
        Guess(_as_sequences, {**sizes, "T": sizes["L"]}),
        Guess(_as_one_length, sizes),
        *(Guess(as_guessed, {**sizes, "H": size, "W": size}) for size in (256, 32, 512)),
        Guess(as_guessed, dict.fromkeys(sizes, 1)),
    ]


def shape_by(port: PortInfo, role: Role, guess: Guess) -> Shape:
    """The shape of one input by a guess; () for a dynamic rank."""
    if has_dynamic_rank(port):
        return ()
    return tuple(
        within(guess.sizes.get(meaning, 1), dimension)
        for meaning, dimension in zip(guess.meanings(port, role), port.shape, strict=True)
    )


def as_given(
    guess: Guess, ports: Sequence[tuple[PortInfo, Role]], given: Mapping[int, Shape]
) -> Guess:
    """The guess with the sizes that the given shapes tell of what their dimensions mean.

    Args:
        ports: the inputs with their roles.
        given: shapes that are settled, by input index.
    """
    told: dict[str, int] = {}
    for port, role in ports:
        shape = given.get(port.index, ())
        if len(shape) != len(port.shape) or has_dynamic_rank(port):
            continue
        for meaning, dimension, size in zip(
            guess.meanings(port, role), port.shape, shape, strict=True
        ):
            if not dimension.isdigit():
                told.setdefault(meaning, size)
    sizes = {**guess.sizes, **told}
    # A mask is as long as the sequence, or as the past and the sequence together.
    is_whole = guess.sizes["T"] == guess.sizes["L"]
    if "T" not in told:
        sizes["T"] = sizes["L"] if is_whole else sizes["P"] + sizes["L"]
    elif "L" not in told:
        sizes["L"] = sizes["T"] if is_whole else max(1, sizes["T"] - sizes["P"])
    return replace(guess, sizes=sizes)


def within(size: int, dimension: str) -> int:
    """The nearest size that a dimension takes."""
    low, high = bounds_of(dimension)
    size = max(size, low)
    return size if high is None else min(size, high)


def writable_name(port: PortInfo) -> str:
    """The port's name, or ``#index`` where -data_shape could not write the name."""
    try:
        is_readable_back = parse_data_shape(f"{port.name}[1]") == ((port.name, (1,)),)
    except BadInputError:
        is_readable_back = False
    return port.name if port.name and is_readable_back else f"#{port.index}"


def has_dynamic_rank(port: PortInfo) -> bool:
    """Whether not even the number of dimensions is known."""
    return "..." in port.shape


def bounds_of(dimension: str) -> tuple[int, int | None]:
    """Read ``3``, ``?``, ``1..8``, ``4..`` and ``..8``."""
    if dimension.isdigit():
        return int(dimension), int(dimension)
    low, _, high = dimension.partition("..")
    return int(low) if low.isdigit() else 1, int(high) if high.isdigit() else None


# -- what a dimension means -------------------------------------------------------------------


def _meanings(port: PortInfo, role: Role, format_: str) -> str:
    """One letter a dimension: the layout's, or a guess from names, rank and fixed sizes."""
    rank = len(port.shape)
    if role is not Role.OTHER:
        return _as_sequences(port, role)
    if len(port.layout) == rank and "..." not in port.layout:
        return port.layout
    # A first size of 1 is a batch sooner than a grey image, and a last one a single feature.
    if rank == 3 and _is_channel(port.shape[0]) and port.shape[0] != "1":
        return "CHW"
    if rank == 3 and _is_channel(port.shape[2]) and port.shape[2] != "1":
        return "HWC"
    if rank in (4, 5):
        spatial = "HW" if rank == 4 else "DHW"
        return f"N{spatial}C" if _is_channels_last(port, format_) else f"NC{spatial}"
    return _as_sequences(port, role)


def _as_sequences(port: PortInfo, role: Role) -> str:
    rank = len(port.shape)
    if not rank:
        return ""
    if role is Role.PAST:
        return "N" + "P" * (rank - 1)
    if role is Role.MASK:
        return "N" + "T" * (rank - 1)
    return "N" + "L" * (rank - 1)


def _as_one_length(port: PortInfo, _role: Role) -> str:
    return "L" * len(port.shape)


def _is_channels_last(port: PortInfo, format_: str) -> bool:
    second, last = port.shape[1], port.shape[-1]
    if _is_channel(second) or _is_channel(last):
        return not _is_channel(second)
    if second.isdigit() != last.isdigit():
        return last.isdigit()
    return format_ in _CHANNELS_LAST_FORMATS


def _is_channel(dimension: str) -> bool:
    return dimension.isdigit() and 1 <= int(dimension) <= _MOST_IMAGE_CHANNELS
