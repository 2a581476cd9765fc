"""A tab with a table in which some rows hold others, as a search holds its trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.table.table_view import TableView

if TYPE_CHECKING:
    from ovbench_tui.ui.widgets.table.table_parts import Row


class GroupedTableView(TableView):
    """Enter opens and closes a row that holds others; the arrow keys do, too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "open", "Show the runs of the search on this row", show=False),
        Binding("left", "close", "Hide them again", show=False),
    ]

    @property
    def group(self) -> Row | None:
        """The row under the cursor, if it holds others."""
        row = self.table.row
        return row if row is not None and any(cell.opens for cell in row.cells) else None

    @property
    def group_hint(self) -> Hint:
        """What Enter does on a row that holds others."""
        group = self.group
        is_open = group is not None and self.table.is_open(group.key)
        return Hint("enter", "Close" if is_open else "Open", "choose")

    def turn_group(self) -> bool:
        """Open the row under the cursor, or close it; False where it holds no others."""
        group = self.group
        if group is None:
            return False
        self.table.open(group.key, is_open=not self.table.is_open(group.key))
        self.redraw()
        return True

    def action_open(self) -> None:
        """Show what the row holds."""
        if self.group is not None:
            self.table.open(self.group.key)
            self.redraw()

    def action_close(self) -> None:
        """Hide what the row holds, or what is held beside it."""
        row = self.table.row
        if row is not None:
            self.table.open(
                row.key if self.group or row.parent is None else row.parent, is_open=False
            )
            self.redraw()
