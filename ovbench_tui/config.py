"""What the user asked for: one frozen, validated configuration."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from ovbench_tui.errors import BadInputError
from ovbench_tui.shapes import NamedDimensions, NamedShapes

HINTS = ("throughput", "latency", "cumulative_throughput", "none")
HINT_ALIASES = {"tput": "throughput", "ctput": "cumulative_throughput"}
PRECISIONS = ("f32", "bf16", "f16", "dynamic")
"""Inference precisions offered; '' leaves the choice to the device."""

APIS = ("async", "sync")
PORT_PRECISIONS = (
    *("bool", "f16", "f32", "f64"),
    *("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"),
)
"""Element types `-ip`, `-op` and `-iop` take, as in benchmark_app."""

NamedTexts = tuple[tuple[str, str], ...]
NamedNumbers = tuple[tuple[str, tuple[float, ...]], ...]
NamedSources = tuple[tuple[str, tuple[str, ...]], ...]
DeviceProperties = tuple[tuple[str, NamedTexts], ...]
"""Pairs of device and its properties, each a pair of name and text."""

MAX_NIREQ = 4096
_COUNT = r"(AUTO|NUMA|\d{1,6})"
_PER_DEVICE = rf"\w+(\.\d+)?:{_COUNT}"
_STREAMS = re.compile(rf"({_COUNT}|{_PER_DEVICE}(,{_PER_DEVICE})*)", re.IGNORECASE | re.ASCII)


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

    def __post_init__(self) -> None:
        """Refuse values no device could use, with one sentence."""
        if self.hint not in HINTS:
            raise BadInputError(f"-hint {self.hint!r} is unknown: choose {', '.join(HINTS)}.")
        if not self.device.strip() or not self.device.isprintable():
            raise BadInputError(
                f"-d {self.device!r} is no device: write for example CPU, GPU or AUTO."
            )
        for option, value in (("-nireq", self.nireq), ("-nireq", self.hint_nireq)):
            if not 0 <= value <= MAX_NIREQ:
                raise BadInputError(
                    f"{option} {value} is out of range: give 1 to {MAX_NIREQ}, or 0 for optimal."
                )
        if not 0 <= self.threads <= 65536:
            raise BadInputError(
                f"-nthreads {self.threads} is out of range: give 1 to 65536, or 0 for automatic."
            )
        if self.streams and not _STREAMS.fullmatch(self.streams):
            raise BadInputError(
                f"-nstreams {self.streams!r} is no stream count: write 4, AUTO or CPU:4,GPU:2."
            )
        if not 0 <= self.seed < 2**32:
            raise BadInputError(f"The seed {self.seed} is out of range: give 0 to {2**32 - 1}.")
        if self.duration_s is not None and not (
            math.isfinite(self.duration_s) and self.duration_s > 0
        ):
            raise BadInputError(f"-t {self.duration_s:g} is no duration: give seconds above 0.")

    def needs_recompile(self, other: BenchmarkConfig) -> bool:
        """Tell whether changing to `other` takes more than a new request queue."""
        return _compiled_part(self) != _compiled_part(other)

    def needs_new_run(self, other: BenchmarkConfig) -> bool:
        """Tell whether what `other` measures is another thing, and not only when it ends."""
        return _measured_part(self) != _measured_part(other)


def _measured_part(config: BenchmarkConfig) -> BenchmarkConfig:
    return replace(config, duration_s=None, iterations=None, percentiles=())


def _compiled_part(config: BenchmarkConfig) -> BenchmarkConfig:
    return replace(
        _measured_part(config),
        nireq=0,
        api="async",
        max_fps=0.0,
        inference_only=None,
        first_inference=True,
    )


def describe_change(old: BenchmarkConfig, new: BenchmarkConfig) -> str:
    """Name what differs in a few words, for a marker on the charts; '' when nothing does.

    The duration is left out: it changes when a run ends, not what it measures.
    """
    parts: list[str] = []
    if old.model != new.model:
        parts.append(re.split(r"[\\/]", new.model.rstrip("\\/"))[-1] or new.model or "no model")
    if old.device != new.device:
        parts.append(new.device)
    if old.hint != new.hint:
        parts.append(new.hint)
    if old.nireq != new.nireq:
        parts.append(f"nireq {new.nireq or 'optimal'}")
    if old.hint_nireq != new.hint_nireq:
        parts.append(f"hint for {new.hint_nireq or 'any number of'} requests")
    if old.streams != new.streams:
        parts.append(f"streams {new.streams or 'auto'}")
    if old.threads != new.threads:
        parts.append(f"threads {new.threads or 'auto'}")
    if old.precision != new.precision:
        parts.append(new.precision or "default precision")
    if old.data_shape != new.data_shape:
        parts.append("data shape")
    if old.seed != new.seed:
        parts.append(f"seed {new.seed}")
    if old.cache_dir != new.cache_dir:
        parts.append("model cache" if new.cache_dir else "no model cache")
    return ", ".join(parts)
