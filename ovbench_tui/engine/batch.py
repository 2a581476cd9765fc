"""How many samples one inference carries: FPS counts them."""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.engine.events import ModelInfo, PortInfo
from ovbench_tui.engine.layouts import MOST_IMAGE_CHANNELS, InputLayout, dimension_of
from ovbench_tui.shapes import Shape

_BY_LAYOUT = "N of the layout"


def effective_batch(
    info: ModelInfo, shapes: Sequence[Shape], layouts: Sequence[InputLayout] = ()
) -> tuple[int, str]:
    """Tell the batch of one inference, and the rule it was found by, in words.

    The rules, in this order: N of a layout; the first dimension of an image-like shape, which
    benchmark_app guesses too; a dynamic first dimension of all inputs; else 1.

    Args:
        info: the model.
        shapes: the static shape of each input, as `data_shape.resolve` gives them.
        layouts: where the layouts in `info` come from, to tell it in the rule.
    """
    pairs = list(zip(info.inputs, shapes, strict=True))
    by_layout = [size for port, shape in pairs if (size := frames_of(port.layout, shape))]
    by_image = [shape[0] for port, shape in pairs if not port.layout and _is_image_batch(shape)]
    by_dynamic = [shape[0] for port, shape in pairs if _has_dynamic_batch(port)]
    rules = (
        (_BY_LAYOUT, by_layout),
        ("first dimension of an image-like shape", by_image),
        ("dynamic first dimension", by_dynamic if len(by_dynamic) == len(pairs) else []),
    )
    for rule, sizes in rules:
        if sizes and min(sizes) == max(sizes):
            return sizes[0], rule + _origins(rule, info, layouts)
        if sizes:
            return 1, f"{rule} differs between the inputs, taken as 1"
    return 1, "batch unknown, taken as 1"


def frames_of(letters: str, shape: Shape) -> int:
    """Size of the dimension the layout calls N; 0 without one."""
    index = dimension_of(letters, "N", len(shape))
    return 0 if index is None else shape[index]


def _origins(rule: str, info: ModelInfo, layouts: Sequence[InputLayout]) -> str:
    """Who told the layouts with N: ``, told by the model``."""
    if rule != _BY_LAYOUT:
        return ""
    told = [
        layout.origin
        for port, layout in zip(info.inputs, layouts, strict=False)
        if "N" in port.layout
    ]
    return f", told by {' and '.join(dict.fromkeys(told))}" if told else ""


def _has_dynamic_batch(port: PortInfo) -> bool:
    return bool(port.shape) and not port.shape[0].isdigit()


def _is_image_batch(shape: Shape) -> bool:
    """Whether a 4D shape looks like images, channels first or last, as benchmark_app looks."""
    if len(shape) != 4:
        return False
    return (shape[1] <= MOST_IMAGE_CHANNELS) != (shape[3] <= MOST_IMAGE_CHANNELS)
