"""A table with a line of its keys below it; a click on one does what the key does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ovbench_tui.console.text import width_of
from ovbench_tui.ui.widgets.live import Part
from ovbench_tui.ui.widgets.table.live_table import Hit, LiveTable
from ovbench_tui.ui.widgets.table.table_parts import Line
from ovbench_tui.ui.widgets.table.table_view import TableView

_LEAST_ROWS = 6
"""Bodies of fewer rows are for the table alone."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One key, what it does in a word or two, and the action behind it."""

    key: str
    text: str
    action: str


class KeyedTableView(TableView):
    """A `TableView` whose last line names its keys."""

    def __init__(self, table: LiveTable) -> None:
        super().__init__(table)
        self._ends: list[tuple[int, str]] = []

    def hints(self) -> Sequence[Hint]:
        """Return the keys that make sense now, the most important first."""
        return ()

    def notes(self, width: int) -> Sequence[Line]:  # noqa: ARG002 - subclasses use it
        """Return the lines between the table and its keys."""
        return ()

    def foot(self, width: int, height: int) -> Sequence[Line]:
        """Return the notes and the keys, where there is room."""
        if height < _LEAST_ROWS:
            self._ends = []
            return ()
        return (*self.notes(width), self._key_line(width))

    def hit(self, x: int, y: int) -> Hit:
        """Take a click: on a key it does what the key does, elsewhere it is the table's."""
        if not self._ends or y != self._painted_size.height - 1:
            return self.hit_table(x, y)
        action = next((action for end, action in self._ends if x < end), "")
        if action:
            self.call_later(self.run_action, action)
        return Hit.NOTHING

    def hit_table(self, x: int, y: int) -> Hit:
        """Take a click above the keys."""
        return super().hit(x, y)

    def _key_line(self, width: int) -> Line:
        parts: list[Part] = []
        self._ends = []
        x = 0
        for hint in self.hints():
            used = width_of(hint.key) + width_of(hint.text) + 3
            if x + used > width:
                break
            parts += [(f" {hint.key} ", "accent"), (f"{hint.text} ", "label")]
            x += used
            self._ends.append((x, hint.action))
        return tuple(parts)
