"""What no device could use is refused in one sentence that names the option."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from ovbench_tui.config.option_values import APIS, HINTS, MAX_NIREQ, PINNINGS, PORT_PRECISIONS
from ovbench_tui.errors import BadInputError

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig

_COUNT = r"(AUTO|NUMA|\d{1,6})"
_PER_DEVICE = rf"\w+(\.\d+)?:{_COUNT}"
_STREAMS = re.compile(rf"({_COUNT}|{_PER_DEVICE}(,{_PER_DEVICE})*)", re.IGNORECASE | re.ASCII)
_PRECISIONS = re.compile(r"\w+|\w+(\.\d+)?:\w+(,\w+(\.\d+)?:\w+)*", re.ASCII)
_MAX_COUNT = 2**31 - 1


def check_config(config: BenchmarkConfig) -> None:
    """Refuse a configuration of which some value could never be run.

    Raises:
        BadInputError: one sentence for the user.
    """
    _check_compile(config)
    _check_measurement(config)
    _check_ports(config)


def _check_compile(config: BenchmarkConfig) -> None:
    _check_word("-hint", config.hint, HINTS)
    if not config.device.strip() or not config.device.isprintable():
        raise BadInputError(
            f"-d {config.device!r} is no device: write for example CPU, GPU or AUTO."
        )
    for value in (config.nireq, config.hint_nireq):
        if not 0 <= value <= MAX_NIREQ:
            raise BadInputError(
                f"-nireq {value} is out of range: give 1 to {MAX_NIREQ}, or 0 for optimal."
            )
    if not 0 <= config.threads <= 65536:
        raise BadInputError(
            f"-nthreads {config.threads} is out of range: give 1 to 65536, or 0 for automatic."
        )
    if config.streams and not _STREAMS.fullmatch(config.streams):
        raise BadInputError(
            f"-nstreams {config.streams!r} is no stream count: write 4, AUTO or CPU:4,GPU:2."
        )
    if config.precision and not _PRECISIONS.fullmatch(config.precision):
        raise BadInputError(
            f"-infer_precision {config.precision!r} is no precision: write f32 or CPU:bf16,GPU:f16."
        )
    if config.threads_pinning:
        _check_word("-pin", config.threads_pinning, PINNINGS)
    for library in config.extensions:
        if not library.strip():
            raise BadInputError("-extensions has an empty part: write path1,path2.")


def _check_measurement(config: BenchmarkConfig) -> None:
    _check_word("-api", config.api, APIS)
    if not 0 <= config.seed < 2**32:
        raise BadInputError(f"The seed {config.seed} is out of range: give 0 to {2**32 - 1}.")
    duration_s = config.duration_s
    if duration_s is not None and not (math.isfinite(duration_s) and duration_s > 0):
        raise BadInputError(f"-t {duration_s:g} is no duration: give seconds above 0.")
    if config.iterations is not None and not 0 <= config.iterations <= _MAX_COUNT:
        raise BadInputError(
            f"-niter {config.iterations} is out of range: give 1 to {_MAX_COUNT},"
            " or 0 to compile only."
        )
    if not (math.isfinite(config.max_fps) and config.max_fps >= 0):
        raise BadInputError(
            f"-max_irate {config.max_fps:g} is no rate: give frames a second, or 0 for no limit."
        )
    if not 0 <= config.reset_state <= _MAX_COUNT:
        raise BadInputError(
            f"--reset-state {config.reset_state} is out of range: give 1 to {_MAX_COUNT}"
            " inferences, or 0 for never."
        )
    for percent in config.percentiles:
        if not 0 < percent <= 100:
            raise BadInputError(
                f"-latency_percentile {percent:g} is out of range: give above 0 up to 100."
            )


def _check_ports(config: BenchmarkConfig) -> None:
    if not 0 <= config.batch <= _MAX_COUNT:
        raise BadInputError(
            f"-b {config.batch} is out of range: give 1 to {_MAX_COUNT}, or 0 for the model's own."
        )
    if config.input_precision:
        _check_word("-ip", config.input_precision, PORT_PRECISIONS)
    if config.output_precision:
        _check_word("-op", config.output_precision, PORT_PRECISIONS)
    for name, precision in config.port_precisions:
        _check_word(f"-iop {name}:", precision, PORT_PRECISIONS)
    for option, values in (
        ("--mean_values", config.mean_values),
        ("--scale_values", config.scale_values),
    ):
        for name, numbers in values:
            if not numbers or not all(map(math.isfinite, numbers)):
                raise BadInputError(
                    f"{option} of {name or 'the inputs'!r} are no numbers: give one a channel."
                )
    if any(0 in numbers for _, numbers in config.scale_values):
        raise BadInputError("--scale_values holds a 0, and nothing can be divided by it.")


def _check_word(option: str, value: str, words: tuple[str, ...]) -> None:
    if value not in words:
        raise BadInputError(f"{option} {value!r} is unknown: choose {', '.join(words)}.")
