"""Shapes as benchmark_app writes them: ``[1,3,224,224]`` or ``input1[1,3],input2[1,4]``."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from ovbench_tui.config.named.values import parse_named
from ovbench_tui.errors import BadInputError

Shape = tuple[int, ...]
NamedShapes = tuple[tuple[str, Shape], ...]
"""Pairs of input name ('' = the only input, or every input) and static shape."""

Dimensions = tuple[str, ...]
NamedDimensions = tuple[tuple[str, Dimensions], ...]
"""Pairs as above, with dimensions as text: ``'3'``, ``'?'``, ``'1..8'``; ``('...',)`` = any."""

ANY_RANK = "..."
_MAX_DIMENSION = 2**31 - 1


def parse_data_shape(
    text: str, option: str = "-data_shape", *, names: Collection[str] | None = None
) -> NamedShapes:
    """Parse static shapes for the input tensors.

    Args:
        text: as in ``[1,3,224,224]``, ``ids[1,128],mask[1,128]`` or ``[]`` for rank 0. With
            several shapes, as in ``ids[1,128][1,256]`` or ``[1,128],[1,64]``, the name comes
            once for each.
        option: named in the error.
        names: as for `parse_named`.

    Raises:
        BadInputError: for anything else, and for a name given twice. A size of 0 is left to
            the engine: a past that is still empty has one.
    """
    example = "[1,3,224,224] or input1[1,3],input2[1,4]"
    return tuple(
        (name, tuple(_parse_size(word, text, option, lowest=0) for word in split_list(dimensions)))
        for name, group in parse_named(
            text, option, f"not a valid shape: write {example}", _is_data_shape, names=names
        )
        for dimensions in group
    )


def parse_shape(
    text: str, option: str = "-shape", *, names: Collection[str] | None = None
) -> NamedDimensions:
    """Parse the shapes a model is reshaped to; dimensions may be dynamic.

    Args:
        text: as in ``[1,3,224,224]``, ``ids[?,1..128]`` or ``[...]``; ``-1`` means ``?``.
            Several without a name, as in ``[1,128],[1,64]``, are for the inputs in turn.
        option: named in the error.
        names: as for `parse_named`.

    Raises:
        BadInputError: for anything else, and for an input with several shapes.
    """
    example = "[1,3,224,224], input1[?,3],input2[1..8,4]"
    return tuple(
        (name, _parse_dimensions(group[0], text, option))
        for name, group in parse_named(
            text,
            option,
            f"not a valid shape: write {example}",
            _is_shape,
            takes_several=False,
            names=names,
        )
    )


def split_list(text: str) -> list[str]:
    """Split at the commas and strip each part; [] for a blank text."""
    return [part.strip() for part in text.split(",")] if text.strip() else []


def format_shape(shape: Sequence[int | str]) -> str:
    """Write one shape, as in ``[1,3,224,224]``; a dynamic dimension may be ``'?'``."""
    return "[" + ",".join(str(size) for size in shape) + "]"


def format_data_shape(shapes: Sequence[tuple[str, Sequence[int | str]]]) -> str:
    """Write shapes so that `parse_data_shape` reads them back."""
    return ",".join(
        name + "".join(format_shape(shape) for _, shape in group)
        for name, group in itertools.groupby(shapes, key=lambda pair: pair[0])
    )


def format_model_shape(shapes: NamedDimensions) -> str:
    """Write shapes so that `parse_shape` reads them back."""
    return ",".join(name + format_shape(shape) for name, shape in shapes)


def _is_data_shape(text: str) -> bool:
    try:
        return all(_parse_size(word, text, "") for word in split_list(text))
    except BadInputError:
        return False


def _is_shape(text: str) -> bool:
    try:
        _parse_dimensions(text, text, "")
    except BadInputError:
        return False
    return True


def _parse_size(word: str, whole: str, option: str, lowest: int = 1) -> int:
    if not (word.isascii() and word.isdigit()):
        raise BadInputError(
            f"{option} {whole!r}: {word!r} is not a valid size;"
            " every size is a whole number above 0."
        )
    if len(word) > 10 or not lowest <= int(word) <= _MAX_DIMENSION:
        raise BadInputError(
            f"{option} {whole!r}: size {word} cannot be run; every size is a whole number above 0."
        )
    return int(word)


def _parse_dimensions(text: str, whole: str, option: str) -> Dimensions:
    words = split_list(text)
    if words == [ANY_RANK]:
        return (ANY_RANK,)
    return tuple(_parse_dimension(word, whole, option) for word in words)


def _parse_dimension(word: str, whole: str, option: str) -> str:
    if word in ("?", "-1"):
        return "?"
    low, dots, high = (part.strip() for part in word.partition(".."))
    if not dots:
        return str(_parse_size(word, whole, option))
    if not low and not high:
        return "?"
    sizes = [_parse_size(bound, whole, option) for bound in (low, high) if bound]
    if sizes != sorted(sizes):
        raise BadInputError(f"{option} {whole!r}: the range {word} is empty; write low..high.")
    return f"{low and int(low)}..{high and int(high)}"
