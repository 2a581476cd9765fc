"""The figures of a run that the screen lists: label, value and style of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_count, format_elapsed
from ovbench_tui.console.units import NumberColumn
from ovbench_tui.stats.sample_size import inferences_needed, measured_percentile
from ovbench_tui.ui.widgets.limit_text import limit_style
from ovbench_tui.ui.widgets.sample_text import (
    mean_of,
    needs_text,
    now_of,
    peak_of,
    percentile_of,
    sample_style,
)
from ovbench_tui.ui.widgets.stability_text import (
    FPS_WIDTH,
    RUN_WIDTH,
    fps_steadiness,
    fps_style,
    run_steadiness,
    run_style,
)

if TYPE_CHECKING:
    from ovbench_tui.engine.api.pipeline_use import PipelineUse
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.stats.run_stats import GenerationStats, GroupStats, LoadStats, RunStats

_MIB = 1 << 20
NO_UNIT = " " * 3
_FPS_COLUMN = NumberColumn()


@dataclass(frozen=True, slots=True)
class Figure:
    """A label and how to read its value from a run; without a value it is a heading.

    Attributes:
        style_of: the value's style, where it says something; the value must differ with it.
        heading_width: of the value of a heading that has one; 0 = this is no such heading.
        latency_of, step_of: milliseconds, instead of `read`: all latencies have one unit, and
            so have all steps on the way to the measurement.
        limit: the figure's name among the limits of a run, by which it is marked; '' = none.
        before: what stands before the value where there is room for it.
        rank: where not all have room, those with the highest go first; 0 = it stays.
    """

    label: str
    read: Callable[[RunView], str] | None = None
    unit: str = NO_UNIT
    style_of: Callable[[RunView], str] | None = None
    heading_width: int = 0
    latency_of: Callable[[RunView], float] | None = None
    step_of: Callable[[RunView], float] | None = None
    limit: str = ""
    before: Callable[[RunView], str] | None = None
    rank: int = 0

    def style(self, run: RunView) -> str:
        """Name the value's style; what is too small a sample is dim, whatever its limit."""
        style = self.style_of(run) if self.style_of is not None else "value"
        return limit_style(run, self.limit) if self.limit and style == "value" else style


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a kind of run, in the three parts that they stand in.

    Attributes:
        unit: of the rate in large digits.
        extent: those that say how much was measured; where they have no room, the header has it.
    """

    unit: str
    rate: tuple[Figure, ...]
    latency: tuple[Figure, ...]
    run: tuple[Figure, ...]
    extent: tuple[Figure, ...]


def _percentile(percent: float, read: Callable[[RunStats], float], limit: str = "") -> Figure:
    """A percentile, dimmed and with what it needs where the sample is too small.

    Args:
        limit: the figure of the limit that it may have; '' = none.
    """

    return Figure(
        f"p{percent:g}",
        unit="",
        style_of=lambda run: sample_style(run, percent),
        latency_of=lambda run: percentile_of(run.stats, percent, read(run.stats)),
        limit=limit,
        before=lambda run: needs_text(run, percent),
    )


_RATE = (
    Figure("now", lambda run: _FPS_COLUMN.write(now_of(run.stats))),
    Figure("mean", lambda run: _FPS_COLUMN.write(mean_of(run.stats)), limit="fps"),
    Figure("peak", lambda run: _FPS_COLUMN.write(peak_of(run.stats))),
)
_LATENCY = (
    Figure("Latency"),
    Figure("min", unit="", latency_of=lambda run: run.stats.min_ms),
    Figure("mean", unit="", latency_of=lambda run: run.stats.mean_ms),
    _percentile(50, lambda stats: stats.p50_ms),
    _percentile(90, lambda stats: stats.p90_ms),
    _percentile(95, lambda stats: stats.p95_ms),
    _percentile(99, lambda stats: stats.p99_ms, limit="p99_ms"),
    _percentile(99.9, lambda stats: stats.p999_ms),
    Figure("max", unit="", latency_of=lambda run: run.stats.max_ms),
)
_EXTENT = (
    Figure("count", lambda run: format_count(run.stats.count)),
    Figure("elapsed", lambda run: format_elapsed(run.stats.elapsed_s)),
)
_RUN = (
    Figure("Run", run_steadiness, "", run_style, RUN_WIDTH),
    *_EXTENT,
    Figure("batch", lambda run: run.effective.batch_text),
    Figure("warm-up", unit="", step_of=lambda run: run.stats.warmup_s * 1e3),
    Figure("compile", unit="", step_of=lambda run: run.compile_ms),
    Figure("first inference", unit="", step_of=lambda run: run.first_inference_ms),
    Figure("read", unit="", step_of=lambda run: run.read_ms),
)
_STEPS = _RUN[-4:]
_INFERENCES = Figures(
    "FPS",
    (Figure("FPS", fps_steadiness, "", fps_style, FPS_WIDTH), *_RATE),
    _LATENCY,
    _RUN,
    _EXTENT,
)


def _generation_of(run: RunView) -> GenerationStats:
    generation = run.stats.generation
    if generation is None:
        raise ValueError("a run that generates no tokens has no such figures")
    return generation


def _use_of(run: RunView) -> PipelineUse:
    if run.pipeline is None:
        raise ValueError("a run without a pipeline has no such figures")
    return run.pipeline


def _load_of(run: RunView) -> LoadStats:
    if run.stats.load is None:
        raise ValueError("a run without arrivals has no such figures")
    return run.stats.load


def _kind(
    heading: str,
    stats_of: Callable[[RunView], GroupStats],
    limits: Mapping[int, str] = MappingProxyType({}),
) -> tuple[Figure, ...]:
    """A heading and the percentiles of one kind of latency, of a run that has several.

    Args:
        limits: the figures of the limits that its percentiles may have, by their percents.
    """

    def percentile(percent: int, value_of: Callable[[GroupStats], float]) -> Figure:
        def is_small(run: RunView) -> bool:
            return stats_of(run).count < inferences_needed(percent)

        def needs(run: RunView) -> str:
            short = inferences_needed(percent) - stats_of(run).count
            return f"needs {short:,}" if short > 0 and stats_of(run).count else ""

        return Figure(
            f"p{percent}",
            unit="",
            style_of=lambda run: "label" if is_small(run) else "value",
            latency_of=lambda run: measured_percentile(
                value_of(stats_of(run)), percent, stats_of(run).count
            ),
            limit=limits.get(percent, ""),
            before=needs,
        )

    return (
        Figure(heading),
        percentile(50, lambda stats: stats.p50_ms),
        percentile(90, lambda stats: stats.p90_ms),
        percentile(99, lambda stats: stats.p99_ms),
    )


_REQUESTS = (
    Figure("requests", lambda run: format_count(_generation_of(run).request.count)),
    _EXTENT[1],
)
_GENERATION = Figures(
    "tokens/s",
    (Figure("Tok/s", fps_steadiness, "", fps_style, FPS_WIDTH), *_RATE),
    (
        *_kind("TTFT", lambda run: _generation_of(run).ttft, {90: "ttft_p90_ms"}),
        *_kind("TPOT", lambda run: _generation_of(run).tpot, {90: "tpot_p90_ms", 99: "p99_ms"}),
        *_kind("Request", lambda run: _generation_of(run).request),
    ),
    (
        Figure("Run", run_steadiness, "", run_style, RUN_WIDTH),
        Figure("input/s", lambda run: _FPS_COLUMN.write(_generation_of(run).input_tokens_per_s)),
        Figure("requests/s", lambda run: _FPS_COLUMN.write(_generation_of(run).requests_per_s)),
        *_REQUESTS,
        Figure("batch", lambda run: run.effective.batch_text),
        *_STEPS,
    ),
    _REQUESTS,
)
_PIPELINE = replace(
    _GENERATION,
    run=(
        *_GENERATION.run[:4],
        Figure("KV cache", lambda run: f"{_use_of(run).cache_percent:.0f}", " % "),
        Figure("KV MiB", lambda run: f"{_use_of(run).cache_bytes / _MIB:.3g}"),
        Figure("waiting", lambda run: format_count(_use_of(run).waiting)),
        *_GENERATION.run[4:],
    ),
)


def _ranked(figures: Sequence[Figure], **ranks: int) -> tuple[Figure, ...]:
    """The figures, with ranks by their labels."""
    return tuple(replace(figure, rank=ranks.get(figure.label, 0)) for figure in figures)


_OPEN_LOOP = replace(
    _INFERENCES,
    # Of requests that arrive by themselves the fastest moment says nothing.
    rate=_ranked(_INFERENCES.rate, peak=5),
    latency=(
        _LATENCY[0],
        *_ranked([f for f in _LATENCY if f.label in ("p50", "p90", "p99", "max")], p90=2),
        *_ranked(_kind("Waiting", lambda run: _load_of(run).waiting), p90=3),
        *_ranked(_kind("Service", lambda run: _load_of(run).service), p90=4),
    ),
    run=(
        _RUN[0],
        Figure("offered/s", lambda run: _FPS_COLUMN.write(_load_of(run).offered_per_s)),
        Figure("served/s", lambda run: _FPS_COLUMN.write(_load_of(run).served_per_s)),
        Figure("dropped/s", lambda run: _FPS_COLUMN.write(_load_of(run).dropped_per_s)),
        Figure("queue", lambda run: format_count(_load_of(run).queue_now)),
        Figure("longest queue", lambda run: format_count(_load_of(run).queue_max)),
        Figure("dropped", lambda run: format_count(_load_of(run).dropped)),
        *_EXTENT,
        Figure("sleep error", unit="", step_of=lambda run: _load_of(run).late_mean_ms),
    ),
)
LOST = Figure("latencies lost", lambda run: format_count(run.stats.dropped))


def figures_for(run: RunView | None) -> Figures:
    """The figures that this run has."""
    if run is None or run.stats.generation is None:
        return _INFERENCES if run is None or run.stats.load is None else _OPEN_LOOP
    return _GENERATION if run.pipeline is None else _PIPELINE
