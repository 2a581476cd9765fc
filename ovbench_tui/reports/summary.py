"""The summary printed when the program ends: the throughput_benchmark sample's, and more."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ovbench_tui.config.benchmark import BenchmarkConfig, describe_change
from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.printable import printable
from ovbench_tui.console.text import fit, width_of, wrap
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.feeders import AUTO, way_text
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.search_mark import SearchTrials, gathered
from ovbench_tui.reports.generation_lines import (
    lengths_text,
    percentiles_ms,
    rates_text,
    series_of,
)
from ovbench_tui.reports.load_lines import load_lines
from ovbench_tui.stats.run_stats import RunStats, Stability
from ovbench_tui.stats.sample_size import measured_percentile
from ovbench_tui.stats.self_check import DisplayOverhead
from ovbench_tui.stats.steadiness_text import steadiness_text

_NAME_WIDTH = 15
_MOST_INPUT_LINES = 8
_BEST = 5
"""So many earlier runs are listed."""

_BEFORE_TEXT = re.compile(r"\w[^:]{0,14}: +|\s*")
_LEAST_ROOM = 20


def format_summary(
    runs: Sequence[RunView],
    observer: DisplayOverhead | None = None,
    observed_run_id: int | None = None,
    width: int = 0,
) -> str:
    """Describe the last run in full and the best of those before in a line each; '' without runs.

    Args:
        observer: what an overhead check found about the run `observed_run_id` (None = the last).
        width: cells that a line has, on a terminal; 0 = as many as it needs.
    """
    measured = [run for run in runs if run.stats.count]
    if not measured:
        return ""
    last = measured[-1]
    lines = _describe_run(last)
    if observer is not None and observed_run_id in (None, last.run_id):
        lines.append(_row("Watching", _describe_observer(observer)))
    lines = [part for line in lines for part in _wrapped(line, width)]
    watched = (observed_run_id, f"   watching {observer.ratio:.3f}") if observer else (None, "")
    lines += _earlier_runs(measured, width, watched)
    return "\n".join(lines)


def _earlier_runs(
    measured: Sequence[RunView], width: int, watched: tuple[int | None, str]
) -> list[str]:
    """A heading, and a line for each of the best before the last; the runs of a search are one.

    Args:
        watched: number of a run, and what is to be said of it.
    """
    if len(measured) < 2:
        return []
    *earlier, last = measured
    found: list[tuple[RunView, str]] = []
    for entry in gathered(earlier):
        if isinstance(entry, SearchTrials):
            best = entry.best
            found.append((best, f"{entry.title}: {best.trial.setting}"))
        elif width:
            same = f"the same as run {last.run_id}"
            changed = describe_change(last.config, entry.config) or same
            found.append((entry, f"run {entry.run_id}: {changed}"))
        else:
            found.append((entry, _describe_config(entry)))
    found.sort(key=lambda pair: (pair[0].config.model != last.config.model, -_fps(pair[0])))
    shown = [pair for n, pair in enumerate(found) if n < _BEST or pair[0].run_id == watched[0]]
    of_more = "" if len(found) <= _BEST else f", the best {_BEST} of {len(found)}"
    gap = "  " if width else "   "
    lines = [f"Earlier runs of this session{of_more}:"]
    for run, text in shown:
        stats = run.stats
        p50 = format_ms(_percentile(stats, 50, stats.p50_ms))
        p99 = format_ms(_percentile(stats, 99, stats.p99_ms))
        note = watched[1] if run.run_id == watched[0] else ""
        rate = f"    {stats.fps_mean:>10.2f} {run.effective.unit}"
        line = gap.join((rate, f"p50 {p50:>10}", f"p99 {p99:>10}", text + note))
        lines.append(fit(printable(line, limit=600), width).rstrip() if width else line)
    return lines


def _fps(run: RunView) -> float:
    return -math.inf if math.isnan(run.stats.fps_mean) else run.stats.fps_mean


def _wrapped(line: str, width: int) -> list[str]:
    """A line as several that are no wider, each below the begin of the first one's text."""
    found = _BEFORE_TEXT.match(line)
    indent = len(found[0]) if found else 0
    room = width - indent
    if room < _LEAST_ROOM or width_of(line) <= width:
        return [line]
    first, *others = wrap(line[indent:], room)
    return [line[:indent] + first, *(" " * indent + other for other in others)]


def format_ms(value_ms: float) -> str:
    """Milliseconds with enough digits for a model of a few microseconds; NaN is a dash."""
    if math.isnan(value_ms):
        return DASH
    return f"{value_ms:.2f} ms" if value_ms >= 1 else f"{value_ms:.4f} ms"


