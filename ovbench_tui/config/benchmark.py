"""What the user asked for: one frozen, validated configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ovbench_tui.config.checks import check_config
from ovbench_tui.config.option_values import (
    APIS,
    HINT_ALIASES,
    HINTS,
    MAX_NIREQ,
    PORT_PRECISIONS,
    PRECISIONS,
    DeviceProperties,
    NamedNumbers,
    NamedSources,
    NamedTexts,
)
from ovbench_tui.config.shapes import NamedDimensions, NamedShapes

__all__ = [
    "APIS",
    "HINTS",
    "HINT_ALIASES",
    "MAX_NIREQ",
    "PORT_PRECISIONS",
    "PRECISIONS",
    "BenchmarkConfig",
    "DeviceProperties",
    "NamedNumbers",
    "NamedSources",
    "NamedTexts",
    "describe_change",
]


@dataclass(frozen=True, slots=True)
class BenchmarkConfig:
    """One requested configuration; every default lets OpenVINO choose.

    Attributes:
        model: a path, or the name of a built-in model; '' while none is chosen.
        device: an OpenVINO device string, as in ``CPU`` or ``AUTO:GPU,CPU``.
        hint: one of `HINTS`; ``none`` passes no performance hint.
        nireq: infer requests in the queue; 0 = the compiled model's optimal number.
        hint_nireq: PERFORMANCE_HINT_NUM_REQUESTS at compile time; 0 = not passed.
            benchmark_app passes its -nireq here too, a live change of nireq does not.
        streams: NUM_STREAMS as benchmark_app writes it; '' = not passed.
        threads: INFERENCE_NUM_THREADS; 0 = not passed.
        precision: INFERENCE_PRECISION_HINT, or one a device as in ``CPU:bf16,GPU:f32``;
            '' = not passed.
        data_shape: shapes of the input tensors, for inputs with dynamic shapes. A name that
            comes several times has several shapes, used in rotation in that order.
        duration_s: measured seconds after which a run ends by itself; None = never.
        seed: of the random inputs.
        cache_dir: CACHE_DIR; '' = not passed.
        api: one of `APIS`; ``sync`` runs one infer request after the other.
        max_fps: frames a second that are started at most (-max_irate); 0 = unlimited.
        iterations: measured inferences after which a run ends (-niter), rounded up as
            benchmark_app does; with a duration, too, both must be reached. None = no such
            end; 0 = compile only.
        batch: -b; 0 = the model's own.
        shape: -shape, to which the model is reshaped; dimensions as text, as in ``'1..8'``.
        layout: -layout by input name ('' = every input), as in ``NCHW``.
        sources: -i: files, folders, ``random`` or ``image_info`` by input name ('' = by order).
        input_precision, output_precision: -ip, -op; '' = benchmark_app's rule.
        port_precisions: -iop by port name.
        mean_values, scale_values: a number a channel, by input name ('' = every image input).
        threads_pinning: -pin, ``YES`` or ``NO``; '' = not passed.
        extensions: libraries with custom operations, run only because they are named here.
        gpu_kernels: -c, an .xml file of custom GPU kernels.
        device_properties: of -load_config; what has an option of its own overrides it.
        from_file: -lfile, compile from the file without reading the model first.
        inference_only: False fills the inputs before every inference; None = only where
            several data shapes or files rotate through a dynamic model.
        first_inference: one inference before the measurement; False = -no_warmup.
        perf_counts: collect the time of every layer; slows the model down.
        single_frame: an inference counts as one frame where nothing tells the batch, as the user
            has said; nobody asks again.
        reset_state: inferences after which each request's state begins anew (--reset-state);
            0 = never, unless the model runs in no other way.
        percentiles: further latency percentiles to report, each above 0 and at most 100.
    """

    model: str = ""
    device: str = "CPU"
    hint: str = "throughput"
    nireq: int = 0
    hint_nireq: int = 0
    streams: str = ""
    threads: int = 0
    precision: str = ""
    data_shape: NamedShapes = ()
    duration_s: float | None = None
    seed: int = 0
    cache_dir: str = ""
    api: str = "async"
    max_fps: float = 0.0
    iterations: int | None = None
    batch: int = 0
    shape: NamedDimensions = ()
    layout: NamedTexts = ()
    sources: NamedSources = ()
    input_precision: str = ""
    output_precision: str = ""
    port_precisions: NamedTexts = ()
    mean_values: NamedNumbers = ()
    scale_values: NamedNumbers = ()
    threads_pinning: str = ""
    extensions: tuple[str, ...] = ()
    gpu_kernels: str = ""
    device_properties: DeviceProperties = ()
    from_file: bool = False
    inference_only: bool | None = None
    first_inference: bool = True
    perf_counts: bool = False
    percentiles: tuple[float, ...] = ()
    single_frame: bool = False
    reset_state: int = 0

    def __post_init__(self) -> None:
        """Refuse values no device could use, with one sentence."""
        check_config(self)

    def for_model(self, model: str) -> BenchmarkConfig:
        """The same for another model; what was said of this one's inputs does not fit that one."""
        return replace(
            self,
            model=model,
            data_shape=(),
            shape=(),
            layout=(),
            sources=(),
            port_precisions=(),
            mean_values=(),
            scale_values=(),
            single_frame=False,
        )

    def needs_recompile(self, other: BenchmarkConfig) -> bool:
        """Tell whether changing to `other` takes more than a new request queue."""
        return _compiled_part(self) != _compiled_part(other)

    def needs_new_run(self, other: BenchmarkConfig) -> bool:
        """Tell whether what `other` measures is another thing, and not only when it ends."""
        return _measured_part(self) != _measured_part(other)


