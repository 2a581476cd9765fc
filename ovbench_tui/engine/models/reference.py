"""The same model in f32 on the CPU, whose answers are taken for right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov

from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.engine.api.answers import Answers
from ovbench_tui.engine.models.ports import describe_ports
from ovbench_tui.engine.requests.prepared_model import Feed
from ovbench_tui.errors import RunFailedError
from ovbench_tui.stats.comparison.output_error import output_error
from ovbench_tui.stats.comparison.output_figures import OutputError

REFERENCE = "f32 on the CPU, latency hint"
_PROPERTIES = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
_MOST_SETS = 4
_PACKED = ("u1", "u2", "u3", "u4", "u6", "i4", "nf4", "f4e2m1", "string", "dynamic")
"""Element types that numpy has no numbers for."""


def compare_answers(
    core: ov.Core,
    compiled: ov.CompiledModel,
    model: ov.Model | None,
    feeds: Sequence[Feed],
    *,
    generates: bool,
) -> Answers:
    """Answer the first sets of inputs with both, each in a fresh infer request.

    Args:
        core: one without settings of the user's.
        model: as it was compiled; None = only a device has read it.
        feeds: the inputs of the run.
        generates: the feeds are steps of sequences, of which only the first begins anew.

    Raises:
        RunFailedError: one of the two cannot answer.
    """
    if model is None:
        return Answers(REFERENCE, 0, (), "a model that only its device can read has no reference")
    if not feeds:
        return Answers(REFERENCE, 0, (), "there is nothing to feed it with")
    sets = feeds[: 1 if generates else _MOST_SETS]
    names = [port.label for port in describe_ports(compiled.outputs)]
    kept = [
        place
        for place, port in enumerate(compiled.outputs)
        if port.element_type.get_type_name() not in _PACKED
    ]
    try:
        reference = core.compile_model(model, "CPU", _PROPERTIES)
        found = [
            [
                output_error(names[place], got, expected)
                for place, got, expected in zip(
                    kept, _answer(compiled, feed, kept), _answer(reference, feed, kept), strict=True
                )
            ]
            for feed in sets
        ]
    except (RuntimeError, MemoryError) as error:
        raise RunFailedError(f"The answers could not be checked: {reason_of(error)}") from error
    outputs = [max(one, key=_severity) for one in zip(*found, strict=True)]
    outputs.sort(key=_severity, reverse=True)
    reason = "" if outputs else "no output has numbers to compare"
    return Answers(REFERENCE, len(sets), tuple(outputs), reason)


def _severity(one: OutputError) -> float:
    return one.severity


def _answer(compiled: ov.CompiledModel, feed: Feed, kept: Sequence[int]) -> list[npt.NDArray[Any]]:
    """The outputs, copied: the request's own memory is gone with it."""
    request = compiled.create_infer_request()
    for place, tensor in enumerate(feed.tensors):
        request.set_input_tensor(place, tensor)
    request.infer()
    return [_numbers(request.get_output_tensor(place)) for place in kept]


def _numbers(tensor: ov.Tensor) -> npt.NDArray[Any]:
    if tensor.element_type == ov.Type.bf16:  # numpy has none: the upper half of a float
        halves = np.array(tensor.data).view(np.uint16).astype(np.uint32)
        return (halves << 16).view(np.float32)
    return np.array(tensor.data)
