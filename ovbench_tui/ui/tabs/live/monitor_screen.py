"""The screen of figures: the widgets, and one pass over them for each snapshot."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region
from textual.layout import Layout
from textual.screen import Screen

from ovbench_tui.console.units import MILLISECONDS, StickyUnit
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.ui.app.bindings.keys import TAB_BINDINGS, bindings_of, key_of
from ovbench_tui.ui.app.textual_private import RowWriter
from ovbench_tui.ui.tabs.live.arrangement import NEEDED_HEIGHT, NEEDED_WIDTH, MonitorLayout
from ovbench_tui.ui.tabs.live.live_hints import live_hints
from ovbench_tui.ui.tabs.live.live_panels import LivePanels
from ovbench_tui.ui.tabs.live.run_remarks import RunRemarks
from ovbench_tui.ui.tabs.registry import LIVE, VIEWS, Tab
from ovbench_tui.ui.widgets.details_pane import DetailsPane
from ovbench_tui.ui.widgets.hint import Hint, Hints, keys_taken
from ovbench_tui.ui.widgets.lines.footer_line import FooterLine
from ovbench_tui.ui.widgets.lines.header_line import HeaderLine
from ovbench_tui.ui.widgets.lines.message_line import MessageLine
from ovbench_tui.ui.widgets.lines.status_bar import StatusBar
from ovbench_tui.ui.widgets.lines.tab_bar import TabBar
from ovbench_tui.ui.widgets.sample_text import now_of
from ovbench_tui.ui.widgets.selector.selector_pane import SelectorPane
from ovbench_tui.ui.widgets.spark_rows import SparkRows
from ovbench_tui.ui.widgets.stats_pane import StatsPane
from ovbench_tui.ui.widgets.tab_view import TabView
from ovbench_tui.ui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot
    from ovbench_tui.settings.recent import RecentModels
    from ovbench_tui.tuning.state import TuningState
    from ovbench_tui.ui.app.frames.frame_budget import FrameBudget
    from ovbench_tui.ui.charts.chart_panel import ChartPanel
    from ovbench_tui.ui.tabs.history.history_view import HistoryView
    from ovbench_tui.ui.tabs.tune.written_search import WrittenSearchView
    from ovbench_tui.ui.widgets.live import LiveWidget

_Shown = tuple[tuple[Hint, ...], tuple[Hint, ...]]
"""Hints in their order, and those at the end of the line."""

_FEWEST_COLUMNS = 120
_LEAST_TOLD_S = 1.0
_ENOUGH_FOR_A_UNIT = 20


class MonitorScreen(Screen[None]):
    """Everything that is seen while a model runs: the figures, or another tab instead.

    Args:
        keys: the user's own, by the action's id.

    Attributes:
        general_hints: the app's part of the footer, as of now.
        remarks: what the message line may say of the figures.
    """

    BLANK = True
    ALLOW_SELECT = False
    AUTO_FOCUS = "SelectorPane"
    BINDINGS: ClassVar[list[BindingType]] = list(TAB_BINDINGS)

    def __init__(
        self,
        snapshot: Snapshot,
        tabs: tuple[Tab, ...] = VIEWS,
        keys: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self.general_hints: Callable[[], Hints] = Hints
        self._keys = keys
        self._arrangement = MonitorLayout()
        self.tabs = {tab.name: tab for tab in tabs}
        self._views: dict[str, TabView] = {}
        self._writer = RowWriter(self)
        self._units = StickyUnit()
        self._latency_unit = MILLISECONDS
        self._pinned_run = 0
        self._live_hints: tuple[object, _Shown] = None, ((), ())
        self.tab_bar = TabBar(tuple(tab for tab in tabs if not tab.beside), id="tabs")
        self.header = HeaderLine(snapshot, id="header")
        self.panels = LivePanels()
        self.remarks = RunRemarks()
        self.selector = SelectorPane(
            snapshot.requested,
            is_reading=lambda: self.panels.view.is_frozen,
            id="selector",
        )
        self.stats = StatsPane(id="stats")
        self.sparks = SparkRows(id="sparks")
        self.fps_chart = self.panels.fps_chart
        self.latency_chart = self.panels.latency_chart
        self.details = DetailsPane(id="details")
        self.message = MessageLine(log_key=key_of("log", keys), id="message")
        self.status = StatusBar(snapshot, id="status")
        self.footer = FooterLine(id="footer")
        self._live: tuple[LiveWidget, ...] = (
            self.header,
            self.tab_bar,
            self.selector,
            self.stats,
            self.sparks,
            *self.panels.all,
            self.details,
            self.message,
            self.status,
            self.footer,
            TooSmall(NEEDED_WIDTH, NEEDED_HEIGHT, id="too-small"),
        )

    def compose(self) -> ComposeResult:
        """Yield the widgets; `MonitorLayout` places them by size."""
        yield from self._live

    @property
    def layout(self) -> Layout:
        """The arrangement by size."""
        return self._arrangement

    @property
    def columns_wanted(self) -> int:
        """History columns that the widgets can show at their present sizes."""
        return max(
            _FEWEST_COLUMNS,
            self.sparks.columns_wanted,
            self.panels.columns_wanted,
        )

    @property
    def tab(self) -> str:
        """The name of the open tab."""
        return self._arrangement.tab

    async def open_tab(self, name: str) -> None:
        """Show another tab; the caller draws the next frame."""
        make = self.tabs[name].make
        if make is not None and name not in self._views:
            view = make()
            view.id = name
            self._views[name] = view
            self._live = (*self._live, view)
            await self.mount(view)
        self._arrangement.tab = name
        # Through a child: what the screen asks for itself is answered from a cache.
        self.header.refresh(layout=True)
        self.set_focus(self._views.get(name, self.selector))

    def begin_search(self, name: str) -> None:
        """Begin to search in a view for that, which is open, unless it has searched already."""
        cast("WrittenSearchView", self._views[name]).begin()

    def found_by(self, name: str) -> TuningState | None:
        """What the last search in a view has found; None before the first."""
        view = self._views.get(name)
        return None if view is None else cast("WrittenSearchView", view).board

    def show_hints(self) -> None:
        """Draw the footer: the open tab's keys first, then those of the app."""
        hints = self.general_hints()
        view = self._views.get(self.tab)
        if view is None:
            shown, last = self._hints_of_figures(hints)
        elif view.is_typing:
            shown, last = tuple(view.hints()), ()
        else:
            shown, last = hints.around(view.hints(), keys_taken(bindings_of(view)))
        self.footer.show(shown, last)

    def _hints_of_figures(self, hints: Hints) -> _Shown:
        """The keys of the Live tab; made anew only when what they depend on has changed."""
        panels = self.panels
        key = (hints, panels.view.is_frozen, panels.past is None, panels.is_past_shown)
        if key != self._live_hints[0]:
            own, more = live_hints(panels, self._keys)
            self._live_hints = key, hints.around(own, more=more)
        return self._live_hints[1]

    def on_tab_view_pinned(self, event: TabView.Pinned) -> None:
        """Tell the other tabs with which run to compare."""
        self._pinned_run = event.run_id

    def on_tab_view_hints_changed(self) -> None:
        """Show at once what a key has changed."""
        self.show_hints()
        self.footer.flush()

    def draw(
        self,
        snapshot: Snapshot,
        session: SessionLike,
        budget: FrameBudget,
        now_s: float,
        recent: RecentModels,
    ) -> None:
        """Draw one frame: every widget looks at the snapshot, and only changed rows are sent."""
        run = snapshot.run
        if run is not None:
            stats = run.stats
            is_enough = stats.count >= _ENOUGH_FOR_A_UNIT
            # A request takes thousands of times as long as a token: one unit fits both.
            usual_ms = stats.generation.ttft.p50_ms if stats.generation else stats.p50_ms
            self._latency_unit = self._units.of(usual_ms, is_enough=is_enough)
        self.header.show(
            snapshot,
            self._latency_unit,
            with_figures=self.tab != LIVE,
            with_extent=self.tab == LIVE and not self.stats.shows_extent,
        )
        self.tab_bar.show(self.tabs[self.tab].beside or self.tab)
        view = self._views.get(self.tab)
        if view is not None:
            view.latency_unit = self._latency_unit
            view.pinned_run = self._pinned_run
            view.show(snapshot, session)
        else:
            self._draw_figures(snapshot, session)
        background, background_s, expected_s = stage(snapshot, recent)
        self.message.show(
            background,
            background_s,
            now_s,
            # Why nothing runs is to be seen for as long as nothing runs.
            idle=snapshot.state in (WorkerState.IDLE, WorkerState.FAILED),
            remarks=self.panels.remarks
            or self.remarks.on(run, session, measuring=snapshot.measuring),
            expected_s=expected_s,
        )
        self.status.show(snapshot, budget.cost_percent, budget.interval_s, budget.is_slowed)
        self.show_hints()
        self._send_changed_rows()

    def _draw_figures(self, snapshot: Snapshot, session: SessionLike) -> None:
        run = snapshot.run
        self.selector.show(snapshot.requested, run)
        self.stats.show(run, self._latency_unit)
        self.sparks.show(
            snapshot.history,
            now_of(run.stats) if run else math.nan,
            self._latency_unit,
            generates=run is not None and run.stats.generation is not None,
        )
        self.panels.show(snapshot, session)
        self.details.show(run, snapshot.notices)

    # --- keys and mouse of the charts -----------------------------------------------------

    def action_charts(self, direction: int) -> None:
        """Show the next charts in the same room."""
        has_sizes = self.panels.has_sizes
        self._arrangement.change_charts(self.size, direction, has_sizes=has_sizes)
        # Through a child: of what the screen asks for itself, Textual keeps the last answer.
        self.header.refresh(layout=True)
        self.call_after_refresh(self.panels.redraw)

    def action_zoom(self, direction: int) -> None:
        """Let the charts show a longer time, or a shorter one."""
        self.panels.zoom(direction)

    def action_log_scale(self) -> None:
        """Draw latencies on a logarithmic scale, or on a linear one."""
        self.panels.flip_scale()

    def action_cursor(self, cells: int) -> None:
        """Freeze the charts and read a value; then another."""
        self.panels.move_cursor(cells)

    def action_scroll(self, back: float) -> None:
        """Freeze the charts and scroll them."""
        self.panels.scroll(back)

    def action_go_live(self) -> None:
        """Let the charts follow the present again; where they do, take the old run off them."""
        if self.panels.view.is_frozen:
            self.panels.release()
        else:
            self.panels.hide_overlay()

    # --- an old run on the charts ---------------------------------------------------------

    @property
    def overlaid_id(self) -> int:
        """Number of the run of the history that is drawn on the charts; 0 = none."""
        past = self.panels.past
        return past.run_id if past is not None and self.panels.is_past_shown else 0

    def on_history_view_overlay_requested(self, event: HistoryView.OverlayRequested) -> None:
        """Draw a run of the history on the charts, or no longer where it is there already."""
        if event.past.run_id == self.overlaid_id:
            self.panels.hide_overlay()
            self._say(f"Run {event.past.run_id} of the history is off the charts.")
        else:
            self.panels.lay_over(event.past)
            self._say(
                f"Run {event.past.run_id} of the history is drawn on the charts of the tab Live."
            )

    def action_overlay(self) -> None:
        """Hide the old run, or show it again."""
        if self.panels.past is None:
            self._say("No old run is chosen: one of the tab History can be laid over the charts.")
        elif self.panels.is_past_shown:
            self.panels.hide_overlay()
        else:
            self.panels.lay_over(self.panels.past)

    def _say(self, text: str) -> None:
        self.post_message(TabView.Said(text))

    def on_chart_panel_title_clicked(self) -> None:
        """Show the next charts."""
        self.action_charts(1)

    def on_chart_panel_picked(self, event: ChartPanel.Picked) -> None:
        """Read what was clicked."""
        self.panels.pick(event.cells_back)

    def on_chart_panel_scrolled(self, event: ChartPanel.Scrolled) -> None:
        """Scroll the charts."""
        self.panels.turn_wheel(event.back)

    def tell(self, text: str, *, is_error: bool, now_s: float) -> None:
        """Show one sentence in the message line."""
        self.message.tell(text, is_error=is_error, now_s=now_s)
        self.message.flush()

    def _send_changed_rows(self) -> None:
        if self._writer.can_write:
            self._writer.write()
            return
        # One refresh of the screen instead of one of each widget: a message less for each.
        regions: list[Region] = []
        for widget in self._live:
            if changed := widget.take_changed():
                x, y = widget.region.offset
                regions += [Region(x + row.x, y + row.y, row.width, row.height) for row in changed]
        top = self.app.screen
        if regions and top is self:
            self.refresh(*regions)
        elif regions:
            top.refresh()  # a dialog's own screen has what shows through it


def stage(snapshot: Snapshot, recent: RecentModels) -> tuple[str, float, float]:
    """Return what goes on, for how many seconds it has, and how many it took the last time.

    The text is '' when nothing goes on; the last time is NaN where it is not known or too short
    to be told.
    """
    if snapshot.background:
        expected_s = math.nan
        if snapshot.background.startswith("compiling"):
            expected_s = _last_compile_s(snapshot, recent)
        return snapshot.background, snapshot.background_s, expected_s
    if snapshot.state is WorkerState.WARMING_UP and snapshot.run is not None:
        return "warming up", snapshot.run.stats.warmup_s, math.nan
    return "", 0.0, math.nan


def _last_compile_s(snapshot: Snapshot, recent: RecentModels) -> float:
    requested = snapshot.requested
    times_s = [
        run.compile_ms / 1000
        for run in snapshot.runs
        if (run.config.model, run.config.device) == (requested.model, requested.device)
    ]
    found_s = times_s[-1] if times_s else recent.compile_s(requested.model, requested.device)
    return found_s if found_s >= _LEAST_TOLD_S else math.nan