def _measured_part(config: BenchmarkConfig) -> BenchmarkConfig:
    return replace(config, duration_s=None, iterations=None, percentiles=(), single_frame=False)


def _compiled_part(config: BenchmarkConfig) -> BenchmarkConfig:
    return replace(
        _measured_part(config),
        nireq=0,
        api="async",
        max_fps=0.0,
        first_inference=True,
        reset_state=0,
    )


def _model_words(config: BenchmarkConfig) -> str:
    return re.split(r"[\\/]", config.model.rstrip("\\/"))[-1] or config.model or "no model"


_CHANGES: Mapping[str, Callable[[BenchmarkConfig], str]] = {
    "model": _model_words,
    "device": lambda new: new.device,
    "hint": lambda new: "no hint" if new.hint == "none" else new.hint,
    "api": lambda new: new.api,
    "nireq": lambda new: f"nireq {new.nireq or 'optimal'}",
    "hint_nireq": lambda new: f"hint for {new.hint_nireq or 'any number of'} requests",
    "streams": lambda new: f"streams {new.streams or 'auto'}",
    "threads": lambda new: f"threads {new.threads or 'auto'}",
    "threads_pinning": lambda new: f"pinning {new.threads_pinning or 'auto'}",
    "precision": lambda new: new.precision or "default precision",
    "batch": lambda new: f"batch {new.batch or 'of the model'}",
    "shape": lambda new: "shape" if new.shape else "own shape",
    "data_shape": lambda _: "data shape",
    "layout": lambda new: "layout" if new.layout else "own layout",
    "sources": lambda new: "inputs from files" if new.sources else "random inputs",
    "input_precision": lambda new: f"{new.input_precision or 'default'} inputs",
    "output_precision": lambda new: f"{new.output_precision or 'default'} outputs",
    "port_precisions": lambda _: "types of inputs and outputs",
    "mean_values": lambda new: "mean values" if new.mean_values else "no mean values",
    "scale_values": lambda new: "scale values" if new.scale_values else "no scale values",
    "max_fps": lambda new: f"at most {new.max_fps:g} FPS" if new.max_fps else "no rate limit",
    "inference_only": lambda new: (
        "inputs filled by rule"
        if new.inference_only is None
        else "inputs filled once"
        if new.inference_only
        else "inputs filled every time"
    ),
    "first_inference": lambda new: (
        "first inference" if new.first_inference else "no first inference"
    ),
    "reset_state": lambda new: (
        f"state reset every {new.reset_state}" if new.reset_state else "no reset of the state"
    ),
    "perf_counts": lambda new: "with layer times" if new.perf_counts else "without layer times",
    "seed": lambda new: f"seed {new.seed}",
    "cache_dir": lambda new: "model cache" if new.cache_dir else "no model cache",
    "from_file": lambda new: "compiled from the file" if new.from_file else "read, then compiled",
    "extensions": lambda new: "extensions" if new.extensions else "no extensions",
    "gpu_kernels": lambda new: "GPU kernels" if new.gpu_kernels else "no GPU kernels",
    "device_properties": lambda _: "device properties",
}
"""In words, what each field that changes a measurement has become."""


def describe_change(old: BenchmarkConfig, new: BenchmarkConfig) -> str:
    """Name what differs in a few words, for a marker on the charts; '' when nothing does.

    Left out is what only says when a run ends and what is reported of it.
    """
    return ", ".join(
        words(new) for name, words in _CHANGES.items() if getattr(old, name) != getattr(new, name)
    )
