"""The screen of a program: charts, where its time goes, verdicts, and what it prints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.layout import Layout

from ovbench_tui.console.format import format_count, format_duration_ticks
from ovbench_tui.console.text import clean
from ovbench_tui.console.units import StickyUnit
from ovbench_tui.ui.application.arrangement import NEEDED_HEIGHT, NEEDED_WIDTH, ProgramLayout
from ovbench_tui.ui.application.split_chart import SplitChart
from ovbench_tui.ui.application.text_panes import ModelsPane, OutputPane, VerdictPane
from ovbench_tui.ui.application.time_pane import TimePane
from ovbench_tui.ui.charts.chart_series import Series
from ovbench_tui.ui.charts.history_chart import HistoryChart
from ovbench_tui.ui.widgets.lines.message_line import MessageLine
from ovbench_tui.ui.widgets.lines.one_line import OneLine
from ovbench_tui.ui.widgets.live_screen import LiveScreen
from ovbench_tui.ui.widgets.spark_rows import SparkRows
from ovbench_tui.ui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from ovbench_tui.application.live import AppSnapshot
    from ovbench_tui.ui.widgets.hint import Hint
    from ovbench_tui.ui.widgets.live import Part

_FEWEST_COLUMNS = 120


class ProgramScreen(LiveScreen):
    """Everything that is seen while a program runs."""

    BLANK = True

    def __init__(self) -> None:
        super().__init__()
        self._arrangement = ProgramLayout()
        self._unit = StickyUnit()
        self.header = OneLine(id="header")
        self.message = MessageLine(id="message")
        self.sparks = SparkRows(id="sparks")
        self.fps_chart = HistoryChart(
            "FPS", (Series("FPS", lambda history: history.fps),), is_filled=True, id="fps-chart"
        )
        self.latency_chart = HistoryChart(
            "Latency",
            (Series("p50", lambda h: h.p50_ms), Series("p99", lambda h: h.p99_ms)),
            short="lat.",
            is_capped=True,
            label_all=format_duration_ticks,
            id="latency-chart",
        )
        self.split_chart = SplitChart(id="split-chart")
        self.time = TimePane(id="time")
        self.models = ModelsPane(id="models")
        self.verdict = VerdictPane(id="verdict")
        self.output = OutputPane(id="output")

    @property
    def layout(self) -> Layout:
        """The arrangement by size."""
        return self._arrangement

    @property
    def columns_wanted(self) -> int:
        """History columns that the charts can show at their present sizes."""
        charts = (self.fps_chart, self.latency_chart, self.sparks)
        return max(_FEWEST_COLUMNS, *(chart.columns_wanted for chart in charts))

    def own_hints(self) -> tuple[Hint, ...]:
        """None: all keys are the app's."""
        return ()

    def compose(self) -> ComposeResult:
        """Yield the widgets; `ProgramLayout` places them by size."""
        yield self.header
        yield self.sparks
        yield self.fps_chart
        yield self.latency_chart
        yield self.split_chart
        yield self.time
        yield self.models
        yield self.verdict
        yield self.output
        yield self.message
        yield self.footer
        yield TooSmall(NEEDED_WIDTH, NEEDED_HEIGHT, id="too-small")

    def draw(self, snapshot: AppSnapshot, cost: str, now_s: float, *, is_frozen: bool) -> None:
        """Draw one frame."""
        analysis, seconds = snapshot.analysis, snapshot.seconds
        shown = seconds[-1] if seconds else None
        if snapshot.is_over and analysis is not None:
            shown = analysis.overall
        self.header.show(
            (
                (" ovbench-tui app  ", "title"),
                (clean(" ".join(snapshot.words)), "value"),
                *state_of(snapshot, is_frozen=is_frozen),
            ),
            (cost, "label"),
        )
        median_ms, _, p99_ms = analysis.latencies_ms if analysis is not None else (math.nan,) * 3
        unit = self._unit.of(median_ms)
        if snapshot.is_over:
            rate = analysis.rate if analysis is not None else math.nan
            self.sparks.show(snapshot.history, rate, unit, whole_ms=(median_ms, p99_ms))
        else:
            fps = snapshot.history.fps[-2:]
            self.sparks.show(snapshot.history, sum(fps) / len(fps) if fps else math.nan, unit)
        self.fps_chart.show(snapshot.history)
        self.latency_chart.show(snapshot.history)
        self.split_chart.show(seconds)
        self.time.show(analysis, shown)
        self.models.show(analysis)
        self.verdict.show(snapshot)
        self.output.show(snapshot.output)
        remark = remark_on(snapshot, is_frozen=is_frozen)
        self.message.show(
            "measuring the model alone" if snapshot.alone_s else "",
            snapshot.alone_s,
            now_s,
            idle=False,
            remarks=(remark,) if remark else (),
        )
        self.send_changed_rows()


def state_of(snapshot: AppSnapshot, *, is_frozen: bool) -> tuple[Part, ...]:
    """How far the program is, for the header."""
    ran = f"   {snapshot.elapsed_s:.0f} s   "
    if snapshot.exit_code is None:
        word: Part = ("● ending", "warn") if snapshot.ending else ("● running", "good")
    else:
        style = "bad" if snapshot.exit_code else "label"
        word = (f"■ ended, exit code {snapshot.exit_code}", style)
    return ((ran, "label"), word, *((("   frozen", "warn"),) if is_frozen else ()))


def remark_on(snapshot: AppSnapshot, *, is_frozen: bool) -> str:
    """What is to be known now, for the message line."""
    if is_frozen:
        return "The figures are frozen; the program goes on."
    if snapshot.is_over:
        alone = (
            ""
            if snapshot.alone_s or (snapshot.alone is not None and not snapshot.alone.source)
            else "h measures the model alone, "
        )
        return f"The program has ended: {alone}q prints the report."
    if snapshot.dropped:
        lost = format_count(snapshot.dropped)
        return f"{lost} records are lost: the program calls OpenVINO faster than they are read."
    return ""
