"""Options both programs share, written so that either reads them back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.option_values import NamedNumbers, NamedSources, NamedTexts
from ovbench_tui.config.shapes import NamedDimensions, NamedShapes, format_data_shape

Words = list[str]


def shared_options(config: BenchmarkConfig) -> Words:
    """Write what both programs call and read alike.

    Left out are the model, the hint, the device properties, when the run ends, and what is
    given by input name.
    """
    words: Words = ["-d", config.device, "-api", config.api]
    words += valued("-b", config.batch)
    words += valued("-ip", config.input_precision)
    words += valued("-op", config.output_precision)
    words += valued("-extensions", ",".join(config.extensions))
    words += valued("-c", config.gpu_kernels)
    words += valued("-cdir", config.cache_dir)
    words += valued("-max_irate", f"{config.max_fps!r}" if config.max_fps else "")
    if config.from_file:
        words.append("-lfile")
    if not config.first_inference:
        words.append("-no_warmup")
    if config.iterations is not None:
        words += ["-niter", str(config.iterations)]
    return words


def named_options(config: BenchmarkConfig) -> Words:
    """Write what is given by the names of inputs and outputs."""
    words: Words = []
    words += valued("-shape", _shapes(config.shape))
    words += valued("-data_shape", _shapes(config.data_shape))
    words += valued("-layout", _bracketed(config.layout))
    words += valued("-iop", ",".join(f"{name}:{kind}" for name, kind in config.port_precisions))
    words += valued("--mean_values", _numbers(config.mean_values))
    words += valued("--scale_values", _numbers(config.scale_values))
    return words + source_options(config.sources)


def source_options(sources: NamedSources) -> Words:
    """Write -i, a word for each input."""
    if not sources:
        return []
    return [
        "-i",
        *(f"{name}:{','.join(files)}" if name else ",".join(files) for name, files in sources),
    ]


def valued(option: str, value: object) -> Words:
    """An option with its value; nothing for one that was not given."""
    return [option, str(value)] if value else []


def _shapes(shapes: NamedShapes | NamedDimensions) -> str:
    return format_data_shape(shapes)


def _bracketed(values: NamedTexts | Iterable[tuple[str, str]]) -> str:
    return ",".join(f"{name}[{text}]" for name, text in values)


def _numbers(values: NamedNumbers) -> str:
    return _bracketed((name, _list(numbers)) for name, numbers in values)


def _list(numbers: Sequence[float]) -> str:
    return ",".join(repr(number) for number in numbers)
