"""The table of a mix: the model under the cursor is the one that keys act upon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ovbench_tui.console.text import clean, wrap
from ovbench_tui.mix.report import cost_text
from ovbench_tui.ui.tabs.mix.mix_rows import COLUMNS, MixRows
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.table.live_table import LiveTable
from ovbench_tui.ui.widgets.table.table_view import TableView

if TYPE_CHECKING:
    from ovbench_tui.mix.member import MemberView
    from ovbench_tui.ui.widgets.table.table_parts import Line

FOOT_ROWS = 2
_HEAD_ROWS = 1


class MixTable(TableView):
    """A row a model, and below them what there is to say of the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "s",
            "app.take_turns",
            "Alone and together",
            show=False,
            tooltip="Measure each alone and all together in turn, or let all run",
            id="take-turns",
        ),
        Binding(
            "S",
            "app.suggest",
            "Suggest",
            show=False,
            tooltip="Search for streams, threads and requests that serve all models better",
            id="suggest",
        ),
        Binding("left", "app.step(-1)", "Previous value", show=False, tooltip="Of the setting"),
        Binding("right", "app.step(1)", "Next value", show=False, tooltip="Of the setting"),
        Binding("enter,tab", "app.settings", "Settings", show=False, tooltip="Choose a setting"),
    ]

    def __init__(self) -> None:
        super().__init__(LiveTable(COLUMNS, empty="No model is there yet."))
        self._rows_of = MixRows()
        self._members: tuple[MemberView, ...] = ()
        self.is_in_turns = False

    @property
    def number(self) -> int:
        """Of the model under the cursor."""
        row = self.table.row
        return row.key if row is not None and isinstance(row.key, int) else 0

    @property
    def rows_wanted(self) -> int:
        """Rows of the screen that it needs."""
        return _HEAD_ROWS + max(1, len(self._members)) + FOOT_ROWS

    def show_members(self, members: tuple[MemberView, ...], *, is_in_turns: bool) -> None:
        """Draw them."""
        self._members, self.is_in_turns = members, is_in_turns
        self.table.set_rows(self._rows_of.rows(members))
        self.repaint()

    def own_hints(self) -> tuple[Hint, ...]:
        """Turns, and the settings of a model."""
        turns = "Let all run" if self.is_in_turns else "Alone and together"
        return (
            Hint("s", turns, "app.take_turns"),
            Hint("←", "Setting", "app.step(-1)", "→", "app.step(1)"),
            Hint("enter", "Settings", "app.settings"),
            Hint("S", "Suggest", "app.suggest"),
            Hint("v", "Charts", "screen.charts"),
        )

    def hints(self) -> Sequence[Hint]:
        """Its keys; the few rows need neither a filter nor another order."""
        return super().hints() if self.table.is_typing else self.own_hints()

    def foot(self, width: int, height: int) -> list[Line]:  # noqa: ARG002 - the base's
        """What the others cost the model under the cursor, or why it failed."""
        if self.number >= len(self._members):
            return []
        one = self._members[self.number]
        if one.failure:
            text, style = f"{one.name}: {one.failure}", "bad"
        elif one.turns is None:
            text, style = f"{one.name}: press s to see what the others cost it", "label"
        else:
            limits = "".join(f"; {limit.text}" for limit in one.limits)
            text, style = f"{one.name}: {cost_text(one)}{limits}", "label"
        lines: list[Line] = [((f" {line}", style),) for line in wrap(clean(text), width - 2)]
        return [*lines, *[()] * FOOT_ROWS][:FOOT_ROWS]

    def action_choose(self) -> None:
        """A second click on a row opens the settings."""
        self.app.call_later(self.run_action, "app.settings")
