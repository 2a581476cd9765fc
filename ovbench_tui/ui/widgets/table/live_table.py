"""A table that scrolls, sorts and filters: knows which rows are seen, and draws lines of parts.

It is no widget; see `table_view` for the tab that puts it on the screen.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from ovbench_tui.console.text import clean, fit, fit_middle, width_of, wrap
from ovbench_tui.ui.widgets.table.row_order import arranged
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Line, Row, share_bar

if TYPE_CHECKING:
    from ovbench_tui.ui.widgets.live import Part

_WIDE = 100
_CLOSED, _OPENED = "▸", "▾"


class Hit(Enum):
    """What a click on a table was on."""

    NOTHING = "nothing"
    TITLE = "title"
    ROW = "row"
    CHOSEN_ROW = "the row that had the cursor already"


class LiveTable:
    """Rows in an order, behind a window with a cursor.

    Args:
        sort_by: title of the column to sort by at first; '' = the order in which rows come.
        empty: what to say, and to do, while there is no row.
    """

    def __init__(self, columns: Sequence[Column], *, sort_by: str = "", empty: str = "") -> None:
        self.empty = empty
        self.filter_text = ""
        self.is_typing = False
        self._columns = tuple(columns)
        self._rows: tuple[Row, ...] = ()
        self._view: list[Row] = []
        self._sort_by = sort_by
        self._is_descending = self._begins_descending(sort_by)
        self._cursor = 0
        self._cursor_key: Hashable = None
        self._first = 0
        self._room = 1
        self._places: list[tuple[int, int, Column]] = []
        self._places_key: tuple[int, tuple[Column, ...]] = (-1, ())
        self._drawn: dict[Hashable, tuple[Row, Line]] = {}
        self._opened: set[Hashable] = set()

    # --- content ----------------------------------------------------------------------------

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, whether there is room for them or not."""
        return self._columns

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Take other columns; the rows that fit them are set next."""
        if tuple(columns) == self._columns:
            return
        self._columns = tuple(columns)
        self._rows = ()
        self._view = []
        self._drawn.clear()
        if self._column(self._sort_by) is None:
            self._sort_by = ""

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Take these rows; nothing is done when they are the same."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self._arrange()

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, in the order in which they came."""
        return self._rows

    @property
    def seen(self) -> Sequence[Row]:
        """The rows that pass the filter, sorted."""
        return self._view

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._view[self._cursor] if self._view else None

    @property
    def sort_by(self) -> tuple[str, bool]:
        """The title sorted by ('' = none), and whether the largest comes first."""
        return self._sort_by, self._is_descending

    def set_filter(self, text: str) -> None:
        """Show only rows in which every word of `text` occurs."""
        if text != self.filter_text:
            self.filter_text = text
            self._arrange()

    def sort(self, title: str) -> None:
        """Sort by a column; once more turns the order."""
        column = self._column(title)
        if column is None or not column.sorts:
            return
        if title == self._sort_by:
            self._is_descending = not self._is_descending
        else:
            self._sort_by = title
            self._is_descending = column.most_first
        self._arrange()

    def sort_by_next(self) -> None:
        """Sort by the next column that is seen; after the last by the first."""
        shown = [column for _, _, column in self._places] or list(self._columns)
        titles = [column.title for column in shown if column.sorts]
        if titles:
            here = titles.index(self._sort_by) if self._sort_by in titles else -1
            following = titles[(here + 1) % len(titles)]
            if following == self._sort_by:
                return
            self.sort(following)

    def turn(self) -> None:
        """Reverse the order."""
        if self._sort_by:
            self.sort(self._sort_by)

    # --- rows that hold others ----------------------------------------------------------------

    def is_open(self, key: Hashable) -> bool:
        """Whether the rows that this one holds are seen."""
        return key in self._opened

    def open(self, key: Hashable, *, is_open: bool = True) -> None:
        """Show the rows that this one holds, or hide them again; the cursor goes to this one."""
        (self._opened.add if is_open else self._opened.discard)(key)
        self._drawn.pop(key, None)
        self._cursor_key = key
        self._arrange()

    # --- window and cursor ------------------------------------------------------------------

    @property
    def page(self) -> int:
        """Rows that are seen at once."""
        return self._room

    @property
    def in_window(self) -> Sequence[Row]:
        """The rows that were drawn last, or would have been."""
        return self._view[self._first : self._first + self._room]

    def move(self, rows: int) -> None:
        """Move the cursor; it stops at both ends."""
        self._point_at(self._cursor + rows)

    def move_to(self, index: int) -> None:
        """Put the cursor on a row of `seen`; negative from the end."""
        self._point_at(index if index >= 0 else len(self._view) + index)

    def select(self, key: Hashable) -> bool:
        """Put the cursor on the row with this key; False where it is not seen."""
        for index, row in enumerate(self._view):
            if row.key == key:
                self._point_at(index)
                return True
        return False

    def scroll(self, rows: int) -> None:
        """Move the window, and the cursor only where it would leave it."""
        self._first = min(max(0, self._first + rows), self._last_first)
        self._point_at(min(max(self._cursor, self._first), self._first + self._room - 1))

    def click(self, x: int, y: int) -> Hit:
        """Answer a click at a place of the drawn lines."""
        if y == 0:
            for start, end, column in self._places:
                if start <= x < end and column.sorts:
                    self.sort(column.title)
                    return Hit.TITLE
            return Hit.NOTHING
        index = self._first + y - 1
        if not (0 < y <= self._room and index < len(self._view)):
            return Hit.NOTHING
        hit = Hit.CHOSEN_ROW if index == self._cursor else Hit.ROW
        self._point_at(index)
        return hit

    # --- drawing ----------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> list[Line]:
        """Draw titles, rows and, while one is set, the filter: `height` lines of `width` cells."""
        if height <= 0 or width <= 0:
            return []
        self._place(width)
        with_filter = self.is_typing or bool(self.filter_text)
        self._room = max(1, height - 1 - with_filter)
        self._first = min(max(0, self._first), self._last_first)
        if self._cursor < self._first:
            self._first = self._cursor
        elif self._cursor >= self._first + self._room:
            self._first = self._cursor - self._room + 1
        lines = [self._title_line(width)]
        shown = self._view[self._first : self._first + self._room]
        thumb = self._thumb()
        for y, row in enumerate(shown):
            bar = "┃" if y in thumb else " "
            is_cursor = self._first + y == self._cursor
            lines.append((*self._row_line(row, is_cursor=is_cursor), (bar, "label")))
        if not shown:
            why = self.empty if not self._rows else "No row contains these words."
            lines += [((f" {fit(line, width - 1)}", "label"),) for line in wrap(why, width - 2)]
        lines += [((" " * width, "base"),)] * (height - len(lines))
        del lines[height:]
        if with_filter and height > 1:
            lines[-1] = self._filter_line(width)
        return lines

    def _arrange(self) -> None:
        words = self.filter_text.casefold().split()
        title = self._sort_by
        place = next((i for i, column in enumerate(self._columns) if column.title == title), None)
        view = arranged(self._rows, words, self._opened, place, is_descending=self._is_descending)
        self._view = view
        kept = {row.key for row in view}
        self._drawn = {key: drawn for key, drawn in self._drawn.items() if key in kept}
        index = min(self._cursor, max(0, len(view) - 1))
        if self._cursor_key is not None:
            at = next((i for i, row in enumerate(view) if row.key == self._cursor_key), None)
            # A row that the filter hides gets the cursor back when it comes again.
            index = index if at is None else at
        self._cursor = index

    def _point_at(self, index: int) -> None:
        self._cursor = min(max(0, index), max(0, len(self._view) - 1))
        self._cursor_key = self._view[self._cursor].key if self._view else None
        if self._cursor < self._first:
            self._first = self._cursor
        elif self._cursor >= self._first + self._room:
            self._first = self._cursor - self._room + 1

    @property
    def _last_first(self) -> int:
        return max(0, len(self._view) - self._room)

    def _column(self, title: str) -> Column | None:
        return next((column for column in self._columns if column.title == title), None)

    def _begins_descending(self, title: str) -> bool:
        column = self._column(title)
        return column is not None and column.most_first

    def _place(self, width: int) -> None:
        """Give the columns their places, when the width or the columns changed."""
        key = (width, self._columns)
        if key == self._places_key:
            return
        self._places_key = key
        self._drawn.clear()
        gap = 2 if width >= _WIDE else 1
        room = width - 2  # a margin at the left, the scroll bar at the right
        kept = list(self._columns)
        while _needed(kept, gap) > room:
            least = max(kept, key=lambda column: column.rank)
            if not least.rank:
                break
            kept.reverse()  # of the same rank the last one goes first
            kept.remove(next(column for column in kept if column.rank == least.rank))
            kept.reverse()
        widths = {column.title: column.width for column in kept}
        left = room - _needed(kept, gap)
        growing = [column for column in kept if column.most > column.width]
        while left > 0 and growing:
            for column in list(growing):
                if left > 0:
                    widths[column.title] += 1
                    left -= 1
                if widths[column.title] >= column.most:
                    growing.remove(column)
        self._places = []
        x = 1
        for column in kept:
            end = min(x + widths[column.title], width - 1)
            if end > x:
                self._places.append((x, end, column))
            x = end + gap

    def _thumb(self) -> range:
        count = len(self._view)
        if count <= self._room:
            return range(0)
        size = max(1, self._room * self._room // count)
        start = round(self._first / max(1, self._last_first) * (self._room - size))
        return range(start, start + size)

    def _title_line(self, width: int) -> Line:
        parts: list[Part] = []
        x = 0
        for start, end, column in self._places:
            parts.append((" " * (start - x), "head"))
            is_sorted = column.title == self._sort_by
            text = column.title
            if is_sorted:
                arrow = "▾" if self._is_descending else "▴"
                text = fit(text, min(width_of(text), end - start - 1)) + arrow
            style = "head-sorted" if is_sorted else "head"
            parts.append((_aligned(text, end - start, column.is_right), style))
            x = end
        parts.append((" " * (width - x), "head"))
        return tuple(parts)

    def _row_line(self, row: Row, *, is_cursor: bool) -> Line:
        if not is_cursor:
            known = self._drawn.get(row.key)
            if known is not None and known[0] == row:
                return known[1]
        parts: list[Part] = []
        x = 0
        for start, end, column, cell in self._joined(row):
            if start > x:
                parts.append((" " * (start - x), "cursor" if is_cursor else "base"))
            if cell.share is not None:
                text = share_bar(cell.share, end - start)
            else:
                text = clean(cell.text)
                if cell.opens:
                    text = f"{_OPENED if row.key in self._opened else _CLOSED} {text}"
                text = text[start - end :] if cell.is_tail else text
                text = _aligned(text, end - start, column.is_right, cuts_middle=column.cuts_middle)
            parts.append((text, "cursor" if is_cursor else cell.style))
            x = end
        width = self._places_key[0]
        parts.append((" " * (width - 1 - x), "cursor" if is_cursor else "base"))
        line = tuple(parts)
        if not is_cursor:
            self._drawn[row.key] = (row, line)
        return line

    def _joined(self, row: Row) -> list[tuple[int, int, Column, Cell]]:
        """The cells that are seen, each with the room of those that are joined to it."""
        numbers = {column.title: number for number, column in enumerate(self._columns)}
        found: list[tuple[int, int, Column, Cell]] = []
        for start, end, column in self._places:
            number = numbers[column.title]
            cell = row.cells[number] if number < len(row.cells) else Cell()
            if cell.is_joined and found:
                first, _, before, owner = found[-1]
                found[-1] = (first, end, before, owner)
            else:
                found.append((start, end, column, cell))
        return found

    def _filter_line(self, width: int) -> Line:
        count = f"{len(self._view)} of {len(self._rows)}"
        room = max(1, width - len(count) - 4)
        typed = clean(self.filter_text)
        while typed and width_of(typed) > room - 3:
            typed = typed[1:]
        text = f" / {typed}{'▏' if self.is_typing else ''}"
        return ((fit(text, width - len(count) - 1), "accent"), (f"{count} ", "label"))


def _needed(columns: Sequence[Column], gap: int) -> int:
    return sum(column.width for column in columns) + gap * max(0, len(columns) - 1)


def _aligned(text: str, width: int, is_right: bool, *, cuts_middle: bool = False) -> str:
    short = width - width_of(text)
    if is_right and short > 0:
        return " " * short + text
    return fit_middle(text, width) if cuts_middle else fit(text, width)
