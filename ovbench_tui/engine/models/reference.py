"""The same model in f32 on the CPU, whose answers are taken for right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov

from ovbench_tui.config.benchmark import OPTIONS, BenchmarkConfig
from ovbench_tui.config.option import Group
from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.engine.api.answers import Answers
from ovbench_tui.engine.models.models import LoadedModel
from ovbench_tui.engine.models.ports import describe_ports
from ovbench_tui.engine.requests.prepared_model import Feed
from ovbench_tui.errors import RunFailedError
from ovbench_tui.stats.comparison.output_error import output_error
from ovbench_tui.stats.comparison.output_figures import OutputError

REFERENCE = "f32 on the CPU, latency hint"
_PROPERTIES = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
_MOST_SETS = 4
_BYTES = frozenset(
    (
        *("u1", "u2", "u3", "u4", "u6", "i4", "nf4", "f4e2m1"),
        *("f8e4m3", "f8e5m2", "f8e8m0", "string", "dynamic"),
    )
)
"""Element types that numpy has no numbers for: what it shows are bytes, or nothing."""

_ADAPTING = (Group.SHAPES, Group.PREPROCESSING)

_Outputs = list[npt.NDArray[Any]]


class Reference:
    """Compares answers; those of the reference are kept until it is another model or other inputs.

    Compiling it takes as long as compiling what is checked, and a search changes neither.
    """

    def __init__(self) -> None:
        self._loaded: LoadedModel | None = None
        self._adapting: tuple[object, ...] = ()
        self._sets: Sequence[Feed] = ()
        self._answers: list[_Outputs] = []

    def compare(
        self,
        core: ov.Core,
        compiled: ov.CompiledModel,
        loaded: LoadedModel,
        model: ov.Model | None,
        feeds: Sequence[Feed],
        config: BenchmarkConfig,
        *,
        generates: bool,
    ) -> Answers:
        """Answer the first sets of inputs with both, each in a fresh infer request.

        Args:
            core: one without settings of the user's.
            loaded: the model as it was read.
            model: the same adapted as `config` says; None = only a device has read it.
            feeds: the inputs of the run, one at least.
            generates: the feeds are steps of sequences, of which only the first begins anew.

        Raises:
            RunFailedError: one of the two cannot answer.
        """
        if model is None:
            reason = "a model that only its device can read has no reference"
            return Answers(REFERENCE, 0, (), reason)
        sets = feeds[: 1 if generates else _MOST_SETS]
        names = [port.label for port in describe_ports(compiled.outputs)]
        kept = [
            place
            for place, port in enumerate(compiled.outputs)
            if port.element_type.get_type_name() not in _BYTES
        ]
        try:
            if not self._knows(loaded, config, sets):
                reference = core.compile_model(model, "CPU", _PROPERTIES)
                self._answers = [_answer(reference, feed, kept) for feed in sets]
                self._loaded, self._adapting, self._sets = loaded, _adapting(config), sets
            found = [
                [
                    output_error(names[place], got, right)
                    for place, got, right in zip(
                        kept, _answer(compiled, feed, kept), answers, strict=True
                    )
                ]
                for feed, answers in zip(sets, self._answers, strict=True)
            ]
        except (RuntimeError, MemoryError) as error:
            raise RunFailedError(f"The answers could not be checked: {reason_of(error)}") from error
        outputs = [max(one, key=_severity) for one in zip(*found, strict=True)]
        outputs.sort(key=_severity, reverse=True)
        reason = "" if outputs else "no output has numbers to compare"
        return Answers(REFERENCE, len(sets), tuple(outputs), reason)

    def _knows(self, loaded: LoadedModel, config: BenchmarkConfig, sets: Sequence[Feed]) -> bool:
        return (
            loaded is self._loaded
            and _adapting(config) == self._adapting
            and len(sets) == len(self._sets)
            and all(map(_are_alike, sets, self._sets))
        )


def _adapting(config: BenchmarkConfig) -> tuple[object, ...]:
    """What the model is adapted by."""
    return tuple(getattr(config, name) for name, row in OPTIONS.items() if row.group in _ADAPTING)


def _are_alike(one: Feed, other: Feed) -> bool:
    """Whether they hold the same values: random ones are made again, from the same seed."""
    return all(
        a.element_type == b.element_type and np.array_equal(a.data, b.data)
        for a, b in zip(one.tensors, other.tensors, strict=True)
    )


def _severity(one: OutputError) -> float:
    return one.severity


def _answer(compiled: ov.CompiledModel, feed: Feed, kept: Sequence[int]) -> _Outputs:
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
