"""Command lines for a shell that start the same measurement."""

from __future__ import annotations

import itertools
import json
import math
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from ovbench_tui.config.benchmark import OPTIONS, BenchmarkConfig
from ovbench_tui.config.built_in_models import find
from ovbench_tui.config.compile_properties import properties_by_device
from ovbench_tui.config.device_properties import NESTING, properties_of, split_device
from ovbench_tui.config.load_config import format_settings
from ovbench_tui.config.shapes import NamedDataShapes
from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.api.port_names import by_known_names
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.export.options_text import (
    option_words,
)

SETTINGS_FILE = "ovbench-tui-settings.json"
"""Where a command line puts device properties that no option can say."""

_WRITTEN_APART = {"hint", "nireq", "inference_only", "duration_s", "percentiles"}
"""What benchmark_app reads in another way than this program."""

_TUNING = {"streams", "threads", "threads_pinning", "precision"}
_INDEX = re.compile(r"#(\d+)", re.ASCII)
_NOT_READ_BY_BENCHMARK_APP = re.compile(r"[\[\],]")
"""In a name; it ends names at the first of them."""

_CPP_SOURCES = frozenset({"random", "image_info"})
_Value = TypeVar("_Value")


def own_command(config: BenchmarkConfig) -> str:
    """Write the command line of this program that asks for `config`."""
    words = ["ovbench-tui", *([config.model] if config.model else [])]
    words += option_words(config, without={"hint_nireq"})
    if config.hint_nireq != config.nireq:
        words += ["--hint-nireq", str(config.hint_nireq)]
    settings = ""
    if config.device_properties:
        settings = format_settings(
            {name: dict(values) for name, values in config.device_properties}
        )
    return _with_settings(words, settings)


def benchmark_app_command(run: RunView) -> str:
    """Write the benchmark_app command line for the same measurement.

    Comment lines come first, on what benchmark_app has no option for. Where it would refuse
    options together that OpenVINO takes, such as a hint and -nstreams, the properties go into
    `SETTINGS_FILE`, which the command writes and names with -load_config.
    """
    config, comments = _for_benchmark_app(run)
    needs_file = _needs_file(config)
    own = {name for name, row in OPTIONS.items() if row.names and row.is_own}
    words = option_words(config, without=own | _WRITTEN_APART | (_TUNING if needs_file else set()))
    if not needs_file or config.hint == "none":
        words += ["-hint", config.hint]
    words += _requests(config)
    is_rotating = any(port.is_dynamic for port in run.model.inputs)
    if config.inference_only is not None or is_rotating:
        words += ["-inference_only", str(run.effective.inference_only).lower()]
    words += _duration(config, comments)
    words += _percentile(config, comments)
    if run.model.is_pipeline:
        comments.append("it runs no pipeline and no GGUF file: give it the folder's model alone")
    if run.effective.generates:
        comments.append("it generates no tokens: with -data_shape it repeats one inference")
    if config.arrivals:
        comments.append("it has no arrivals: the next inference starts when a request is idle")
    if run.effective.reset_state:
        comments.append("it never resets a model's state")
    if config.seed:
        comments.append("it always uses the random seed 0")
    model = shlex.quote(config.model)
    if find(config.model) is not None:
        comments.append("it has no built-in models: the file is the one that ovbench-tui made")
        model = f'"$(python3 -c {shlex.quote(_model_path_program(config.model))})"'
    settings = settings_json(config).strip() if needs_file else ""
    command = _with_settings(["benchmark_app", "-m", "\0", *words], settings)
    lines = [f"# benchmark_app: {comment}." for comment in comments]
    return "\n".join([*lines, command.replace(shlex.quote("\0"), model)])


def _model_path_program(name: str) -> str:
    return f'from ovbench_tui.engine.zoo.store import model_path; print(model_path("{name}"))'


def _with_settings(words: list[str], settings: str) -> str:
    if not settings:
        return shlex.join(words)
    line = json.dumps(json.loads(settings))
    write = f"printf '%s\\n' {shlex.quote(line)} > {SETTINGS_FILE}"
    return f"{write} && {shlex.join([*words, '-load_config', SETTINGS_FILE])}"


