"""Shapes as benchmark_app writes them: ``[1,3,224,224]`` or ``input1[1,3],input2[1,4]``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ovbench_tui.errors import BadInputError

Shape = tuple[int, ...]
NamedShapes = tuple[tuple[str, Shape], ...]
"""Pairs of input name ('' = the only input, or every input) and static shape."""

NamedDimensions = tuple[tuple[str, tuple[str, ...]], ...]
"""Pairs as above, with dimensions as text: ``'3'``, ``'?'``, ``'1..8'``; ``('...',)`` = any."""

_NAME = re.compile(r"[^\[\],]+(\[\d*\][^\[\],]*)?", re.ASCII)
_MAX_DIMENSION = 2**31 - 1


def parse_data_shape(text: str, option: str = "-data_shape") -> NamedShapes:
    """Parse static shapes for the input tensors.

    Args:
        text: as in ``[1,3,224,224]``, ``ids[1,128],mask[1,128]`` or ``[]`` for rank 0.
        option: named in the error.

    Raises:
        BadInputError: for anything else, for a size below 1, and for a name given twice.
    """
    shapes: list[tuple[str, Shape]] = []
    names: set[str] = set()
    for entry in _split_entries(text):
        name, bracket, dimensions = entry.rpartition("[")
        name = name.strip()
        if not bracket or dimensions[-1:] != "]" or (name and not _NAME.fullmatch(name)):
            raise BadInputError(
                f"{option} {text!r} is no shape: write [1,3,224,224] or input1[1,3],input2[1,4]."
            )
        if name in names:
            raise BadInputError(
                f"{option} {text!r} gives {name or 'the unnamed input'!r} twice: give each once."
            )
        names.add(name)
        shapes.append((name, _parse_dimensions(dimensions[:-1], text, option)))
    return tuple(shapes)


def _split_entries(text: str) -> list[str]:
    """Split at the commas outside brackets; linear in the text's length, whatever it holds."""
    entries: list[str] = []
    start = 0
    is_inside = False
    for position, letter in enumerate(text):
        if letter in "[]":
            is_inside = letter == "["
        elif letter == "," and not is_inside:
            entries.append(text[start:position].strip())
            start = position + 1
    entries.append(text[start:].strip())
    return entries


def format_shape(shape: Sequence[int | str]) -> str:
    """Write one shape, as in ``[1,3,224,224]``; a dynamic dimension may be ``'?'``."""
    return "[" + ",".join(str(size) for size in shape) + "]"


def format_data_shape(shapes: NamedShapes) -> str:
    """Write shapes so that `parse_data_shape` reads them back."""
    return ",".join(name + format_shape(shape) for name, shape in shapes)


def _parse_dimensions(text: str, whole: str, option: str) -> Shape:
    if not text.strip():
        return ()
    sizes: list[int] = []
    for part in text.split(","):
        word = part.strip()
        if not (word.isascii() and word.isdigit()):
            raise BadInputError(
                f"{option} {whole!r}: {word!r} is no size; every size is a whole number above 0."
            )
        if len(word) > 10 or not 0 < int(word) <= _MAX_DIMENSION:
            raise BadInputError(
                f"{option} {whole!r}: size {word} cannot be run;"
                " every size is a whole number above 0."
            )
        sizes.append(int(word))
    return tuple(sizes)
