"""Which stretch of the past the charts show: its length, and where it is frozen."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ovbench_tui.stats.timeseries.views import CURRENT_COLUMN_S, TimeWindow
from ovbench_tui.ui.charts.chart_frame import Edge

_COLUMNS_PER_CELL = 2
_SPARE_COLUMNS = 2
"""For the stroke into the first cell."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time that fills the charts.

    Attributes:
        seconds: infinite = the whole session.
    """

    name: str
    seconds: float


SPANS = (
    Span("15 s", 15),
    Span("30 s", 30),
    Span("1 min", 60),
    Span("5 min", 300),
    Span("30 min", 1800),
    Span("whole session", math.inf),
)
USUAL = 2
"""The span that is come to by itself: a cell a second, however many there are."""


class LiveView:
    """The window on the past; times are seconds of the session.

    Until another length is chosen, it begins short and becomes longer as data come: a chart of
    a minute would be empty for most of the first one.

    Frozen, the window stays where it is while the measurement goes on, and can be moved back.
    A cursor in it reads one cell.

    Attributes:
        frozen_s: the newest moment there was when the view was frozen; None = it is live.
        end_s: the right edge of a frozen view.
        cursor_s: the moment read, or None.
    """

    def __init__(self) -> None:
        self._span = 0
        self._is_chosen = False
        self._cells = 0
        self._cell_s = _COLUMNS_PER_CELL * CURRENT_COLUMN_S
        self.frozen_s: float | None = None
        self.end_s = 0.0
        self.cursor_s: float | None = None

    @property
    def span(self) -> Span:
        """How much is shown."""
        return SPANS[self._span]

    @property
    def note(self) -> str:
        """The length, where it was chosen."""
        return self.span.name if self._is_chosen and self._span != USUAL else ""

    def take_in(self, past_s: float) -> None:
        """Become longer, while nothing else was chosen, once so much of the past is known."""
        if not self._is_chosen and not self.is_frozen:
            while self._span < USUAL and past_s > self.span.seconds:
                self._span += 1

    @property
    def is_frozen(self) -> bool:
        """Whether the view stays where it is."""
        return self.frozen_s is not None

    @property
    def is_usual(self) -> bool:
        """Whether it is what every snapshot brings along."""
        return self._span == USUAL and not self.is_frozen

    @property
    def edge(self) -> Edge:
        """The right edge of the charts."""
        if self.frozen_s is None:
            return Edge()
        ago_s = self.frozen_s - self.end_s
        return Edge("" if ago_s > 0 else "frozen", ago_s)

    def set_cells(self, cells: int, cell_s: float) -> None:
        """Learn the size of the charts, and how long a cell became."""
        self._cells = cells
        self._cell_s = cell_s

    def window(self, cells: int) -> TimeWindow:
        """What to ask the session for, to fill so many cells."""
        columns = _COLUMNS_PER_CELL * cells
        end_s = self.end_s if self.is_frozen else None
        if math.isinf(self.span.seconds):
            return TimeWindow(columns, math.inf, end_s)
        column_s = CURRENT_COLUMN_S if self._span == USUAL else self.span.seconds / columns
        return TimeWindow(columns + _SPARE_COLUMNS, column_s, end_s)

    def cursor_cell(self, cell_s: float) -> int | None:
        """Number of the cell that is read."""
        return None if self.cursor_s is None else math.floor(self.cursor_s / cell_s)

    def zoom(self, direction: int) -> None:
        """Show the next longer span, or the next shorter one; it goes round."""
        self._span = (self._span + direction) % len(SPANS)
        self._is_chosen = True
        if self.frozen_s is None:
            return
        if math.isinf(self.span.seconds):
            self.end_s = self.frozen_s
        elif self.cursor_s is not None:
            # What is read stays in sight.
            shown_s = self.span.seconds if self._span != USUAL else float(self._cells)
            if not self.end_s - shown_s < self.cursor_s < self.end_s:
                self.end_s = min(self.frozen_s, self.cursor_s + shown_s / 2)

    def freeze(self, now_s: float) -> None:
        """Let the view stay; nothing where it does already."""
        if self.frozen_s is None and now_s > 0:
            self.frozen_s = self.end_s = now_s

    def release(self) -> None:
        """Follow the present again."""
        self.frozen_s = self.cursor_s = None

    def move_cursor(self, cells: int, now_s: float) -> None:
        """Move the cursor; the first time, freeze the view and read the newest cell."""
        if self.cursor_s is None:
            was_live = not self.is_frozen
            self.freeze(now_s)
            self._put_cursor(self.end_s - self._cell_s / 2 if was_live or cells < 0 else self._left)
            return
        self._put_cursor(self.cursor_s + cells * self._cell_s)
        if self.cursor_s < self._left:
            self.scroll_to(self.end_s - (self._left - self.cursor_s) - self._shown_s / 4)
        elif self.cursor_s > self.end_s:
            self.scroll_to(self.cursor_s + self._shown_s / 4)

    def pick(self, cells_back: int, now_s: float) -> None:
        """Read the cell so many left of the newest one."""
        self.freeze(now_s)
        newest = math.ceil(round(self.end_s / self._cell_s, 6)) - 1
        self._put_cursor((newest - cells_back + 0.5) * self._cell_s)

    def scroll(self, back: float, now_s: float) -> None:
        """Move the view by a part of its length, to the past or to the present.

        At the present a view without a cursor is live again.
        """
        if not self.is_frozen and back < 0:
            return
        self.freeze(now_s)
        if self.frozen_s is not None and back < 0 and self.end_s >= self.frozen_s:
            if self.cursor_s is None:
                self.release()
            return
        self.scroll_to(self.end_s - back * self._shown_s)

    def scroll_to(self, end_s: float) -> None:
        """Let the view end here, as far as there is a past and a present."""
        if self.frozen_s is None or math.isinf(self.span.seconds):
            return
        self.end_s = min(self.frozen_s, max(min(self._shown_s, self.frozen_s), end_s))

    @property
    def _shown_s(self) -> float:
        return self._cells * self._cell_s

    @property
    def _left(self) -> float:
        return max(0.0, self.end_s - self._shown_s)

    def _put_cursor(self, at_s: float) -> None:
        newest_s = self.end_s if self.frozen_s is None else self.frozen_s
        half_s = self._cell_s / 2
        self.cursor_s = max(half_s, min(newest_s - half_s, at_s))
