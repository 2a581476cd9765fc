"""The screen of figures: the widgets, and one pass over them for each snapshot."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region
from textual.layout import Layout
from textual.screen import Screen

from ovbench_tui.engine.events import WorkerState
from ovbench_tui.engine.snapshot import SessionLike, Snapshot
from ovbench_tui.ui.arrangement import MonitorLayout
from ovbench_tui.ui.choices import Offer
from ovbench_tui.ui.details_pane import DetailsPane
from ovbench_tui.ui.footer_line import FooterLine
from ovbench_tui.ui.format import duration_parts
from ovbench_tui.ui.frame_budget import FrameBudget
from ovbench_tui.ui.header_line import HeaderLine
from ovbench_tui.ui.history_chart import HistoryChart, Series
from ovbench_tui.ui.keys import TAB_BINDINGS
from ovbench_tui.ui.live import LiveWidget
from ovbench_tui.ui.message_line import MessageLine
from ovbench_tui.ui.selector_pane import SelectorPane
from ovbench_tui.ui.spark_rows import SparkRows
from ovbench_tui.ui.stability_text import remark_on
from ovbench_tui.ui.stats_pane import StatsPane
from ovbench_tui.ui.status_line import StatusLine
from ovbench_tui.ui.tab_bar import TabBar
from ovbench_tui.ui.tab_view import TabView
from ovbench_tui.ui.tabs import LIVE, TABS, Tab
from ovbench_tui.ui.too_small import TooSmall

_FEWEST_COLUMNS = 120


class MonitorScreen(Screen[None]):
    """Everything that is seen while a model runs: the figures, or another tab instead."""

    BLANK = True
    ALLOW_SELECT = False
    AUTO_FOCUS = "SelectorPane"
    BINDINGS: ClassVar[list[BindingType]] = list(TAB_BINDINGS)

    def __init__(self, snapshot: Snapshot, tabs: tuple[Tab, ...] = TABS) -> None:
        super().__init__()
        self._arrangement = MonitorLayout()
        self.tabs = {tab.name: tab for tab in tabs}
        self._views: dict[str, TabView] = {}
        self.tab_bar = TabBar(tabs, id="tabs")
        self.header = HeaderLine(snapshot, id="header")
        self.selector = SelectorPane(snapshot.requested, id="selector")
        self.stats = StatsPane(id="stats")
        self.sparks = SparkRows(id="sparks")
        self.fps_chart = HistoryChart(
            "FPS", (Series("FPS", lambda h: h.fps),), is_filled=True, id="fps-chart"
        )
        self.latency_chart = HistoryChart(
            "Latency",
            (Series("p50", lambda h: h.p50_ms), Series("p99", lambda h: h.p99_ms)),
            is_capped=True,
            unit_of=latency_unit,
            id="latency-chart",
        )
        self.details = DetailsPane(id="details")
        self.message = MessageLine(id="message")
        self.status = StatusLine(snapshot, id="status")
        self.footer = FooterLine(id="footer")
        self._live: tuple[LiveWidget, ...] = (
            self.header,
            self.tab_bar,
            self.selector,
            self.stats,
            self.sparks,
            self.fps_chart,
            self.latency_chart,
            self.details,
            self.message,
            self.status,
            self.footer,
            TooSmall(id="too-small"),
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
            self.fps_chart.columns_wanted,
            self.latency_chart.columns_wanted,
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
        self.refresh(layout=True)
        self.set_focus(self._views.get(name, self.selector))

    def draw(
        self,
        snapshot: Snapshot,
        session: SessionLike,
        offer: Offer,
        budget: FrameBudget,
        now_s: float,
    ) -> None:
        """Draw one frame: every widget looks at the snapshot, and only changed rows are sent."""
        run = snapshot.run
        self.header.show(snapshot, with_figures=self.tab != LIVE)
        self.tab_bar.show(self.tab)
        view = self._views.get(self.tab)
        if view is not None:
            view.show(snapshot, session)
        else:
            self._draw_figures(snapshot, offer)
        self.message.show(
            snapshot.background,
            snapshot.background_s,
            now_s,
            # Why nothing runs is to be seen for as long as nothing runs.
            idle=snapshot.state in (WorkerState.IDLE, WorkerState.FAILED),
            remark=remark_on(run) if snapshot.measuring else "",
        )
        self._make_room_for_message()
        self.status.show(snapshot, budget.cost_percent, budget.interval_s, budget.is_slowed)
        self._send_changed_rows()

    def _draw_figures(self, snapshot: Snapshot, offer: Offer) -> None:
        run = snapshot.run
        self.selector.show(snapshot.requested, run, offer)
        self.stats.show(run)
        self.sparks.show(snapshot.history, run.stats if run else None)
        self.fps_chart.show(snapshot.history)
        self.latency_chart.show(snapshot.history)
        self.details.show(run, snapshot.notices)

    def tell(self, text: str, *, is_error: bool, now_s: float) -> None:
        """Show one sentence in the message line."""
        self.message.tell(text, is_error=is_error, now_s=now_s)
        self._make_room_for_message()
        self.message.flush()

    def _make_room_for_message(self) -> None:
        rows = self.message.rows_wanted
        if rows != self._arrangement.message_rows:
            self._arrangement.message_rows = rows
            self.message.refresh(layout=True)

    def _send_changed_rows(self) -> None:
        # One refresh of the screen instead of one of each widget: a message less for each.
        regions: list[Region] = []
        for widget in self._live:
            if changed := widget.take_changed():
                x, y = widget.region.offset
                regions += [Region(x + row.x, y + row.y, row.width, row.height) for row in changed]
        if regions:
            self.refresh(*regions)


def latency_unit(top_ms: float) -> tuple[str, float]:
    """Return the unit for a latency scale up to `top_ms`, and its factor from ms."""
    _, unit = duration_parts(top_ms)
    return unit, {"µs": 1e3, "ms": 1.0, "s": 1e-3}[unit]
