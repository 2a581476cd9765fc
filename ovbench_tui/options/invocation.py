"""What a command line asks for: the configuration, the reports, and how to show it all."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.load_config import FileSettings, load_settings
from ovbench_tui.config.option_values import HINT_ALIASES, NamedNumbers
from ovbench_tui.config.port_values import (
    parse_channel_values,
    parse_layout,
    parse_port_precisions,
    parse_sources,
)
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.config.shapes import parse_data_shape, parse_shape, split_list
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.parser import parse_options
from ovbench_tui.options.repeat_option import check_repeat
from ovbench_tui.settings.schema import AUTO, UserSettings


@dataclass(frozen=True, slots=True)
class Invocation:
    """One start of the program.

    Attributes:
        refresh_hz: frames a second that are wanted.
        ui_budget_percent: of one core.
        blind_s: seconds of one phase of the self-check; None = no self-check.
        has_screen: False where --no-tui or --json forbids one.
        wants_schema: print the schema of the JSON document, and nothing else.
        wants_dashboard: print the Grafana dashboard, and nothing else.
        metrics_address: where Prometheus can ask, as ``PORT`` or ``HOST:PORT``; '' = nowhere.
        keeps_history: False where --no-history, or the user's settings, forbid it.
        ascii: ``on``, ``off`` or ``auto``.
        repeat: runs, each in a fresh process; 1 = in this one.
    """

    config: BenchmarkConfig
    reports: ReportOptions
    isolated: bool
    has_screen: bool
    refresh_hz: float
    ui_budget_percent: float
    blind_s: float | None
    wants_schema: bool
    wants_dashboard: bool
    metrics_address: str
    keeps_history: bool = True
    ascii: str = AUTO
    repeat: int = 1


def read_invocation(argv: Sequence[str], settings: UserSettings | None = None) -> Invocation:
    """Understand a command line; -h and --version print and leave.

    Args:
        settings: of the user, for what the command line leaves open; None = there are none.

    Raises:
        BadInputError: one sentence for the user.
    """
    given = parse_options(argv)
    user = settings or UserSettings()
    given.refresh_hz = _first(given.refresh_hz, user.refresh_hz)
    given.ui_budget_percent = _first(given.ui_budget_percent, user.ui_budget_percent)
    _check_screen(given)
    reports = _reports(given, argv)
    return Invocation(
        config=_config(given, reports, user),
        reports=reports,
        isolated=given.isolate,
        has_screen=not (given.no_tui or given.json_stdout or given.repeat),
        refresh_hz=given.refresh_hz,
        ui_budget_percent=given.ui_budget_percent,
        blind_s=given.blind_s,
        wants_schema=given.json_schema,
        wants_dashboard=given.metrics_dashboard,
        metrics_address=given.metrics_address or "",
        keeps_history=user.keeps_history and not given.no_history,
        ascii=user.ascii if given.ascii is None else "on" if given.ascii else "off",
        repeat=check_repeat(given.repeat),
    )


def config_of(given: argparse.Namespace) -> BenchmarkConfig:
    """Return the configuration that options ask for, as `parse_options` returns them.

    Raises:
        BadInputError: one sentence for the user.
    """
    return _config(given, _reports(given, ()), UserSettings())


def typed_pairs(argv: Sequence[str], model: str = "") -> tuple[tuple[str, str], ...]:
    """Pair every option with its value as typed, for a report's list of parameters.

    A word that belongs to no option is listed under its own text, with no value; of several
    values of one option all are kept, with blanks between.

    Args:
        model: the word that is the model by its place, not the value of what stands before.
    """
    left = model
    pairs: list[tuple[str, str]] = []
    for word in argv:
        if left and word == left:
            pairs.append((word, ""))
            left = ""
            continue
        is_option = word[:1] == "-" and not word[1:2].isdigit()
        if is_option:
            name, _, value = word.partition("=")
            pairs.append((name, value))
        elif pairs and pairs[-1][0].startswith("-"):
            name, value = pairs[-1]
            pairs[-1] = (name, f"{value} {word}" if value else word)
        else:
            pairs.append((word, ""))
    return tuple(pairs)


def _check_screen(given: argparse.Namespace) -> None:
    if not 0.5 <= given.refresh_hz <= 20:
        raise BadInputError(f"--refresh {given.refresh_hz:g}: give 0.5 to 20 frames a second.")
    if not 0.1 <= given.ui_budget_percent <= 100:
        raise BadInputError(f"--ui-budget {given.ui_budget_percent:g}: give 0.1 to 100 %.")
    if given.blind_s is not None and not 0.5 <= given.blind_s <= 60:
        raise BadInputError(f"--blind {given.blind_s:g}: give 0.5 to 60 seconds.")


def _reports(given: argparse.Namespace, argv: Sequence[str]) -> ReportOptions:
    return ReportOptions(
        report_type=given.report_type or "",
        report_folder=given.report_folder or "",
        json_stats=bool(given.json_stats),
        perf_counts=bool(given.perf_counts),
        pcsort=given.pcsort or "",
        pcseq=bool(given.pcseq),
        exec_graph_path=given.exec_graph_path or "",
        dump_config=given.dump_config or "",
        latencies_file=given.latencies_file or "",
        json_stdout=given.json_stdout,
        command_line=typed_pairs(argv, given.model or ""),
    )


def _config(
    given: argparse.Namespace, reports: ReportOptions, user: UserSettings
) -> BenchmarkConfig:
    device = _first(given.device, user.device or "CPU")
    settings = FileSettings()
    if given.load_config:
        settings = load_settings(Path(given.load_config), device)
    # Only a hint on the command line makes the API synchronous, as in benchmark_app.
    api = given.api or ("sync" if given.hint == "latency" else "async")
    default_hint = settings.hint or ("latency" if api == "sync" else user.hint or "throughput")
    hint = given.hint or default_hint
    nireq = given.nireq or 0
    return BenchmarkConfig(
        model=_model(given),
        device=device,
        hint=HINT_ALIASES.get(hint, hint),
        api=api,
        nireq=min(nireq, 1) if api == "sync" else nireq,
        hint_nireq=_first(given.hint_nireq, _first(given.nireq, settings.hint_nireq)),
        streams=_first(given.streams, settings.streams),
        threads=_first(given.threads, settings.threads),
        threads_pinning=_first(given.threads_pinning, settings.threads_pinning),
        precision=_first(given.precision, settings.precision),
        cache_dir=_first(given.cache_dir, settings.cache_dir),
        gpu_kernels=_first(given.gpu_kernels, settings.gpu_kernels),
        device_properties=settings.device_properties,
        perf_counts=_collects_layer_times(given, reports, by_file=settings.perf_counts),
        duration_s=given.duration_s,
        iterations=given.iterations,
        max_fps=given.max_fps or 0.0,
        seed=given.seed,
        inference_only=given.inference_only,
        first_inference=not given.no_first_inference,
        from_file=bool(given.from_file),
        extensions=tuple(split_list(given.extensions or "")),
        percentiles=_percentiles(given.percentiles or ()),
        batch=given.batch or 0,
        shape=parse_shape(given.shape) if given.shape else (),
        data_shape=parse_data_shape(given.data_shape) if given.data_shape else (),
        layout=parse_layout(given.layout) if given.layout else (),
        single_frame=given.single_frame,
        sources=parse_sources(list(itertools.chain(*given.sources))) if given.sources else (),
        input_precision=given.input_precision or "",
        output_precision=given.output_precision or "",
        port_precisions=(
            parse_port_precisions(given.port_precisions) if given.port_precisions else ()
        ),
        mean_values=_channel_values(given.mean_values, "--mean_values"),
        scale_values=_channel_values(given.scale_values, "--scale_values"),
    )


def _model(given: argparse.Namespace) -> str:
    if given.model and given.model_option:
        raise BadInputError("The model is given twice: give it as MODEL or with -m, not both.")
    model: str = given.model or given.model_option or ""
    if given.sources and not model:
        raise BadInputError(
            f"-i took {given.sources[-1][-1]!r} as an input file, and no MODEL is left:"
            " put MODEL first, or give it with -m."
        )
    return model


def _first(given: Any, otherwise: Any) -> Any:
    return otherwise if given is None else given


def _collects_layer_times(
    given: argparse.Namespace, reports: ReportOptions, *, by_file: bool
) -> bool:
    """By benchmark_app's rule: -pc decides where it is given; else what needs them does."""
    if given.perf_counts is not None:
        return bool(given.perf_counts)
    return by_file or reports.needs_profile


def _percentiles(given: Sequence[Sequence[float]]) -> tuple[float, ...]:
    return tuple(dict.fromkeys(itertools.chain(*given)))


def _channel_values(text: str | None, option: str) -> NamedNumbers:
    return parse_channel_values(text, option) if text else ()
