"""What a running model is made of: operations, weights, and the arithmetic of one inference."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import openvino as ov

from ovbench_tui.config.model_file import ModelFormat
from ovbench_tui.engine.api.effective import ShapeGroup
from ovbench_tui.engine.api.model_info import ModelFacts
from ovbench_tui.engine.models.adaptation import adapt
from ovbench_tui.engine.models.graph_cost import (
    count_macs,
    count_parameters,
    uncounted_operations,
)
from ovbench_tui.engine.models.models import LoadedModel
from ovbench_tui.engine.requests.prepared_model import PreparedModel

_MOST_SHAPES = 8
"""Shapes in rotation that are counted one by one; each takes some 20 ms of Python."""

_WHY_UNREAD = {
    ModelFormat.BLOB: "a compiled blob lists only its inputs and outputs",
    ModelFormat.GGUF: "openvino-genai reads the file itself",
}
_DYNAMIC = "Its arithmetic cannot be counted: shapes inside the model depend on the data."


def describe_model(prepared: PreparedModel) -> ModelFacts:
    """Count the model that was read; its arithmetic, in the shapes in which it is run.

    Walks the graph in Python, up to 0.1 s for a thousand operations: not while measuring.
    """
    loaded: LoadedModel = prepared.loaded
    known = ModelFacts(weight_bytes=loaded.weight_bytes, file_bytes=loaded.source.size_bytes)
    if loaded.model is None:
        why = _WHY_UNREAD.get(loaded.source.format, "with -lfile the device reads the file itself")
        return replace(known, weight_bytes=0, unknown=f"Nothing more is known: {why}.")
    operations, weights = _count_nodes(loaded.model)
    macs, reason = _mean_macs(prepared, loaded)
    return replace(
        known,
        operations=operations,
        weights=weights,
        parameters=count_parameters(loaded.model),
        macs=macs,
        uncounted=uncounted_operations(loaded.model),
        unknown=reason,
    )


def _count_nodes(
    model: ov.Model,
) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int, int], ...]]:
    kinds: Counter[str] = Counter()
    elements: Counter[str] = Counter()
    bits: Counter[str] = Counter()
    for node in model.get_ops():
        kind = node.get_type_name()
        if kind != "Constant":
            kinds[kind] += 1
            continue
        port = node.output(0)
        name, count = port.element_type.get_type_name(), math.prod(port.shape)
        elements[name] += count
        bits[name] += count * port.element_type.bitwidth
    weights = tuple(
        (name, elements[name], size // 8)
        for name, size in sorted(bits.items(), key=lambda item: (-item[1], item[0]))
    )
    return tuple(sorted(kinds.items(), key=lambda item: (-item[1], item[0]))), weights


def _mean_macs(prepared: PreparedModel, loaded: LoadedModel) -> tuple[float | None, str]:
    """The multiply-accumulates of one inference, and a sentence where they are unknown."""
    adapted = adapt(loaded, prepared.config).model
    groups = prepared.effective.shape_groups
    if adapted is None:
        raise AssertionError("a model that was read stays a model")
    if not adapted.is_dynamic():
        macs = count_macs(adapted)
        return macs, "" if macs is not None else _DYNAMIC
    if len(groups) > _MOST_SHAPES:
        return None, f"Its arithmetic is not counted: {len(groups)} shapes are in rotation."
    each = [_macs_of(adapted, group) for group in groups]
    known = [macs for macs in each if macs is not None]
    if not known or len(known) < len(each):
        return None, _DYNAMIC
    # As often as each shape comes in one turn of the rotation.
    turns = [known[feed.shape_group] for feed in prepared.feeds] or known
    return sum(turns) / len(turns), ""


def _macs_of(model: ov.Model, group: ShapeGroup) -> int | None:
    static = model.clone()
    try:
        static.reshape({index: list(shape) for index, (_, shape) in enumerate(group.shapes)})
    except RuntimeError:
        return None
    return count_macs(static)
