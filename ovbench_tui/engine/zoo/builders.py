"""Which function builds which built-in model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import openvino as ov

from ovbench_tui.config.built_in_models import ZOO
from ovbench_tui.engine.zoo import (
    alexnet,
    face_detection,
    googlenet,
    mobilenet_v2,
    yolo_v3,
)
from ovbench_tui.errors import BadInputError

_BUILDERS: Mapping[str, Callable[[], ov.Model]] = MappingProxyType(
    {
        "mobilenet-v2": mobilenet_v2.build,
        "face-detection-0200": face_detection.build,
        "googlenet-v1": googlenet.build,
        "alexnet": alexnet.build,
        "yolo-v3-tf": yolo_v3.build,
    }
)


def build(name: str) -> ov.Model:
    """Build a built-in model in memory; the same name gives the same weights every time.

    Raises:
        BadInputError: when there is no such model.
    """
    try:
        builder = _BUILDERS[name]
    except KeyError:
        known = ", ".join(entry.name for entry in ZOO)
        raise BadInputError(f"{name!r} is not a built-in model: choose {known}.") from None
    return builder()
