"""A configuration that runs an input in another shape."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ovbench_tui.config.shapes import (
    NamedDataShapes,
    NamedDimensions,
    NamedShapes,
    format_shape,
    parse_data_shape,
    parse_shape,
)
from ovbench_tui.errors import BadInputError

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.model_info import PortInfo

_PLAIN_NAME = re.compile(r"[^\[\],#]+")
_OPEN = re.compile(r"[\[,]\s*(\?|-1|\.\.|\d+\s*\.\.\s*[\],])")
"""A dimension of no certain size, as only a model has."""

_Shape = TypeVar("_Shape")


def shape_text(port: PortInfo, fed: NamedShapes, given: NamedDataShapes = ()) -> str:
    """Return the shape an input runs in, to begin to edit with.

    Args:
        port: as it is compiled.
        fed: what dynamic inputs are fed with.
        given: what -data_shape says; of a single shape with sizes to be drawn these are told.
    """
    names = {"", port.name, f"#{port.index}"}
    mine = [shape for name, shape in given if name in names]
    if port.is_dynamic and len(mine) == 1 and any(isinstance(size, str) for size in mine[0]):
        return format_shape(mine[0])
    shape = dict(fed).get(port.label, ()) if port.is_dynamic else ()
    return format_shape(shape or port.shape)


def with_shape(config: BenchmarkConfig, port: PortInfo, text: str) -> BenchmarkConfig:
    """Run an input in another shape; '' asks for the model's own.

    A dynamic input is fed with a shape that -data_shape takes, of numbers, ranges or files; any
    other change reshapes the model.

    Args:
        port: as it is compiled.

    Raises:
        BadInputError: the text is not a valid shape; one sentence.
    """
    name = port.name if _PLAIN_NAME.fullmatch(port.name) else f"#{port.index}"
    others = {"", port.name, f"#{port.index}"}
    shape = _kept(config.shape, others)
    data_shape = tuple(entry for entry in config.data_shape if entry[0] not in others)
    if not text.strip():
        return replace(config, shape=shape, data_shape=data_shape)
    bare = text.strip() if text.strip().startswith("[") else f"[{text.strip()}]"
    if port.is_dynamic and not _OPEN.search(bare):
        fed = (name, _only_one(parse_data_shape(bare, option="Shape"), text))
        return replace(config, data_shape=(*data_shape, fed))
    reshaped = (name, _only_one(parse_shape(bare, option="Shape"), text))
    return replace(config, shape=(*shape, reshaped), data_shape=data_shape)


def _kept(shapes: NamedDimensions, dropped: set[str]) -> NamedDimensions:
    return tuple(entry for entry in shapes if entry[0] not in dropped)


def _only_one(shapes: Sequence[tuple[str, _Shape]], text: str) -> _Shape:
    if len(shapes) != 1 or shapes[0][0]:
        raise BadInputError(f"Shape {text!r} is not one shape: write [1,3,224,224] or [?,1..128].")
    return shapes[0][1]
