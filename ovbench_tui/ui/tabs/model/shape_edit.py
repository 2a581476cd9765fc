"""A configuration that runs an input in another shape."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ovbench_tui.config.shapes import (
    Dimensions,
    NamedDimensions,
    NamedShapes,
    format_shape,
    parse_shape,
)
from ovbench_tui.errors import BadInputError

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.model_info import PortInfo

_PLAIN_NAME = re.compile(r"[^\[\],#]+")


def shape_text(port: PortInfo, fed: NamedShapes) -> str:
    """Return the shape an input runs in, to begin to edit with.

    Args:
        port: as it is compiled.
        fed: what dynamic inputs are fed with.
    """
    shape = dict(fed).get(port.label, ()) if port.is_dynamic else ()
    return format_shape(shape or port.shape)


def with_shape(config: BenchmarkConfig, port: PortInfo, text: str) -> BenchmarkConfig:
    """Run an input in another shape; '' asks for the model's own.

    A dynamic input is fed with a whole shape as it is; any other change reshapes the model.

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
    dimensions = _parsed(text)
    if port.is_dynamic and all(size.isdigit() for size in dimensions):
        whole = (name, tuple(int(size) for size in dimensions))
        return replace(config, data_shape=(*data_shape, whole))
    return replace(config, shape=(*shape, (name, dimensions)), data_shape=data_shape)


def _kept(shapes: NamedDimensions, dropped: set[str]) -> NamedDimensions:
    return tuple(entry for entry in shapes if entry[0] not in dropped)


def _parsed(text: str) -> Dimensions:
    bare = text.strip()
    if not bare.startswith("["):
        bare = f"[{bare}]"
    shapes = parse_shape(bare, option="Shape")
    if len(shapes) != 1 or shapes[0][0]:
        raise BadInputError(f"Shape {text!r} is not one shape: write [1,3,224,224] or [?,1..128].")
    return shapes[0][1]
