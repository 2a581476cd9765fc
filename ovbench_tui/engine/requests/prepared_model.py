"""A configuration made ready to run: read, compiled, with its inputs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.inputs.source_use import InputRule
from ovbench_tui.engine.pipelines.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Feed:
    """What one inference is given.

    Attributes:
        tensors: one `openvino.Tensor` an input; never written to once made.
        shape_group: index into the effective configuration's `shape_groups`.
    """

    tensors: tuple[Any, ...]
    shape_group: int = 0


@dataclass(frozen=True, slots=True)
class SequencePlan:
    """How the feeds of a model that generates make sequences, which are taken in turn.

    Attributes:
        spans: where in the feeds each sequence begins, and how many inferences it has. The state
            begins anew with each.
        lengths: tokens of the prompt and new ones of each.
        carried: the outputs, by their index, that become the inputs of the next inference of a
            sequence.
    """

    spans: tuple[tuple[int, int], ...]
    lengths: tuple[tuple[int, int], ...]
    carried: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedModel:
    """What the worker needs to build a request queue.

    Attributes:
        compiled: the `openvino.CompiledModel`.
        feeds: one or more, used in rotation: by the infer requests once, or by one inference
            after the other where the effective configuration is not `inference_only`.
        sequences: of a model that generates; None = the feeds have no order.
        pipeline: of openvino-genai, which makes the inputs itself; None = `compiled` is run.
        effective: as the compiled model tells; its nireq is set when the queue is built.
        loaded: the model as it was read, so that a recompile need not read it again.
        weight_bytes: size of the model's weights, to tell whether two fit into memory.
        reshape_ms: how long -shape and -b took to reshape it; NaN = it was not reshaped.
        input_rules: of each input; in `effective` they are told as if every feed were used.
        notice: what was asked for and has no effect, in a sentence; '' = nothing.
        peak_rss_bytes: the process's peak resident memory after the compile; 0 = unknown.
    """

    config: BenchmarkConfig
    compiled: Any
    feeds: tuple[Feed, ...]
    info: ModelInfo
    effective: EffectiveConfig
    loaded: Any
    read_ms: float
    compile_ms: float
    weight_bytes: int
    peak_rss_bytes: int = 0
    reshape_ms: float = math.nan
    input_rules: tuple[InputRule, ...] = ()
    notice: str = ""
    sequences: SequencePlan | None = None
    pipeline: Pipeline | None = None


Progress = Callable[[str], None]
"""Told ``reading …`` and ``compiling …`` as a preparation goes on."""

Prepare = Callable[[BenchmarkConfig, "PreparedModel | None", Progress], PreparedModel]
"""Make a configuration ready, reusing what an earlier candidate has read.

Raises BadInputError or DataShapeNeeded with a sentence for the user.
"""
