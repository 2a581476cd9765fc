"""The latencies of the current run as a histogram, with its percentiles marked."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_count, format_tick, format_ticks
from ovbench_tui.console.text import width_of
from ovbench_tui.console.units import duration_parts
from ovbench_tui.stats.round_steps import nice_step, one_two_five
from ovbench_tui.ui.charts.axis import ZeroBasedAxis
from ovbench_tui.ui.charts.chart_frame import GUTTER, ChartFrame, make_frame
from ovbench_tui.ui.charts.chart_panel import RUN, ChartPanel, Phrase, fitting
from ovbench_tui.ui.charts.marker_row import marker_row
from ovbench_tui.ui.widgets.spark_rows import BLOCKS

if TYPE_CHECKING:
    from ovbench_tui.stats.timeseries.views import LatencyBars
    from ovbench_tui.ui.widgets.live import Part

_EIGHTHS = len(BLOCKS)
_TITLE = "Latency histogram"
_NO_DATA = "No latency has been measured yet."
_FEWEST_LABELS = 3
_TAIL_FROM_PERCENT = 99.0
_STYLES = {" ": "base", "g": "grid", "m": "marker", "0": "first", "1": "second"}


class HistogramChart(ChartPanel):
    """Bars of eighths of a row, in percent of the inferences.

    A bar that holds anything is never nothing: at least its lowest eighth is drawn. What lies
    above p99 has a colour of its own.

    Args:
        unit_of: the unit and its factor for a scale up to the given value.
    """

    STYLE_CLASSES = (
        "chart--axis",
        "chart--first",
        "chart--grid",
        "chart--marker",
        "chart--second",
    )
    is_over_time = False

    def __init__(
        self,
        unit_of: Callable[[float], tuple[str, float]],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._unit_of = unit_of
        self._bars: LatencyBars | None = None
        self._max_ms = 0.0
        self._axis = ZeroBasedAxis(parts=math.inf)
        self._frame: ChartFrame | None = None

    def show(self, bars: LatencyBars | None, max_ms: float) -> None:
        """Draw these latencies; `max_ms` is the longest of all."""
        self._bars = bars
        self._max_ms = max_ms
        self.repaint_if_new((bars, self.outer_size))

    def paint(self) -> None:
        """Draw the marks, the bars and the scale."""
        rows, columns = self.plot_rows, self.plot_columns
        if rows < 1 or columns < 1:
            return
        bars = self._bars
        if bars is None or len(bars.bars) > columns:
            self._paint_empty(rows)
            return
        share = 100 / bars.count
        self._axis.fit(max(bars.bars) * share, rows)
        key = (rows, self._axis.ticks())
        if self._frame is None or self._frame.key != key:
            self._frame = make_frame(key, rows, self._axis, format_ticks)
        frame = self._frame
        unit, factor = self._unit_of(bars.high_ms)
        marks = self._marks(bars, factor)
        row = marker_row({x: text for x, (_, text) in marks.items()}, columns), "marker"
        top_rows = self._set_heading(self._title_parts(bars, unit), "%", row, "")
        tail = next((x for x, (percent, _) in marks.items() if percent >= _TAIL_FROM_PERCENT), None)
        for y, (edge, parts) in enumerate(
            zip(frame.edges, self._plot(bars, frame, share, set(marks), tail), strict=True),
            top_rows,
        ):
            self.set_row(y, edge, *parts)
        self.set_row(top_rows + rows, (self._scale(bars, columns, unit, factor), "axis"))

    def _paint_empty(self, rows: int) -> None:
        top_rows = self._set_heading([(f" {_TITLE}", "title")], "", (_NO_DATA, "label"), "")
        for y in range(rows):
            self.set_row(top_rows + y, (" " * (GUTTER - 1) + "│", "axis"))
        self.set_row(top_rows + rows, (" " * GUTTER, "axis"))

    def _title_parts(self, bars: LatencyBars, unit: str) -> list[Part]:
        scale = "log" if bars.is_log else "linear"
        phrases = [
            Phrase(((f" {_TITLE}", "title"),)),
            Phrase(((f", {unit} · {scale}", "title"),), rank=2),
            Phrase(((f"   % of {format_count(bars.count)}", "label"),), rank=1),
        ]
        outside = []
        if bars.above:
            longest = " ".join(duration_parts(self._max_ms))
            outside.append(f"{format_count(bars.above)} above (to {longest})")
        if bars.below:
            outside.append(f"{format_count(bars.below)} below")
        if outside:
            phrases.append(Phrase(((f"   {', '.join(outside)}", "label"),), rank=3))
        return fitting(phrases, self._painted_size.width)

    def _marks(self, bars: LatencyBars, factor: float) -> dict[int, tuple[float, str]]:
        """Percent and text by cell; of two in one cell the higher percentile stands."""
        marks: dict[int, tuple[float, str]] = {}
        for percent, latency_ms in bars.marks:
            place = _place(bars, latency_ms)
            if 0 <= place <= 1:
                x = min(len(bars.bars) - 1, int(place * len(bars.bars)))
                marks[x] = percent, f"p{percent:g} {latency_ms * factor:.3g}"
        return marks

    def _plot(
        self,
        bars: LatencyBars,
        frame: ChartFrame,
        share: float,
        marked: set[int],
        tail: int | None,
    ) -> list[list[Part]]:
        rows = len(frame.edges)
        most = rows * _EIGHTHS
        texts: list[str] = []
        codes: list[str] = []
        for x, count in enumerate(bars.bars):
            height = round(count * share / self._axis.per_row * _EIGHTHS)
            text, code = self._column(frame, x in marked, min(most, max(height, int(count > 0))))
            texts.append(text)
            codes.append(code if tail is None or x <= tail else code.replace("0", "1"))
        return [
            [
                (text[run.start() : run.end()], _STYLES[code[run.start()]])
                for run in RUN.finditer(code)
            ]
            for text, code in zip(
                map("".join, zip(*texts, strict=True)),
                map("".join, zip(*codes, strict=True)),
                strict=True,
            )
        ]

    @staticmethod
    def _column(frame: ChartFrame, is_marked: bool, height: int) -> tuple[str, str]:
        rows = len(frame.edges)
        whole, eighths = divmod(height, _EIGHTHS)
        bar = (BLOCKS[eighths - 1] if eighths else "") + BLOCKS[-1] * whole
        free = rows - len(bar)
        text, code = ("┊" * rows, "m" * rows) if is_marked else frame.blank
        return text[:free] + bar, code[:free] + "0" * len(bar)

    @staticmethod
    def _scale(bars: LatencyBars, columns: int, unit: str, factor: float) -> str:
        """The row of latencies below the bars."""
        line = [" "] * (GUTTER + columns)
        line[0 : len(unit)] = unit
        free_from = GUTTER - 1
        for value, label in _labels(bars, factor):
            x = GUTTER + min(columns - 1, int(_place(bars, value) * len(bars.bars)))
            start = x - width_of(label) // 2
            if start >= free_from and start + len(label) <= len(line):
                line[start : start + len(label)] = label
                free_from = start + len(label) + 2
        return "".join(line)


def _place(bars: LatencyBars, latency_ms: float) -> float:
    """Where a latency lies: 0 = left end of the scale, 1 = right end."""
    low, high = bars.low_ms, bars.high_ms
    if high <= low or latency_ms <= 0:
        return -1.0
    if bars.is_log:
        return math.log(latency_ms / low) / math.log(high / low)
    return (latency_ms - low) / (high - low)


def _labels(bars: LatencyBars, factor: float) -> list[tuple[float, str]]:
    """Round latencies within the scale, and how they are written."""
    low, high = bars.low_ms * factor, bars.high_ms * factor
    if bars.is_log:
        values = one_two_five(low, high)
        if len(values) >= _FEWEST_LABELS:
            return [(value / factor, format_tick(value, value)) for value in values]
    step = nice_step(high - low, 8)
    first, last = -int(-low // step), int(high // step)
    return [
        (n * step / factor, format_tick(n * step, step)) for n in range(first, last + 1) if n > 0
    ]
