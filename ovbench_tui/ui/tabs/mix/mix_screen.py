"""The screen of a mix: a row and a chart a model, the settings of one, the machine below."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from ovbench_tui.console.text import clean
from ovbench_tui.engine.api.machine import MachineColumns
from ovbench_tui.mix.member import Member, weighted_speedup
from ovbench_tui.mix.view import MixView, Stage
from ovbench_tui.ui.charts.history_chart import COLUMNS_PER_CELL
from ovbench_tui.ui.charts.machine_strip import ROWS as STRIP_ROWS
from ovbench_tui.ui.charts.machine_strip import MachineStrip
from ovbench_tui.ui.tabs.mix.mix_charts import MixCharts
from ovbench_tui.ui.tabs.mix.mix_table import MixTable
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.lines.message_line import MessageLine
from ovbench_tui.ui.widgets.lines.one_line import OneLine
from ovbench_tui.ui.widgets.live_screen import LiveScreen
from ovbench_tui.ui.widgets.selector.selector_pane import SelectorPane

if TYPE_CHECKING:
    from ovbench_tui.ui.widgets.live import Part

MachineOf = Callable[[int, int, float], MachineColumns]
"""The machine in cells: the first one's number, how many, and seconds of one."""

_LINES = 4
"""Header, totals, message and footer."""


class SettingsPane(SelectorPane, inherit_bindings=False):
    """The settings of the model under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Setting above", show=False),
        Binding("down,j", "move(1)", "Setting below", show=False),
        Binding("left", "step(-1)", "Previous value", show=False),
        Binding("right", "step(1)", "Next value", show=False),
        Binding("enter", "edit", "Choose or type a value", show=False),
        Binding("escape,tab", "app.models", "The models", show=False),
    ]


class MixScreen(LiveScreen):
    """All models side by side."""

    AUTO_FOCUS = "MixTable"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "charts", "Charts", show=False, tooltip="Charts of FPS, or of latency"),
    ]

    def __init__(self, members: tuple[Member, ...]) -> None:
        super().__init__()
        self.header = OneLine(id="header")
        self.totals = OneLine(id="totals")
        self.table = MixTable()
        self.settings = SettingsPane(members[0].config, id="settings")
        self.charts = MixCharts(members)
        self.machine = MachineStrip(id="machine-strip")
        self.message = MessageLine(id="message")
        self._table_rows = 0

    def compose(self) -> ComposeResult:
        """Yield the lines, the table, the settings and the charts."""
        yield self.header
        yield self.totals
        yield self.table
        with Horizontal(id="mix"):
            yield self.settings
            with Vertical():
                yield from self.charts
        yield self.machine
        yield self.message
        yield self.footer

    @property
    def is_typing(self) -> bool:
        """Whether a filter is typed."""
        return self.table.is_typing

    @property
    def own_bindings(self) -> Sequence[BindingType]:
        """Those of the part that has the focus, and of the screen."""
        own = self.settings if self.settings.has_focus else self.table
        return (*type(own).BINDINGS, *self.BINDINGS)

    def own_hints(self) -> tuple[Hint, ...]:
        """The keys of the part that has the focus."""
        if self.settings.has_focus:
            return (
                Hint("esc", "The models", "app.models"),
                Hint("←", "Change", "step(-1)", "→", "step(1)"),
                Hint("enter", "Type", "edit"),
            )
        return tuple(self.table.hints())

    @property
    def columns_wanted(self) -> int:
        """Columns of the history that fill the charts."""
        return self.charts.columns_wanted

    def draw(
        self, view: MixView, machine_of: MachineOf, cost: str, now_s: float, doing: str = ""
    ) -> None:
        """Draw one frame.

        Args:
            doing: what goes on beside measuring, in a few words; '' = nothing.
        """
        self.header.show(((" ovbench-tui mix  ", "title"), (_names(view), "value")), _version(view))
        self.totals.show(totals_of(view, doing), (cost, "label"))
        self.table.show_members(view.members, is_in_turns=view.stage.is_of_turns)
        if self._table_rows != self.table.rows_wanted:
            self._table_rows = self.table.rows_wanted
            self.table.styles.height = self._table_rows
        if view.members:
            one = view.members[min(self.table.number, len(view.members) - 1)]
            self.settings.show(one.snapshot.requested, one.run)
            self._draw_charts(view, machine_of)
        busy = next((one for one in view.running if one.snapshot.background), None)
        background, background_s = "", 0.0
        if busy is not None:
            background, background_s = busy.snapshot.background, busy.snapshot.background_s
        self.message.show(background, background_s, now_s, idle=not view.running)
        self.send_changed_rows()

    def _draw_charts(self, view: MixView, machine_of: MachineOf) -> None:
        room = self.size.height - _LINES - self.table.rows_wanted - STRIP_ROWS
        self.charts.choose(room, self.table.number)
        self.charts.show(view.members)
        cells = self.machine.plot_columns
        last = self.charts.seen.last_cell
        history = view.members[0].snapshot.history
        if last >= 0 and cells > 0:
            first = last - cells + 1
            cell_s = COLUMNS_PER_CELL * history.column_s
            self.machine.show(machine_of(first, cells, cell_s), first)

    def action_charts(self) -> None:
        """Show the charts of latency, or those of FPS again."""
        self.charts.shows_latency = not self.charts.shows_latency
        self.app.call_later(self.app.draw)  # type: ignore[attr-defined]


def totals_of(view: MixView, doing: str = "") -> tuple[Part, ...]:
    """What goes on, and what all of them do together, in a line."""
    parts: list[Part] = [(f" {doing or stage_text(view)}", "accent")]
    failed = len(view.members) - len(view.running)
    if failed:
        parts.append((f"   {failed} failed", "bad"))
    speedup = weighted_speedup(view.running)
    if not math.isnan(speedup):
        parts += [("   work in the same time ", "label"), (f"{speedup:.2f}", "value")]
        parts.append((" of one after the other", "label"))
    if view.is_paused:
        parts.append(("   paused", "warn"))
    return tuple(parts)


def stage_text(view: MixView) -> str:
    """What is measured now, in a few words."""
    if view.stage is Stage.PREPARING:
        return "being prepared"
    turn = view.turn
    if turn is None:
        return "all run together"
    names = [view.members[number].name for number in turn.members]
    who = "all together" if turn.is_together else f"{clean(names[0])} alone"
    return f"round {turn.round + 1}: {who}"


def _names(view: MixView) -> str:
    return ", ".join(clean(one.name) for one in view.members)


def _version(view: MixView) -> Part:
    versions = (one.snapshot.openvino_version for one in view.members)
    version = next(filter(None, versions), "").partition("-")[0]
    return (f"OpenVINO {version} " if version else "", "label")
