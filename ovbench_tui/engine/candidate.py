"""A configuration made ready to run: read, compiled, with its inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ovbench_tui.config import BenchmarkConfig
from ovbench_tui.engine.events import EffectiveConfig, ModelInfo


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the worker needs to build a request queue.

    Attributes:
        compiled: the `openvino.CompiledModel`.
        inputs: one `openvino.Tensor` an input, to be copied into every infer request.
        effective: as the compiled model tells; its nireq is set when the queue is built.
        loaded: the model as it was read, so that a recompile need not read it again.
        weight_bytes: size of the model's weights, to tell whether two fit into memory.
    """

    config: BenchmarkConfig
    compiled: Any
    inputs: tuple[Any, ...]
    info: ModelInfo
    effective: EffectiveConfig
    loaded: Any
    read_ms: float
    compile_ms: float
    weight_bytes: int


Progress = Callable[[str], None]
"""Told ``reading …`` and ``compiling …`` as a preparation goes on."""

Prepare = Callable[[BenchmarkConfig, "Candidate | None", Progress], Candidate]
"""Make a configuration ready, reusing what an earlier candidate has read.

Raises BadInputError or DataShapeNeeded with a sentence for the user.
"""
