"""The charts of the Live tab together: one window on the past, one cursor, one mouse."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_duration_ticks
from ovbench_tui.console.units import duration_parts
from ovbench_tui.ui.charts.chart_panel import ChartPanel, Look
from ovbench_tui.ui.charts.chart_series import Series
from ovbench_tui.ui.charts.heat_map import HeatMap
from ovbench_tui.ui.charts.histogram_chart import HistogramChart
from ovbench_tui.ui.charts.history_chart import COLUMNS_PER_CELL, HistoryChart
from ovbench_tui.ui.charts.machine_strip import MachineStrip
from ovbench_tui.ui.charts.reading import reading
from ovbench_tui.ui.tabs.live.live_view import LiveView
from ovbench_tui.ui.tabs.live.size_chart import SizeChart, size_axis

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import History, SessionLike, Snapshot
    from ovbench_tui.ui.charts.overlay import PastRun

_WHEEL = 0.125
_BARS_EVERY_S = 1.0
_HELD_WITHIN_S = 1.5
"""An old run stays where it lies while it is off by less: columns end between two frames."""


def latency_unit(top_ms: float) -> tuple[str, float]:
    """Return the unit for a latency scale up to `top_ms`, and its factor from ms."""
    _, unit = duration_parts(top_ms)
    return unit, {"µs": 1e3, "ms": 1.0, "s": 1e-3}[unit]


class LivePanels:
    """The charts over the machine; what is not seen is neither asked for nor drawn."""

    def __init__(self) -> None:
        self.view = LiveView()
        self.fps_chart = HistoryChart(
            "FPS",
            (Series("FPS", lambda h: h.fps, lambda h: h.low_fps, lambda h: h.high_fps),),
            is_filled=True,
            id="fps-chart",
        )
        self.latency_chart = HistoryChart(
            "Latency",
            (Series("p50", lambda h: h.p50_ms), Series("p99", lambda h: h.p99_ms)),
            short="lat.",
            is_capped=True,
            label_all=format_duration_ticks,
            id="latency-chart",
        )
        self.histogram = HistogramChart(latency_unit, id="histogram")
        self.heat_map = HeatMap(id="heat-map")
        self.sizes = SizeChart(id="size-chart")
        self.machine = MachineStrip(id="machine-strip")
        self.all: tuple[ChartPanel, ...] = (
            self.fps_chart,
            self.latency_chart,
            self.histogram,
            self.heat_map,
            self.sizes,
            self.machine,
        )
        self._is_log = True
        self._past_key: object = None
        self._bars_key: object = None
        self._last: tuple[Snapshot, SessionLike] | None = None
        self.past: PastRun | None = None
        self.is_past_shown = False
        self._past_from_s = 0.0

    @property
    def columns_wanted(self) -> int:
        """Columns of the live history that fill the charts."""
        return max(self.fps_chart.columns_wanted, self.latency_chart.columns_wanted)

    @property
    def has_sizes(self) -> bool:
        """Whether the shapes of what runs differ."""
        run = self._last[0].run if self._last else None
        return run is not None and size_axis(run.effective) is not None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be known of the view, for the message line; nothing while it is live."""
        return ("The charts are frozen; measuring goes on.",) if self.view.is_frozen else ()

    def show(self, snapshot: Snapshot, session: SessionLike) -> None:
        """Draw the charts that are seen."""
        self._last = snapshot, session
        if self.is_past_shown:
            self._align(snapshot)
        if snapshot.run is not None and snapshot.run.effective.generates:
            self.fps_chart.set_title("Tokens/s, output", "tok/s")
            self.latency_chart.set_title("TPOT, time per output token", "TPOT")
        else:
            self.fps_chart.set_title("FPS", "FPS")
            self.latency_chart.set_title("Latency", "lat.")
        self.fps_chart.set_limit(snapshot.requested.fps_above)
        self.latency_chart.set_limit(_latency_limit_ms(snapshot))
        over_time = [panel for panel in self.all if panel.is_shown and panel.is_over_time]
        if over_time:
            unit = snapshot.run.effective.unit if snapshot.run else "FPS"
            self._show_past(snapshot.history, session, over_time, unit)
        if self.histogram.is_shown:
            self._show_bars(snapshot, session)
        if self.sizes.is_shown:
            self.sizes.show(snapshot.run)

    def _show_past(
        self, live: History, session: SessionLike, panels: list[ChartPanel], unit: str
    ) -> None:
        """Draw what is over time, with every cell of the live history: once a second.

        A chart lets half a cell wait, and then so does all that stands below it. Finer columns
        come several times a second, and drawing is what costs.
        """
        view = self.view
        view.take_in(live.end_s)
        cells = panels[0].plot_columns
        window = view.window(cells)
        whole_cells = (live.newest + 1) // COLUMNS_PER_CELL
        places = [(panel, panel.outer_size) for panel in panels]
        happened = live.markers, live.warm_ups
        key = (whole_cells, happened, window, view.note, view.cursor_s, places, unit)
        if key == self._past_key:
            return
        self._past_key = key
        history = live if view.is_usual else session.history(window)
        cell_s = COLUMNS_PER_CELL * history.column_s
        view.set_cells(cells, cell_s)
        cursor = view.cursor_cell(cell_s)
        reported = ""
        if cursor is not None and view.frozen_s is not None:
            reported = reading(history, cursor, view.frozen_s, unit)
        look = Look(view.note, view.edge, cursor, reported)
        for panel in panels:
            if isinstance(panel, HistoryChart):
                panel.show(history, look)
            elif isinstance(panel, HeatMap):
                heat = session.heat(window, max(1, panel.plot_rows))
                panel.show(heat, history.markers, look)
            elif isinstance(panel, MachineStrip):
                drawn = [chart.last_cell for chart in panels if isinstance(chart, HistoryChart)]
                first = (drawn[0] if drawn else history.newest // COLUMNS_PER_CELL) - cells + 1
                panel.show(session.machine(first, cells, cell_s), first, look)
            look = replace(look, reading="")  # of the uppermost alone

    def _show_bars(self, snapshot: Snapshot, session: SessionLike) -> None:
        run = snapshot.run
        columns = self.histogram.plot_columns
        # Once a second: of a run that is minutes long, a frame changes nothing to be seen.
        second = run.stats.elapsed_s // _BARS_EVERY_S if run else 0.0
        key = (run.run_id, second, run.stats.count == 0, columns, self._is_log) if run else None
        if key != self._bars_key:
            self._bars_key = key
            bars = session.latency_bars(columns, is_log=self._is_log) if run else None
            self.histogram.show(bars, run.stats.max_ms if run else 0.0)

    # --- an old run -------------------------------------------------------------------------

    def lay_over(self, past: PastRun) -> None:
        """Draw an old run under the lines, from where what runs now was first measured."""
        self.past, self.is_past_shown = past, True
        if self._last is not None:
            self._past_from_s = _measured_from_s(self._last[0])
        self._hand_over()

    def hide_overlay(self) -> None:
        """Take the old run off the charts; it can be laid over them again."""
        if self.is_past_shown:
            self.is_past_shown = False
            self._hand_over()

    def _align(self, snapshot: Snapshot) -> None:
        """Move the old run where another run has begun, or what runs was paused or reset."""
        from_s = _measured_from_s(snapshot)
        if snapshot.measuring and abs(from_s - self._past_from_s) > _HELD_WITHIN_S:
            self._past_from_s = from_s
            self._hand_over()

    def _hand_over(self) -> None:
        past = self.past if self.is_past_shown else None
        self.fps_chart.set_overlay(past.fps if past else None, self._past_from_s)
        self.latency_chart.set_overlay(past.latency if past else None, self._past_from_s)
        for chart in (self.fps_chart, self.latency_chart):
            if chart.is_shown:
                chart.repaint()
                chart.flush()

    # --- what keys and the mouse do -------------------------------------------------------

    def zoom(self, direction: int) -> None:
        """Show a longer time, or a shorter one."""
        self.view.zoom(direction)
        self.redraw()

    def flip_scale(self) -> None:
        """Change the scale of the latency chart, or of the histogram where that one is not seen."""
        if self.latency_chart.is_shown:
            self.latency_chart.flip_scale()
            self.latency_chart.repaint()
        else:
            self._is_log = not self._is_log
        self.redraw()

    def move_cursor(self, cells: int) -> None:
        """Read another cell."""
        self.view.move_cursor(cells, self._now_s)
        self.redraw()

    def pick(self, cells_back: int) -> None:
        """Read the cell so many left of the newest one."""
        self.view.pick(cells_back, self._now_s)
        self.redraw()

    def scroll(self, back: float) -> None:
        """Move the view by a part of its length."""
        self.view.scroll(back, self._now_s)
        self.redraw()

    def turn_wheel(self, back: int) -> None:
        """Move the view by a notch of the wheel."""
        self.scroll(back * _WHEEL)

    def release(self) -> None:
        """Follow the present again."""
        self.view.release()
        self.redraw()

    @property
    def _now_s(self) -> float:
        return self._last[0].history.end_s if self._last else 0.0

    def redraw(self) -> None:
        """Draw again what the last frame had, after a key or the mouse."""
        if self._last is not None:
            self.show(*self._last)
            for panel in self.all:
                panel.flush()


def _latency_limit_ms(snapshot: Snapshot) -> float:
    """The limit for the latencies of the chart; 0 = none. One line is drawn, the p99's first."""
    requested, run = snapshot.requested, snapshot.run
    if requested.p99_under_ms or run is None or not run.effective.generates:
        return requested.p99_under_ms
    return requested.tpot_p90_under_ms


def _measured_from_s(snapshot: Snapshot) -> float:
    """When the current run would have begun, had it been measured without a break."""
    run = snapshot.run
    return snapshot.history.end_s - (run.stats.elapsed_s if run else 0.0)
