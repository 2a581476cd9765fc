"""A tab with a table; only rows that changed are redrawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click, Key, MouseScrollDown, MouseScrollUp, Paste

from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.tab_view import TabView
from ovbench_tui.ui.widgets.table.live_table import Hit, LiveTable

if TYPE_CHECKING:
    from ovbench_tui.ui.widgets.table.table_parts import Line

_WHEEL_ROWS = 3
_TYPED_AT_MOST = 60


class TableView(TabView):
    """A tab with a table: lines above it, lines below it, keys and the mouse on it.

    A subclass fills `table` in `show`, and overrides `head`, `foot` and `action_choose` where
    it has something to say or to do.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Row above", show=False),
        Binding("down,j", "move(1)", "Row below", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "end_of(0)", "First row", show=False),
        Binding("end", "end_of(-1)", "Last row", show=False),
        Binding("s", "sort", "Sort by the next column", show=False),
        Binding("S", "turn", "Reverse the order", show=False),
        Binding("slash,f", "filter", "Filter by typing", show=False, key_display="/"),
        Binding("escape", "all_rows", "Show all rows again", show=False),
    ]
    STYLE_CLASSES: ClassVar[tuple[str, ...]] = (
        "table--bar",
        "table--cursor",
        "table--head",
        "table--head-sorted",
    )

    def __init__(self, table: LiveTable) -> None:
        super().__init__()
        self.table = table
        self._table_top = 0

    # --- for subclasses ---------------------------------------------------------------------

    @property
    def is_typing(self) -> bool:
        """Whether a filter is typed."""
        return self.table.is_typing

    def own_hints(self) -> Sequence[Hint]:
        """Return the keys that make sense now beside those of every table."""
        return ()

    def hints(self) -> Sequence[Hint]:
        """Return the tab's keys, then those of the table."""
        table = self.table
        if table.is_typing:
            return (
                Hint("enter", "Keep the filter", "keep_filter"),
                Hint("esc", "Show all rows", "all_rows"),
            )
        shown_again = (Hint("esc", "Show all rows", "all_rows"),) if table.filter_text else ()
        return (
            *shown_again,
            *self.own_hints(),
            Hint("/", "Filter", "filter"),
            Hint("s", "Sort", "sort"),
        )

    def head(self, width: int, height: int) -> Sequence[Line]:  # noqa: ARG002 - subclasses use them
        """Return the lines above the table."""
        return ()

    def foot(self, width: int, height: int) -> Sequence[Line]:  # noqa: ARG002 - subclasses use them
        """Return the lines below the table."""
        return ()

    def hit(self, x: int, y: int) -> Hit:
        """Take a click at a place of the view; overridden, for Textual calls every `on_click`."""
        return self.table.click(x, y - self._table_top)

    def action_choose(self) -> None:
        """Do what Enter, or a click on the row with the cursor, does."""

    # --- drawing ----------------------------------------------------------------------------

    def paint(self) -> None:
        """Draw the lines above, the table and the lines below."""
        width, height = self._painted_size
        head, foot = self.head(width, height), self.foot(width, height)
        self.paint_lines([*head, *self.table.draw(width, height - len(head) - len(foot)), *foot])
        self._table_top = len(head)

    def paint_lines(self, lines: Sequence[Line]) -> None:
        """Draw lines from the top, and blank what is left."""
        for y in range(self._painted_size.height):
            self.set_row(y, *(lines[y] if y < len(lines) else ()))

    def redraw(self) -> None:
        """Show at once what a key or the mouse has changed."""
        self.repaint()
        self.flush()
        self.post_message(self.HintsChanged())

    # --- keys and mouse ---------------------------------------------------------------------

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.table.move(rows)
        self.redraw()

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.table.move(pages * max(1, self.table.page - 1))
        self.redraw()

    def action_end_of(self, index: int) -> None:
        """Move the cursor to the first row (0) or the last (-1)."""
        self.table.move_to(index)
        self.redraw()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.table.sort_by_next()
        self.redraw()

    def action_turn(self) -> None:
        """Reverse the order."""
        self.table.turn()
        self.redraw()

    def action_filter(self) -> None:
        """Begin to type a filter."""
        self.table.is_typing = True
        self.redraw()

    def action_keep_filter(self) -> None:
        """End typing the filter."""
        self.table.is_typing = False
        self.redraw()

    def action_all_rows(self) -> None:
        """End the filter."""
        self.table.is_typing = False
        self.table.set_filter("")
        self.redraw()

    def on_key(self, event: Key) -> None:
        """Take what is typed into the filter, before any key means something else."""
        table = self.table
        if not table.is_typing:
            if event.character == "/":
                # Here and not by its binding: that is looked up only after this, when what
                # was typed right behind it has meant something else already.
                event.stop()
                event.prevent_default()
                self.action_filter()
            return
        if event.key == "backspace":
            table.set_filter(table.filter_text[:-1])
        elif event.key == "enter":
            table.is_typing = False
        elif event.is_printable and event.character:
            table.set_filter((table.filter_text + event.character)[:_TYPED_AT_MOST])
        else:
            return  # arrows, Escape, Tab: their bindings
        event.stop()
        event.prevent_default()
        self.redraw()

    def on_paste(self, event: Paste) -> None:
        """Take pasted text into the filter."""
        if self.table.is_typing and event.text:
            event.stop()
            pasted = self.table.filter_text + event.text.splitlines()[0]
            self.table.set_filter(pasted[:_TYPED_AT_MOST])
            self.redraw()

    def on_click(self, event: Click) -> None:
        """Sort by a clicked title, go to a clicked row, choose the row at the second click."""
        event.stop()
        hit = self.hit(event.x, event.y)
        if hit is Hit.CHOSEN_ROW:
            self.action_choose()
        elif hit is not Hit.NOTHING:
            self.redraw()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll back."""
        event.stop()
        self.table.scroll(-_WHEEL_ROWS)
        self.redraw()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll on."""
        event.stop()
        self.table.scroll(_WHEEL_ROWS)
        self.redraw()
