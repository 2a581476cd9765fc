"""The charts of a mix: one for each model, all over the same time, and the machine below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_duration_ticks
from ovbench_tui.ui.charts.chart_series import Series
from ovbench_tui.ui.charts.history_chart import HistoryChart

if TYPE_CHECKING:
    from ovbench_tui.mix.member import Member, MemberView

LEAST_ROWS = 6
"""Of a chart."""


class MixCharts:
    """A chart of FPS and one of latencies for each model, of which one kind is seen."""

    def __init__(self, members: tuple[Member, ...]) -> None:
        self._fps = [
            HistoryChart(
                f"{member.name} · FPS",
                (Series("FPS", lambda h: h.fps, lambda h: h.low_fps, lambda h: h.high_fps),),
                short="FPS",
                is_filled=True,
            )
            for member in members
        ]
        self._latency = [
            HistoryChart(
                f"{member.name} · latency",
                (Series("p50", lambda h: h.p50_ms), Series("p99", lambda h: h.p99_ms)),
                short="lat.",
                is_capped=True,
                label_all=format_duration_ticks,
            )
            for member in members
        ]
        self.shows_latency = False

    def __iter__(self) -> Iterator[HistoryChart]:
        """All of them, those of a model one after the other."""
        for pair in zip(self._fps, self._latency, strict=True):
            yield from pair

    @property
    def columns_wanted(self) -> int:
        """Columns of the history that fill the charts."""
        return max(chart.columns_wanted for chart in self)

    @property
    def seen(self) -> HistoryChart:
        """One that is seen."""
        shown = self._latency if self.shows_latency else self._fps
        return next((chart for chart in shown if chart.display), shown[0])

    def choose(self, room: int, selected: int) -> None:
        """Show as many as have room, the selected model's among them.

        Args:
            room: rows for all.
        """
        shown = max(1, min(len(self._fps), room // LEAST_ROWS))
        first = min(max(0, selected - shown + 1), len(self._fps) - shown)
        for number, (fps, latency) in enumerate(zip(self._fps, self._latency, strict=True)):
            is_near = first <= number < first + shown
            for chart, is_wanted in ((fps, not self.shows_latency), (latency, self.shows_latency)):
                if chart.display is not (is_near and is_wanted):
                    chart.display = is_near and is_wanted

    def show(self, members: tuple[MemberView, ...]) -> None:
        """Draw those that are seen."""
        for one, fps, latency in zip(members, self._fps, self._latency, strict=False):
            config = one.snapshot.requested
            fps.set_limit(config.fps_above)
            latency.set_limit(config.p99_under_ms)
            run = one.run
            if run is not None and run.effective.generates:
                fps.set_title(f"{one.name} · tokens/s", "tok/s")
                latency.set_title(f"{one.name} · TPOT", "TPOT")
            for chart in (fps, latency):
                if chart.display:
                    chart.show(one.snapshot.history)
