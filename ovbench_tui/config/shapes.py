"""Shapes as benchmark_app writes them, ``[1,3,224,224]`` or ``input1[1,3],input2[1,4]``.

Those of data may have sizes that are drawn; see `named.sizes`.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from ovbench_tui.config.named.sizes import parse_sizes, whole_size
from ovbench_tui.config.named.values import parse_named
from ovbench_tui.errors import BadInputError

Shape = tuple[int, ...]
NamedShapes = tuple[tuple[str, Shape], ...]
"""Pairs of input name ('' = the only input, or every input) and static shape."""

DataShape = tuple[int | str, ...]
NamedDataShapes = tuple[tuple[str, DataShape], ...]
"""Pairs as above; a size that is still to be drawn is a text that `parse_sizes` takes."""

Dimensions = tuple[str, ...]
NamedDimensions = tuple[tuple[str, Dimensions], ...]
"""Pairs as above, with dimensions as text: ``'3'``, ``'?'``, ``'1..8'``; ``('...',)`` = any."""

ANY_RANK = "..."


def parse_data_shape(
    text: str, option: str = "-data_shape", *, names: Collection[str] | None = None
) -> NamedDataShapes:
    """Parse static shapes for the input tensors, and such whose sizes are to be drawn.

    Args:
        text: as in ``[1,3,224,224]``, ``ids[1,128],mask[1,128]`` or ``[]`` for rank 0. With
            several shapes, as in ``ids[1,128][1,256]`` or ``[1,128],[1,64]``, the name comes
            once for each. A size may be ``1..512``, ``1..512:zipf`` or ``@FILE``.
        option: named in the error.
        names: as for `parse_named`.

    Raises:
        BadInputError: for anything else, and for a name given twice. A size of 0 is left to
            the engine: a past that is still empty has one.
    """
    example = "[1,3,224,224] or input1[1,3],input2[1,4]"
    return tuple(
        (name, tuple(_parse_data_size(word, text, option) for word in split_list(dimensions)))
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
        for word in split_list(text):
            _parse_data_size(word, text, "", lowest=1)
    except BadInputError:
        return False
    return True


def _is_shape(text: str) -> bool:
    try:
        _parse_dimensions(text, text, "")
    except BadInputError:
        return False
    return True


def _parse_data_size(word: str, whole: str, option: str, lowest: int = 0) -> int | str:
    sizes = parse_sizes(word, f"{option} {whole!r}")
    return whole_size(word, f"{option} {whole!r}", lowest) if sizes is None else str(sizes)


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
        return str(whole_size(word, f"{option} {whole!r}"))
    if not low and not high:
        return "?"
    sizes = [whole_size(bound, f"{option} {whole!r}") for bound in (low, high) if bound]
    if sizes != sorted(sizes):
        raise BadInputError(f"{option} {whole!r}: the range {word} is empty; write low..high.")
    return f"{low and int(low)}..{high and int(high)}"
