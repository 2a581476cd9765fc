"""benchmark_report.csv and .json: benchmark_app's sections and fields, and a few more.

Names and order are those of openvino/tools/benchmark/main.py. What it rounds to 0.01 ms is
written in full here, ``topology`` is the model's name and ``precision`` what the device runs
with. Fields it does not have come last.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass

from ovbench_tui.config.iterations import aligned_iterations
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.engine.api.results import RunResult, RunView
from ovbench_tui.reports.counters_text import group_name
from ovbench_tui.reports.generation_lines import percentiles_ms, series_of
from ovbench_tui.reports.load_lines import load_fields
from ovbench_tui.reports.percentiles import percentiles_of
from ovbench_tui.stats.run_stats import GenerationStats, GroupStats, RunStats

Fields = tuple[tuple[str, object], ...]

_BLOB = "blob"


@dataclass(frozen=True, slots=True)
class BenchmarkReport:
    """The three sections, and in the third where the fields of the shape groups belong.

    Attributes:
        command_line: option and value as they were typed.
        setup: empty where nothing was measured.
        results: of the whole run, up to ``max latency``.
        groups: of each shape of a rotation, where that was asked for (-pcseq).
        last_results: from ``throughput`` on.
    """

    command_line: Fields
    setup: Fields
    results: Fields
    groups: tuple[Fields, ...]
    last_results: Fields


def make_report(result: RunResult | None, options: ReportOptions, error: str) -> BenchmarkReport:
    """Gather the fields.

    Args:
        result: the run to report; None where none was begun.
        error: why it failed; '' = it did not.
    """
    view = result.view if result else None
    stats = view.stats if view and view.stats.count else None
    return BenchmarkReport(
        command_line=options.command_line,
        setup=_setup(view) if view and stats else (),
        results=(*_preparation(view), *_latencies(stats)) if view else (),
        groups=_groups(view) if view and stats and options.pcseq else (),
        last_results=(*_last(view, stats), *((("error", error),) if error else ())),
    )


def report_csv(report: BenchmarkReport) -> str:
    """Write the sections as benchmark_app does, with a line for each field."""
    results = (*report.results, *(field for group in report.groups for field in group))
    sections = (
        ("Command line parameters", report.command_line),
        ("Configuration setup", report.setup),
        ("Execution results", (*results, *report.last_results)),
    )
    text = io.StringIO()
    # A cell that holds a semicolon or a line end is quoted; benchmark_app breaks its table.
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    for title, fields in sections:
        if fields:
            text.write(f"{title}\n")
            writer.writerows(fields)
            text.write("\n")
    return text.getvalue()


def report_json(report: BenchmarkReport) -> str:
    """Write the sections as benchmark_app does, but ``group`` holds every group, as a list.

    In its file the last group's latencies stand where the whole run's belong.
    """
    groups = {"group": [dict(group) for group in report.groups]} if report.groups else {}
    document = {
        "cmd_options": dict(report.command_line),
        "configuration_setup": dict(report.setup),
        "execution_results": dict(report.results) | groups | dict(report.last_results),
    }
    return json.dumps({name: fields for name, fields in document.items() if fields})


def _setup(view: RunView) -> Fields:
    config, effective = view.config, view.effective
    duration_ms = (config.duration_s or 0.0) * 1000
    streams_of = f"number of {config.device.partition(':')[0]} streams"
    return (
        ("topology", view.model.name),
        ("target device", config.device),
        ("API", effective.api),
        ("inference_only", effective.inference_only),
        ("precision", effective.precision or "UNSPECIFIED"),
        ("batch size", str(effective.batch)),
        ("number of iterations", str(_aligned_iterations(view))),
        ("number of parallel infer requests", str(effective.nireq)),
        ("duration (ms)", f"{duration_ms:.15g}"),
        *(((streams_of, effective.streams),) if effective.streams else ()),
    )


def _preparation(view: RunView) -> Fields:
    made = "import" if view.model.format == _BLOB else "compile"
    is_read = made == "compile" and not view.config.from_file
    is_reshaped = not math.isnan(view.reshape_ms)
    has_first = not math.isnan(view.first_inference_ms)
    return (
        *((("read model time (ms)", _text(view.read_ms)),) if is_read else ()),
        *((("reshape model time (ms)", _text(view.reshape_ms)),) if is_reshaped else ()),
        (f"{made} model time (ms)", _text(view.compile_ms)),
        *((("first inference time (ms)", _text(view.first_inference_ms)),) if has_first else ()),
    )


def _latencies(stats: RunStats | None) -> Fields:
    if stats is None:
        return ()
    return (
        ("total execution time (ms)", _text(stats.elapsed_s * 1000)),
        ("total number of iterations", str(stats.count)),
        *_percentile_fields(percentiles_of(stats)),
        ("avg latency", _text(stats.mean_ms)),
        ("min latency", _text(stats.min_ms)),
        ("max latency", _text(stats.max_ms)),
    )


def _last(view: RunView | None, stats: RunStats | None) -> Fields:
    fields: list[tuple[str, object]] = []
    if stats is not None:
        fields.append(("throughput", _text(stats.fps_mean)))
        fields.append(("total number of frames", str(stats.frames)))
        if stats.generation is not None:
            fields += _generation(stats.generation)
        if stats.load is not None:
            fields += load_fields(stats.load, _text)
        if stats.dropped:
            fields.append(("iterations without latency", str(stats.dropped)))
    if view is not None and view.run_peak_rss_bytes:
        fields.append(("peak RSS during the run (KB)", str(view.run_peak_rss_bytes // 1024)))
    if view is not None and view.peak_rss_bytes:
        fields.append(("peak RSS of the process (KB)", str(view.peak_rss_bytes // 1024)))
    return tuple(fields)


def _generation(generation: GenerationStats) -> Fields:
    """Figures that benchmark_app does not know; its throughput and frames are output tokens."""
    latencies = (
        (f"{long} ({name}) (ms)", _text(ms))
        for _, long, stats in series_of(generation)
        for name, ms in percentiles_ms(stats)
    )
    return (
        *latencies,
        ("input tokens per second", _text(generation.input_tokens_per_s)),
        ("requests per second", _text(generation.requests_per_s)),
        ("total number of requests", str(generation.request.count)),
    )


def _groups(view: RunView) -> tuple[Fields, ...]:
    groups = view.stats.groups
    if len(groups) < 2:
        return ()
    names = (group_name(group) for group in view.effective.shape_groups)
    return tuple(_group(name, stats) for name, stats in zip(names, groups, strict=True))


def _group(name: str, stats: GroupStats) -> Fields:
    return (
        ("group", name),
        ("avg latency", _text(stats.mean_ms)),
        ("min latency", _text(stats.min_ms)),
        ("max latency", _text(stats.max_ms)),
        ("median latency", _text(stats.p50_ms)),
    )


def _percentile_fields(percentiles: Iterable[tuple[float, float]]) -> Fields:
    return tuple(
        ("latency (ms)" if percent == 50 else f"latency ({percent:g} percentile) (ms)", _text(ms))
        for percent, ms in percentiles
    )


def _aligned_iterations(view: RunView) -> int | None:
    requested, effective = view.config.iterations, view.effective
    if requested is None:
        return None
    groups = effective.rotating_shapes
    return aligned_iterations(requested, effective.nireq, groups, is_sync=effective.api == "sync")


def _text(value: float) -> str:
    """Six digits: a nanosecond of a ms, and OpenVINO counts in these; theirs are texts, too."""
    return repr(round(float(value), 6))