def _in_one_column(values_ms: Sequence[float]) -> list[str]:
    """Milliseconds with the digits that the smallest needs, points below each other."""
    smallest_ms = min((ms for ms in values_ms if ms == ms), default=math.nan)
    decimals = 4 if smallest_ms < 1 else 2
    texts = [DASH if math.isnan(ms) else f"{ms:.{decimals}f} ms" for ms in values_ms]
    width = max(map(len, texts), default=0)
    return [text.rjust(width) for text in texts]


def format_peak_memory(run: RunView) -> str:
    """The most resident memory of the run, or of its process where only that is known."""
    if run.run_peak_rss_bytes:
        return f"{run.run_peak_rss_bytes / 2**20:.0f} MiB resident during the run"
    if run.peak_rss_bytes:
        return f"{run.peak_rss_bytes / 2**20:.0f} MiB resident (peak of the process)"
    return ""


def _describe_run(run: RunView) -> list[str]:
    stats = run.stats
    lines = [
        _row("Model", f"{printable(run.model.name)} ({run.model.format})"),
        _row("Configuration", _describe_config(run)),
        *_describe_inputs(run.effective.input_rules),
        *(_row("Sizes", printable(sizes.text)) for sizes in run.effective.drawn_sizes),
        *([_row("State", run.effective.state_text)] if run.effective.states else ()),
        _row("Read, compile", f"{format_ms(run.read_ms)}, {format_ms(run.compile_ms)}"),
        _row("First inference", _describe_first(run)),
        _row("Warm-up", f"{stats.warmup_count} iterations, {stats.warmup_s:.2f} s, not counted"),
        _row("Count", _describe_count(stats)),
        _row("Duration", f"{stats.elapsed_s * 1000:.2f} ms"),
        *_describe_series(run),
    ]
    latencies = (
        ("Median", _percentile(stats, 50, stats.p50_ms)),
        ("Average", stats.mean_ms),
        ("Min", stats.min_ms),
        ("Max", stats.max_ms),
        ("p90", _percentile(stats, 90, stats.p90_ms)),
        ("p95", _percentile(stats, 95, stats.p95_ms)),
        ("p99", _percentile(stats, 99, stats.p99_ms)),
        ("p99.9", _percentile(stats, 99.9, stats.p999_ms)),
    )
    requested = (
        (f"p{percent:g}", _percentile(stats, percent, ms)) for percent, ms in stats.percentiles_ms
    )
    shown = dict(latencies) | {name: ms for name, ms in requested if name != "p50"}
    written = _in_one_column([*shown.values()])
    lines += [
        f"    {name + ':':<{_NAME_WIDTH - 2}}{text}"
        for name, text in zip(shown, written, strict=True)
    ]
    if stats.dropped:
        lines.append(_row("Not seen", f"the latency of {stats.dropped} iterations"))
    if memory := format_peak_memory(run):
        lines.append(_row("Peak memory", memory))
    lines += _describe_stability(run.stability, run.effective.unit)
    lines += [_row("Limit", limit.text) for limit in run.limits]
    rates = f", {rates_text(stats.generation)}" if stats.generation else ""
    rate = f"{stats.fps_mean:.2f} {run.effective.unit}"
    lines.append(_row("Throughput", f"{rate}{_describe_cap(run.config)}{rates}"))
    return lines


def _describe_count(stats: RunStats) -> str:
    if stats.generation is None:
        return f"{stats.count} iterations"
    whole = stats.generation.request.count
    requests = "1 whole request" if whole == 1 else f"{whole} whole requests"
    return f"{stats.frames} output tokens, {requests}"


def _describe_series(run: RunView) -> list[str]:
    """What stands before the latencies: whose they are, and those of a request's other parts."""
    generation = run.stats.generation
    if run.stats.load is not None:
        of_load = load_lines(run.stats.load, run.config, format_ms)
        rows = [_row(name, printable(text)) for name, text in of_load]
        return [*rows, "Latency from the scheduled arrival:"]
    if generation is None:
        return ["Latency:"]
    lines = [_row("Sequences", f"{lengths_text(run.effective)}; {run.effective.nireq} at once")]
    for short, long, stats in series_of(generation):
        values = ", ".join(f"{name} {format_ms(ms)}" for name, ms in percentiles_ms(stats))
        lines.append(_row(short, f"{values} ({long})"))
    if run.pipeline is not None:
        peak = f", at most {run.pipeline.cache_peak_percent:.0f} %"
        lines.append(_row("KV cache", f"{run.pipeline.cache_text}{peak}"))
    return [*lines, "Latency of an output token:"]


