"""How many samples one inference carries: FPS counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.shapes import Shape
from ovbench_tui.engine.api.effective import (
    BATCH_TOLD_SINGLE,
    BATCH_UNKNOWN,
    GUESSED,
    EffectiveConfig,
)
from ovbench_tui.engine.api.layouts import MOST_IMAGE_CHANNELS, InputLayout, dimension_of
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo

_BY_LAYOUT = "N of the layout"
_NO_N = "no N in the layout"
_NO_DIMENSION = "as no input has a dimension"
_ALL_ONE = "as every input begins with 1"


def effective_batch(
    info: ModelInfo, shapes: Sequence[Shape], layouts: Sequence[InputLayout] = ()
) -> tuple[int, str]:
    """Set the batch of one inference, and the rule it was found by, in words.

    The rules, in this order: N of a layout; the first dimension of an image-like shape, which
    benchmark_app guesses too; a dynamic first dimension of all inputs. Without any of them it is
    1, which is known where every layout is, or where no input begins with more than 1.

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
        (f"first dimension of an image-like shape, {GUESSED}", by_image),
        ("dynamic first dimension", by_dynamic if len(by_dynamic) == len(pairs) else []),
    )
    for rule, sizes in rules:
        if sizes and min(sizes) == max(sizes):
            reported = _origins(info, layouts, "N") if rule == _BY_LAYOUT else ""
            return sizes[0], rule + reported
        if sizes:
            return 1, f"{rule} differs between the inputs, taken as 1"
    if pairs and all(port.layout and "..." not in port.layout for port in info.inputs):
        return 1, _NO_N + _origins(info, layouts)
    begins = {shape[0] for shape in shapes if shape}
    if not begins:
        return 1, _NO_DIMENSION
    return 1, _ALL_ONE if begins == {1} else BATCH_UNKNOWN


def as_reported(effective: EffectiveConfig, config: BenchmarkConfig) -> EffectiveConfig:
    """Let the user's word stand where nothing else tells the batch."""
    if not (config.single_frame and effective.is_batch_unknown):
        return effective
    return replace(
        effective, batch_rule=effective.batch_rule.replace(BATCH_UNKNOWN, BATCH_TOLD_SINGLE, 1)
    )


def frames_of(letters: str, shape: Shape) -> int:
    """Size of the dimension the layout calls N; 0 without one."""
    index = dimension_of(letters, "N", len(shape))
    return 0 if index is None else shape[index]


def _origins(info: ModelInfo, layouts: Sequence[InputLayout], letter: str = "") -> str:
    """Who told the layouts, or those with that letter: ``, from the model``."""
    reported = [
        layout.origin
        for port, layout in zip(info.inputs, layouts, strict=False)
        if letter in port.layout
    ]
    return f", from {' and '.join(dict.fromkeys(reported))}" if reported else ""


def _has_dynamic_batch(port: PortInfo) -> bool:
    return bool(port.shape) and not port.shape[0].isdigit()


def _is_image_batch(shape: Shape) -> bool:
    """Whether a 4D shape looks like images, channels first or last, as benchmark_app looks."""
    if len(shape) != 4:
        return False
    return (shape[1] <= MOST_IMAGE_CHANNELS) != (shape[3] <= MOST_IMAGE_CHANNELS)
