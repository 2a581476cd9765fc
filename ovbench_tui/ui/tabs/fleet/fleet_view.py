"""The table of a fleet: a row for each machine, and what there is to say of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from ovbench_tui.console.text import clean, wrap
from ovbench_tui.ui.tabs.fleet.fleet_rows import COLUMNS, FleetRows, remark_on
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.table.live_table import LiveTable
from ovbench_tui.ui.widgets.table.table_view import TableView

if TYPE_CHECKING:
    from ovbench_tui.fleet.machine_status import FleetSnapshot
    from ovbench_tui.ui.widgets.table.table_parts import Line

_EMPTY = (
    "No machine is here yet: start 'dask worker' with this scheduler's address on each of them."
    " They may join at any time."
)
_FOOT_ROWS = 2


class FleetView(TableView):
    """The table; Enter, or a second click on a row, opens its machine."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Show this machine alone", show=False),
    ]

    class Opened(Message):
        """A machine is to be shown alone."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__(LiveTable(COLUMNS, sort_by="Machine", empty=_EMPTY))
        self._snapshot: FleetSnapshot | None = None
        self._rows_of = FleetRows()

    def own_hints(self) -> tuple[Hint, ...]:
        """Open the machine under the cursor."""
        return (Hint("enter", "This machine", "choose"),) if self.table.row is not None else ()

    def show_fleet(self, snapshot: FleetSnapshot) -> None:
        """Draw all machines."""
        self._snapshot = snapshot
        self._set_rows()
        self.repaint()

    def paint(self) -> None:
        """Draw, and once more where rows came into sight that were not made to be seen."""
        super().paint()
        if any(self._rows_of.is_blank(row.key) for row in self.table.in_window):
            self._set_rows()
            super().paint()

    def _set_rows(self) -> None:
        if self._snapshot is not None:
            near = {row.key for row in self.table.in_window}
            self.table.set_rows(self._rows_of.rows(self._snapshot, near))

    def foot(self, width: int, height: int) -> list[Line]:
        """Say all there is to say of the machine under the cursor."""
        row, snapshot = self.table.row, self._snapshot
        if row is None or snapshot is None or height < 10:
            return []
        machine = next((m for m in snapshot.machines if m.key == row.key), None)
        if machine is None:
            return []
        text = clean(f"{machine.name}: {remark_on(machine) or machine.cpu}")
        style = "bad" if machine.reason else "label"
        lines: list[Line] = [((f" {line}", style),) for line in wrap(text, width - 2)]
        return [*lines, *[()] * _FOOT_ROWS][:_FOOT_ROWS]

    def action_choose(self) -> None:
        """Open the machine of the row."""
        row = self.table.row
        if row is not None:
            self.post_message(self.Opened(str(row.key)))
