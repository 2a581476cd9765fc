"""The screens of a fleet: all machines, and one of them alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from ovbench_tui.console.format import format_fps
from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.text import clean
from ovbench_tui.console.units import format_duration
from ovbench_tui.engine.api.snapshot import History, Notice
from ovbench_tui.ui.app.bindings.keys import bindings_of
from ovbench_tui.ui.charts.chart_series import Series
from ovbench_tui.ui.charts.history_chart import HistoryChart
from ovbench_tui.ui.tabs.fleet.fleet_rows import remark_on
from ovbench_tui.ui.tabs.fleet.fleet_view import FleetView
from ovbench_tui.ui.widgets.details_pane import DetailsPane
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.lines.message_line import MessageLine
from ovbench_tui.ui.widgets.lines.one_line import OneLine
from ovbench_tui.ui.widgets.live_screen import LiveScreen
from ovbench_tui.ui.widgets.stats_pane import StatsPane

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.fleet.machine_status import FleetSnapshot, MachineFigures
    from ovbench_tui.ui.widgets.live import Part
    from ovbench_tui.ui.widgets.table.table_view import TableView

NO_HISTORY = History(1.0, 0, (), (), (), ())


class FramedScreen(LiveScreen):
    """A table of all machines between what they run and the keys."""

    def __init__(self, table: TableView) -> None:
        super().__init__()
        self._table = table
        self.header = OneLine(id="header")
        self.totals = OneLine(id="totals")
        self.message = MessageLine(id="message")

    @property
    def own_bindings(self) -> Sequence[BindingType]:
        """The table's, and those of the screen."""
        return (*bindings_of(self._table), *self.BINDINGS)

    @property
    def is_typing(self) -> bool:
        """Whether a filter is typed."""
        return self._table.is_typing

    def own_hints(self) -> tuple[Hint, ...]:
        """The keys of the table."""
        return tuple(self._table.hints())

    def compose(self) -> ComposeResult:
        """Yield the lines and the table."""
        yield self.header
        yield self.totals
        yield self._table
        yield self.message
        yield self.footer


class FleetScreen(FramedScreen):
    """A row for each machine, and all of them as one."""

    AUTO_FOCUS = "FleetView"

    def __init__(self) -> None:
        self.view = FleetView()
        super().__init__(self.view)

    def draw(self, snapshot: FleetSnapshot, cost: str, now_s: float) -> None:
        """Draw one frame."""
        self.header.show(
            ((" ovbench-tui fleet  ", "title"), *describe(snapshot.requested)),
            (f"{clean(snapshot.where)} ", "label"),
        )
        self.totals.show(totals_of(snapshot), (cost, "label"))
        self.view.show_fleet(snapshot)
        self.message.show("", 0.0, now_s, idle=bool(snapshot.failure))
        self.send_changed_rows()


class MachineScreen(LiveScreen):
    """Everything that is known of one machine."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,backspace", "app.pop_screen", "All machines", key_display="esc"),
        Binding("down,j,right", "app.other_machine(1)", "Next", key_display="↓"),
        Binding("up,k,left", "app.other_machine(-1)", "Previous", key_display="↑"),
    ]

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self.header = OneLine(id="header")
        self.remark = OneLine(id="message")
        self.stats = StatsPane(id="stats")
        self.chart = HistoryChart(
            "FPS", (Series("FPS", lambda history: history.fps),), is_filled=True, id="fps-chart"
        )
        self.details = DetailsPane(id="details")

    def own_hints(self) -> tuple[Hint, ...]:
        """Back, and the machines beside this one."""
        return (
            Hint("esc", "All machines", "app.pop_screen"),
            Hint("↑", "Other machine", "app.other_machine(-1)", "↓", "app.other_machine(1)"),
        )

    def compose(self) -> ComposeResult:
        """Yield the panes."""
        yield self.header
        yield self.remark
        with Horizontal(id="machine"):
            yield self.stats
            with Vertical():
                yield self.chart
                yield self.details
        yield self.footer

    def draw(
        self,
        machine: MachineFigures | None,
        run: RunView | None,
        history: History,
        notices: tuple[Notice, ...],
    ) -> None:
        """Draw one frame."""
        if machine is not None:
            reported = [
                machine.cpu,
                f"{machine.cores} cores" if machine.cores else "",
                machine.host,
            ]
            version = f"OpenVINO {machine.openvino} " if machine.openvino else ""
            self.header.show(
                (
                    (f" {clean(machine.name)}  ", "title"),
                    (clean(", ".join(filter(None, reported))), "value"),
                    (f"   {machine.state.value}", "accent"),
                ),
                (clean(version), "label"),
            )
            remark = remark_on(machine)
            if not remark and run is not None:
                remark = next(iter((*run.stability.causes, *run.stability.notes)), "")
            self.remark.show(((f" {clean(remark)}", "bad" if machine.reason else "label"),))
        self.stats.show(run)
        self.chart.show(history)
        self.details.show(run, notices)
        self.send_changed_rows()


def describe(config: BenchmarkConfig) -> tuple[Part, ...]:
    """What is asked of every machine, in a line."""
    words = [f"{config.hint} hint", f"nireq {config.nireq or 'auto'}"]
    if config.streams:
        words.append(f"streams {config.streams}")
    if config.precision:
        words.append(config.precision)
    return (
        (clean(config.model), "value"),
        (f"  on {clean(config.device)}  ·  {', '.join(words)}", "label"),
    )


def totals_of(snapshot: FleetSnapshot) -> tuple[Part, ...]:
    """All machines as one, in a line."""
    totals = snapshot.totals
    worst = DASH
    if not math.isnan(totals.worst_p99_ms):
        worst = f"{format_duration(totals.worst_p99_ms).strip()} ({clean(totals.worst)})"
    parts: list[Part] = [
        (f" {format_fps(totals.fps)} FPS", "good"),
        (f" together   {totals.measuring} of {totals.machines} run", "label"),
    ]
    if totals.over:
        parts.append((f", {totals.over} failed or lost", "bad"))
    parts += [("   worst p99 ", "label"), (worst, "value")]
    if snapshot.is_paused:
        parts.append(("   paused", "warn"))
    return tuple(parts)
