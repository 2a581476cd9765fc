"""How many samples one inference carries: FPS counts them."""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.engine.events import ModelInfo, PortInfo
from ovbench_tui.shapes import Shape

_MOST_IMAGE_CHANNELS = 4


def effective_batch(info: ModelInfo, shapes: Sequence[Shape]) -> tuple[int, str]:
    """Tell the batch of one inference, and the rule it was found by, in words.

    The rules, in this order: N of a layout; the first dimension of an image-like shape, which
    benchmark_app guesses too; a dynamic first dimension of all inputs; else 1.

    Args:
        info: the model.
        shapes: the static shape of each input, as `data_shape.resolve` gives them.
    """
    pairs = list(zip(info.inputs, shapes, strict=True))
    by_layout = [size for port, shape in pairs if (size := _layout_batch(port, shape))]
    by_image = [shape[0] for port, shape in pairs if not port.layout and _is_image_batch(shape)]
    by_dynamic = [shape[0] for port, shape in pairs if port.shape and not port.shape[0].isdigit()]
    rules = (
        ("N of the layout", by_layout),
        ("first dimension of an image-like shape", by_image),
        ("dynamic first dimension", by_dynamic if len(by_dynamic) == len(pairs) else []),
    )
    for rule, sizes in rules:
        if sizes and min(sizes) == max(sizes):
            return sizes[0], rule
        if sizes:
            return 1, f"{rule} differs between the inputs, taken as 1"
    return 1, "batch unknown, taken as 1"


def _layout_batch(port: PortInfo, shape: Shape) -> int:
    """Size of the dimension the layout calls N; 0 without one."""
    before, found, after = port.layout.partition("N")
    if not found or len(shape) < len(port.layout.replace("...", "")):
        return 0
    return shape[len(before)] if "..." not in before else shape[-1 - len(after)]


def _is_image_batch(shape: Shape) -> bool:
    """Whether a 4D shape looks like images, channels first or last, as benchmark_app looks."""
    if len(shape) != 4:
        return False
    return (shape[1] <= _MOST_IMAGE_CHANNELS) != (shape[3] <= _MOST_IMAGE_CHANNELS)
