"""Options both programs share, written so that either reads them back."""

from __future__ import annotations

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.named_words import format_port_precisions, format_sources
from ovbench_tui.config.option_values import NamedSources
from ovbench_tui.config.port_values import format_bracketed, format_numbers
from ovbench_tui.config.shapes import format_data_shape, format_model_shape

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
    words += valued("-shape", format_model_shape(config.shape))
    words += valued("-data_shape", format_data_shape(config.data_shape))
    words += valued("-layout", format_bracketed(config.layout))
    words += valued("-iop", format_port_precisions(config.port_precisions))
    words += valued("--mean_values", format_numbers(config.mean_values))
    words += valued("--scale_values", format_numbers(config.scale_values))
    return words + source_options(config.sources)


def source_options(sources: NamedSources) -> Words:
    """Write -i, a word for each input."""
    if not sources:
        return []
    return ["-i", *format_sources(sources)]


def valued(option: str, value: object) -> Words:
    """An option with its value; nothing for one that was not given."""
    return [option, str(value)] if value else []