def _percentile(stats: RunStats, percent: float, value_ms: float) -> float:
    """NaN where it is no more than the maximum; 100 is the maximum, and means to be."""
    if percent >= 100:
        return value_ms
    return measured_percentile(value_ms, percent, stats.latency_count)


def _describe_inputs(rules: Sequence[tuple[str, str]]) -> list[str]:
    """A line for each input; where there are many, one for those that follow the same rule."""
    if len(rules) <= _MOST_INPUT_LINES:
        return [_row("Input", printable(f"{label}: {rule}")) for label, rule in rules]
    by_rule: dict[str, list[str]] = {}
    for label, rule in rules:
        by_rule.setdefault(rule, []).append(label)
    groups = list(by_rule.items())
    shown = groups if len(groups) <= _MOST_INPUT_LINES else groups[: _MOST_INPUT_LINES - 1]
    lines = [
        _row(
            "Input" if len(labels) == 1 else "Inputs",
            printable(f"{_joined(labels)}: {rule}"),
        )
        for rule, labels in shown
    ]
    left = sum(len(labels) for _, labels in groups[len(shown) :])
    return [*lines, _row("Inputs", f"{left} more, each by a rule of its own")] if left else lines


def _joined(labels: Sequence[str]) -> str:
    if len(labels) <= 3:
        return ", ".join(labels)
    return f"{len(labels)} of them, {labels[0]} to {labels[-1]}"


def _describe_first(run: RunView) -> str:
    if math.isnan(run.first_inference_ms):
        return "none before the measurement"
    return format_ms(run.first_inference_ms)


def _describe_cap(config: BenchmarkConfig) -> str:
    return f" (at most {config.max_fps:g} requested)" if config.max_fps else ""


def _describe_stability(stability: Stability, unit: str) -> list[str]:
    sentences = (*stability.causes, *stability.notes)
    return [
        _row("Stability", steadiness_text(stability, unit)),
        *(f"    {printable(sentence)}" for sentence in sentences),
    ]


def _describe_observer(observer: DisplayOverhead) -> str:
    return (
        f"{observer.ratio:.3f} of the FPS without drawing"
        f" (quartiles {observer.low:.3f}..{observer.high:.3f},"
        f" {observer.pairs} pairs of {observer.phase_s:g} s)"
    )


def _describe_config(run: RunView) -> str:
    """What the run became, and behind it what was requested where that is something else."""
    config, effective = run.config, run.effective
    device = effective.device or config.device
    runs_on = effective.execution_devices
    parts = [
        device if runs_on in ("", device) or runs_on in device else f"{device} (runs on {runs_on})",
        _hint(config, effective),
        f"nireq {_became(str(effective.nireq), str(config.nireq or ''))}",
    ]
    for name, became, requested in (
        ("streams ", effective.streams, config.streams),
        ("threads ", effective.threads, str(config.threads or "")),
        ("", effective.precision, config.precision),
    ):
        if became or requested:
            parts.append(name + _became(became or "unknown", requested))
    if effective.api == "sync":
        parts.append("sync API")
    guess = " (a guess from the shape)" if effective.is_batch_guessed else ""
    parts.append(f"batch {effective.batch_text}{guess}")
    collected = _collected(config, effective)
    if collected:
        parts.append(collected)
    return printable(", ".join(parts), limit=600)


def _hint(config: BenchmarkConfig, effective: EffectiveConfig) -> str:
    if config.hint == "none":
        return "no hint"
    if effective.hint.startswith(config.hint) or not effective.hint:
        return f"{effective.hint or config.hint} hint"
    return f"{effective.hint} hint ({config.hint} requested)"


def _collected(config: BenchmarkConfig, effective: EffectiveConfig) -> str:
    way = effective.feeder_way
    if config.feeder in (AUTO, way):
        return f"collected by {way_text(way)}" if way else ""
    by = f"collected by {way_text(way)}" if way else "nobody collects"
    return f"{by} ({config.feeder} requested)"


def _became(value: str, requested: str) -> str:
    """A value of the compiled model, and what was requested where that is something else."""
    return f"{value} ({requested} requested)" if requested not in ("", value) else value


def _row(name: str, value: str) -> str:
    return f"{name + ':':<{_NAME_WIDTH + 2}}{value}"
