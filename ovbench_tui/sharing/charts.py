"""The charts of a run on a page, all over the same time, and what the machine did meanwhile."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from ovbench_tui.console.format import format_fps
from ovbench_tui.console.units import format_duration
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.reports.machine_use import mean_of
from ovbench_tui.reports.percentiles import percentiles_of
from ovbench_tui.sharing.blocks import Chart
from ovbench_tui.sharing.svg import Line, Mark, Span, bar_chart, time_chart
from ovbench_tui.stats.run_stats import RunSeries
from ovbench_tui.stats.sample_size import inferences_needed

_BLOCKS = "▁▂▃▄▅▆▇█"
_MOST_BLOCKS = 60
_ALL_CPUS = 100.0


def run_charts(result: RunResult) -> list[Chart]:
    """Those of which something is known, from top to bottom."""
    series, stats = result.series, result.view.stats
    unit = result.view.effective.unit
    fps = [frames / series.step_s for frames in series.frames] if series.step_s else []
    latency = (
        Line("p50", "p50", series.p50_ms),
        Line("p99", "p99", series.p99_ms),
    )
    title = "Latency" if stats.generation is None else "TPOT, time per output token"
    marks = [
        Mark(ms, f"p{percent:g}")
        for percent, ms in percentiles_of(stats)
        if stats.count >= inferences_needed(percent)
    ]
    charts = [
        Chart(
            time_chart(
                "Throughput",
                unit,
                series.step_s,
                [Line(unit, "fps", fps, is_filled=True)],
                marks=[Mark(stats.fps_mean, f"mean {format_rate(stats.fps_mean)}")],
                tick=_number,
            ),
            unit,
            sparkline(fps),
        ),
        Chart(
            time_chart(title, "", series.step_s, latency, may_be_log=True, tick=format_time),
            "p99",
            sparkline(series.p99_ms),
        ),
        *_machine_charts(series),
        Chart(
            bar_chart("Latencies", "share of inferences", result.histogram, marks, tick=format_time)
        ),
    ]
    return [chart for chart in charts if chart.svg]


def _machine_charts(series: RunSeries) -> list[Chart]:
    """Who used the CPU, and its clock where that is measured; in the time of the charts above."""
    machine = series.machine
    others = _percents(machine.others_share)
    shares = (Line("ours", "ours", _percents(machine.own_share)), Line("others", "others", others))
    busy = [
        Span(one.from_s, one.until_s, f"{one.name}, pid {one.pid}: {one.share * 100:.0f} %")
        for one in machine.processes
    ]
    hot = [rate > 0 for rate in machine.throttles_per_s]
    return [
        Chart(
            time_chart(
                "CPU",
                "share of all",
                series.step_s,
                shares,
                spans=busy,
                top=_ALL_CPUS,
                tick=lambda percent: f"{percent:g} %",
            ),
            "CPU of others",
            sparkline(others, _ALL_CPUS),
            "from 0 to 100 %",
        ),
        Chart(
            time_chart(
                "CPU frequency",
                "GHz",
                series.step_s,
                [Line("frequency", "frequency", machine.frequency_ghz)],
                spans=[
                    Span(begin * series.step_s, end * series.step_s, "throttled for heat")
                    for begin, end in _stretches(hot)
                ],
            )
        ),
    ]


def _stretches(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Where neighbours are set: begin and end of each stretch."""
    begin = 0
    for is_set, group in itertools.groupby(flags):
        end = begin + len(list(group))
        if is_set:
            yield begin, end
        begin = end


def _percents(shares: Sequence[float]) -> list[float]:
    return [share * 100 for share in shares]


def sparkline(values: Sequence[float], top: float = math.nan) -> str:
    """A row of at most 60 blocks from 0 to `top`; a gap where nothing is known.

    Args:
        top: NaN = the largest value; '' then where that is 0.
    """
    size = max(1, math.ceil(len(values) / _MOST_BLOCKS))
    columns = [mean_of(values[begin : begin + size]) for begin in range(0, len(values), size)]
    if math.isnan(top):
        top = max((value for value in columns if math.isfinite(value)), default=0.0)
    if not top > 0:
        return ""
    return "".join(
        _BLOCKS[round(min(value / top, 1.0) * (len(_BLOCKS) - 1))] if math.isfinite(value) else " "
        for value in columns
    )


def format_rate(value: float) -> str:
    """Frames or tokens a second."""
    return format_fps(value).strip()


def format_time(value_ms: float) -> str:
    """Milliseconds, in the unit that suits them."""
    return "0" if value_ms == 0 else format_duration(value_ms)


def _number(value: float) -> str:
    return f"{value:,g}" if value < 1e6 else f"{value / 1e6:g} M"
