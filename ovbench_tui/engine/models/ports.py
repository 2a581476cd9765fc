"""Inputs and outputs of a model described without OpenVINO's types."""

from __future__ import annotations

from collections.abc import Iterable

import openvino as ov

from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.model_info import PortInfo


def describe_ports(ports: Iterable[ov.Output | ov.ConstOutput]) -> tuple[PortInfo, ...]:
    """Describe the inputs or outputs of a model, read or compiled."""
    return tuple(
        PortInfo(
            index=index,
            name=printable(port.any_name) if port.names else "",
            shape=_shape(port.partial_shape),
            element_type=port.element_type.get_type_name(),
            layout=_layout(port),
        )
        for index, port in enumerate(ports)
    )


def aliases_of(ports: Iterable[ov.Output | ov.ConstOutput]) -> tuple[frozenset[str], ...]:
    """Every name by which the user may call each port: tensor names and the node's name."""
    return tuple(frozenset({*port.names, port.node.get_friendly_name()}) for port in ports)


def _shape(shape: ov.PartialShape) -> tuple[str, ...]:
    if shape.rank.is_dynamic:
        return ("...",)
    return tuple(_dimension(size) for size in shape)


def _dimension(size: ov.Dimension) -> str:
    if size.is_static:
        return str(size.get_length())
    low, high = size.min_length, size.max_length
    if low <= 0 and high < 0:
        return "?"
    return f"{max(low, 0)}..{high if high >= 0 else ''}"


def _layout(port: ov.Output | ov.ConstOutput) -> str:
    """Turn ``[N,C,H,W]`` into ``NCHW``; unknown is ``[...]``."""
    words = str(ov.layout_helpers.get_layout(port)).strip("[]").split(",")
    if words == ["..."] or words == [""]:
        return ""
    return "".join(words) if all(len(word) == 1 or word == "..." for word in words) else ""