def _for_benchmark_app(run: RunView) -> tuple[BenchmarkConfig, list[str]]:
    """The configuration as benchmark_app can have it, and remarks on what it cannot."""
    model = run.model
    config = by_known_names(run.explicit_config, model)
    comments: list[str] = []
    sources = tuple(
        (name, files) for name, files in config.sources if not _CPP_SOURCES.intersection(files)
    )
    if sources != config.sources:
        comments.append("only the C++ one knows -i random and image_info; they are left out")
    if run.effective.drawn_sizes:
        config = replace(config, data_shape=_in_rotation(run))
        comments.append("it draws no sizes: these are the ones that were drawn")
    given = (config.shape, config.data_shape, config.layout, config.mean_values)
    names = (_input_name(name, model) for name, _ in itertools.chain(*given, config.scale_values))
    comments += [
        f"it cannot read the name {name!r}"
        for name in dict.fromkeys(names)
        if _NOT_READ_BY_BENCHMARK_APP.search(name)
    ]
    return (
        replace(
            config,
            shape=_with_names(config.shape, model),
            data_shape=_with_names(config.data_shape, model),
            layout=_with_names(config.layout, model),
            mean_values=_with_names(config.mean_values, model),
            scale_values=_with_names(config.scale_values, model),
            sources=_with_names(sources, model),
        ),
        comments,
    )


def _in_rotation(run: RunView) -> NamedDataShapes:
    """The shapes of all dynamic inputs as they came in turn."""
    turn = [group.shapes for group in run.effective.rotating_groups]
    return tuple(
        (f"#{port.index}", shapes[port.index][1])
        for port in run.model.inputs
        if port.is_dynamic
        for shapes in turn
    )


def _with_names(
    values: Sequence[tuple[str, _Value]], model: ModelInfo
) -> tuple[tuple[str, _Value], ...]:
    """Call the inputs by name that were called by index, as benchmark_app knows no index."""
    return tuple((_input_name(name, model), value) for name, value in values)


def _input_name(name: str, model: ModelInfo) -> str:
    match = _INDEX.fullmatch(name)
    if match and int(match[1]) < len(model.inputs):
        return model.inputs[int(match[1])].name or name
    return name


def _needs_file(config: BenchmarkConfig) -> bool:
    """Whether options alone cannot say it: benchmark_app wants -hint none beside tuning."""
    kind = split_device(config.device)[0]
    has_tuning = bool(config.streams or config.threads or config.threads_pinning)
    is_told_apart = bool(config.hint_nireq) and config.hint_nireq != _reported_nireq(config)
    return bool(
        (has_tuning and config.hint != "none")
        or ((has_tuning or config.precision) and (kind in NESTING or kind == "BATCH"))
        or is_told_apart
        or properties_of(config.device_properties, config.device)
    )


def _reported_nireq(config: BenchmarkConfig) -> int:
    """The number that -nireq is given with, for both the queue and the device."""
    return config.hint_nireq if config.api == "sync" else config.nireq


def _requests(config: BenchmarkConfig) -> list[str]:
    reported = _reported_nireq(config)
    if not reported:
        return []
    # By its long name benchmark_app only sets the queue, and does not tell the device.
    return ["-nireq" if config.hint_nireq == reported else "--number_infer_requests", str(reported)]


def _duration(config: BenchmarkConfig, comments: list[str]) -> list[str]:
    if config.duration_s is None:
        return []
    seconds = max(1, math.ceil(config.duration_s))
    if seconds != config.duration_s:
        comments.append(f"it takes whole seconds only, so {seconds} for {config.duration_s:g}")
    return ["-t", str(seconds)]


def _percentile(config: BenchmarkConfig, comments: list[str]) -> list[str]:
    whole = [percent for percent in config.percentiles if percent == int(percent) and percent >= 1]
    if len(config.percentiles) > 1 or len(whole) < len(config.percentiles):
        comments.append("it reports one whole percentile a run")
    return ["-latency_percentile", str(int(whole[0]))] if whole else []


def settings_json(config: BenchmarkConfig) -> str:
    """Write what the device is asked for; benchmark_app's -load_config reads it, ours too."""
    return format_settings(properties_by_device(config)) + "\n"
