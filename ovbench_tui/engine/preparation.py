"""Make a configuration ready to run: read, shape, compile, make inputs."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Any

import openvino as ov

from ovbench_tui.config import BenchmarkConfig
from ovbench_tui.engine.batch import effective_batch
from ovbench_tui.engine.candidate import Candidate, Feed, Progress
from ovbench_tui.engine.data_shape import resolve
from ovbench_tui.engine.devices import find_devices
from ovbench_tui.engine.events import DeviceInfo
from ovbench_tui.engine.inputs import make_inputs
from ovbench_tui.engine.models import LoadedModel, compile_loaded, load_model
from ovbench_tui.engine.properties import compile_properties, read_effective
from ovbench_tui.engine.sniff import ModelFormat
from ovbench_tui.shapes import Shape


class Engine:
    """OpenVINO's core, and what a worker asks of it beside feeding a queue.

    Args:
        allow_strings: run models with string inputs, which may crash the process.
    """

    def __init__(self, *, allow_strings: bool) -> None:
        self._core = ov.Core()
        self._allow_strings = allow_strings

    def discover(self) -> tuple[tuple[DeviceInfo, ...], str]:
        """The devices that can be chosen here, and OpenVINO's version."""
        return find_devices(self._core), str(ov.__version__).split("-")[0]

    def prepare(
        self, config: BenchmarkConfig, reuse: Candidate | None, progress: Progress
    ) -> Candidate:
        """Make `config` ready; a model that `reuse` has read already is not read again.

        Raises:
            DataShapeNeeded: the model has dynamic inputs and no shape was given for them.
            BadInputError: the model or the configuration cannot be used.
            RunFailedError: the model cannot be compiled.
        """
        # Whatever can be refused is refused before a compile that may take minutes.
        properties = compile_properties(config)
        loaded, read_ms = self._load(config, reuse, progress)
        is_blob = loaded.source.format is ModelFormat.BLOB
        shapes, inputs = ((), []) if is_blob else self._feeds(loaded, config)
        progress(f"compiling {loaded.info.name} for {config.device}")
        begin_s = perf_counter()
        compiled, loaded = compile_loaded(self._core, loaded, config, properties)
        compile_ms = (perf_counter() - begin_s) * 1000
        if is_blob:  # its inputs are known only now
            shapes, inputs = self._feeds(loaded, config)
        batch, batch_rule = effective_batch(loaded.info, shapes)
        effective = replace(
            read_effective(compiled, config.device),
            batch=batch,
            batch_rule=batch_rule,
            data_shape=tuple(
                (port.label, shape) for port, shape in zip(loaded.info.inputs, shapes, strict=True)
            ),
        )
        return Candidate(
            config=config,
            compiled=compiled,
            feeds=(Feed(tuple(inputs)),),
            info=loaded.info,
            effective=effective,
            loaded=loaded,
            read_ms=read_ms,
            compile_ms=compile_ms,
            weight_bytes=loaded.weight_bytes,
        )

    def _load(
        self, config: BenchmarkConfig, reuse: Candidate | None, progress: Progress
    ) -> tuple[LoadedModel, float]:
        if reuse is not None and reuse.config.model == config.model:
            loaded: LoadedModel = reuse.loaded
            return loaded, reuse.read_ms
        progress(f"reading {config.model}")
        begin_s = perf_counter()
        loaded = load_model(self._core, config.model)
        return loaded, (perf_counter() - begin_s) * 1000

    def _feeds(
        self, loaded: LoadedModel, config: BenchmarkConfig
    ) -> tuple[tuple[Shape, ...], list[Any]]:
        """The static shape and the tensor of each input."""
        shapes = resolve(loaded.info, config.data_shape, loaded.aliases)
        inputs = make_inputs(
            loaded.info.inputs,
            shapes,
            config.seed,
            loaded.vocabularies,
            allow_strings=self._allow_strings,
        )
        return shapes, inputs
