"""The configuration, a row a setting: what is asked for, what runs, and keys to change it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message

from ovbench_tui.config.built_in_models import ZOO
from ovbench_tui.config.option import Step
from ovbench_tui.console.text import fit, width_of
from ovbench_tui.ui.tabs.live.live_keys import LIVE_BINDINGS
from ovbench_tui.ui.widgets.ascii_text import plain_arrows
from ovbench_tui.ui.widgets.live import LiveWidget, Part
from ovbench_tui.ui.widgets.selector.choices import EDITS, AvailableChoices, rows_for
from ovbench_tui.ui.widgets.selector.row_view import RowView, view_of

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.engine.api.snapshot import Snapshot

_LABEL_WIDTH = 11
_FIRST = "nireq"
"""The row that is changed most, and can be without any harm."""

_LISTS = frozenset({Step.MODEL, Step.DEVICE})
"""Stepping through them would take what runs away."""

_ARROWS, _OPENS = "◂ ▸", "  ⏎"
_ARROWS_FROM_RIGHT = 4


def choices_now(snapshot: Snapshot, requested: BenchmarkConfig) -> AvailableChoices:
    """What there is to choose from now.

    Args:
        requested: last; what runs says nothing of it while something else is being compiled.
    """
    run = snapshot.run
    is_compiled = run is not None and not run.config.needs_recompile(requested)
    return AvailableChoices(
        models=tuple(entry.name for entry in ZOO),
        devices=snapshot.devices,
        effective=run.effective if run and is_compiled else None,
        max_threads=_processor_count(),
        fps=run.stats.fps_now if run else 0.0,
    )


def _processor_count() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class SelectorPane(LiveWidget, can_focus=True):
    """A list with a cursor; it asks for changes by messages and changes nothing itself.

    Args:
        is_reading: whether a cursor is on the charts, which the arrows move then.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Row above", show=False),
        Binding("down,j", "move(1)", "Row below", show=False),
        Binding("left,h", "arrow(-1)", "Previous value; read earlier", show=False),
        Binding("right,l", "arrow(1)", "Next value; read later", show=False),
        Binding("enter", "edit", "Choose or type a value", show=False),
        *LIVE_BINDINGS,
    ]
    STYLE_CLASSES = (
        "selector--cursor",
        "selector--cursor-pending",
        "selector--cursor-warn",
        "selector--arrows",
    )

    class Stepped(Message):
        """The user wants the next (+1) or previous (-1) value of a row."""

        def __init__(self, row: str, direction: int) -> None:
            super().__init__()
            self.row = row
            self.direction = direction

    class Edit(Message):
        """The user wants to choose or type the value of a row."""

        def __init__(self, row: str) -> None:
            super().__init__()
            self.row = row

    def __init__(
        self,
        requested: BenchmarkConfig,
        *,
        is_reading: Callable[[], bool] = lambda: False,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._is_reading = is_reading
        self._requested = requested
        self._run: RunView | None = None
        self._rows_shown = rows_for(None, requested)
        self._row = _FIRST

    @property
    def row(self) -> str:
        """The row under the cursor."""
        return self._row

    @property
    def _cursor(self) -> int:
        return self._rows_shown.index(self._row)

    def show(self, requested: BenchmarkConfig, run: RunView | None) -> None:
        """Draw these values."""
        self._requested = requested
        self._run = run
        self._rows_shown = rows_for(run, requested)
        if self._row not in self._rows_shown:
            self._row = _FIRST
        achieved = view_of("arrivals" if requested.arrivals else "max_fps", requested, run)
        self.repaint_if_new((requested, run.run_id if run else 0, achieved, self._rows_shown))

    def paint(self) -> None:
        """Draw the title, where there is room, and the rows."""
        width = self._painted_size.width
        if self._title_rows:
            self.set_row(0, (" Configuration", "title"))
        top = self._title_rows - self._first_row
        rows = self._rows_shown
        for number, row in enumerate(rows[self._first_row :], self._first_row):
            view = view_of(row, self._requested, self._run)
            self.set_row(number + top, *self._parts(row, view, width, row == self._row))
        for y in range(len(rows) + top, self._painted_size.height):
            self.set_row(y)

    def action_move(self, rows: int) -> None:
        """Move the cursor; it stops at both ends."""
        self._select(min(len(self._rows_shown) - 1, max(0, self._cursor + rows)))

    async def action_arrow(self, direction: int) -> None:
        """Step the value of the row; while the charts are frozen, read the next one there."""
        if self._is_reading():
            await self.run_action(f"screen.cursor({direction})")
        else:
            self.action_step(direction)

    def action_step(self, direction: int) -> None:
        """Ask for the next or previous value of the row, or for a dialog where there is a list."""
        if EDITS[self.row].step in _LISTS:
            self.action_edit()
        else:
            self.post_message(self.Stepped(self.row, direction))

    def action_edit(self) -> None:
        """Ask for a dialog on the row."""
        self.post_message(self.Edit(self.row))

    def on_click(self, event: Click) -> None:
        """Select a row; an arrow steps its value, a second click opens it."""
        number = event.y - self._title_rows + self._first_row
        if not 0 <= number < len(self._rows_shown):
            return
        event.stop()
        was_selected = number == self._cursor
        self._select(number)
        from_right = self._painted_size.width - event.x
        if from_right in (4, 5):
            self.action_step(-1)
        elif from_right <= 3:
            self.action_step(1)
        elif was_selected:
            self.action_edit()

    @property
    def _title_rows(self) -> int:
        return 1 if self._painted_size.height > len(self._rows_shown) else 0

    @property
    def _first_row(self) -> int:
        """The first row that is seen: where not all have room, the cursor's is."""
        return max(0, self._cursor - max(1, self._painted_size.height) + 1)

    def _select(self, number: int) -> None:
        self._row = self._rows_shown[number]
        self.repaint()
        self.flush()

    def _parts(self, row: str, view: RowView, width: int, is_selected: bool) -> list[Part]:
        room = width - 1 - _LABEL_WIDTH - len(_ARROWS) - 2
        text, short = view.text, view.short
        if self._ascii_table is not None:
            text, short = plain_arrows(text), plain_arrows(short)
        if width_of(text) > room:
            text = short
        value_style = "warn" if view.is_clamped else "accent" if view.is_pending else "value"
        label_style, arrow_style = "label", "arrows"
        if is_selected:
            label_style = arrow_style = "cursor"
            if view.is_clamped:
                value_style = "cursor-warn"
            else:
                value_style = "cursor-pending" if view.is_pending else "cursor"
        return [
            (f" {EDITS[row].title:<{_LABEL_WIDTH}}", label_style),
            (fit(text, room), value_style),
            (f" {_OPENS if EDITS[row].step in _LISTS else _ARROWS} ", arrow_style),
        ]
