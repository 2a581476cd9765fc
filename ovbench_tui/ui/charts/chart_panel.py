"""The base of the charts of the Live tab: what they have in common, and the mouse on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from ovbench_tui.console.text import fit, width_of
from ovbench_tui.ui.charts.chart_frame import GUTTER, TITLE_FROM_HEIGHT, Edge
from ovbench_tui.ui.widgets.live import LiveWidget, Part

RUN = re.compile(r"(.)\1*", re.DOTALL)
"""Equal neighbours: one character a cell names its style."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a chart over time is looked at.

    Attributes:
        note: the span of time, for the title; '' = the usual one.
        edge: its right edge.
        cursor: number of the cell that is read (history column / 2), or None.
        reading: what was read, for the title; '' = the title as usual.
    """

    note: str = ""
    edge: Edge = field(default_factory=Edge)
    cursor: int | None = None
    reading: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of a title that is shown whole or not at all.

    Attributes:
        rank: the highest is the first to go where there is too little room; 0 stays.
    """

    parts: tuple[Part, ...]
    rank: int = 0


def fitting(phrases: Sequence[Phrase], width: int) -> list[Part]:
    """The parts of those phrases that have room in `width` cells, in their order."""
    left = list(phrases)
    while sum(width_of(text) for phrase in left for text, _ in phrase.parts) > width:
        rank = max(phrase.rank for phrase in left)
        if not rank:
            break
        left = [phrase for phrase in left if phrase.rank < rank]
    return [part for phrase in left for part in phrase.parts]


LIVE_LOOK = Look()
"""The present, and nothing read."""


class ChartPanel(LiveWidget):
    """A chart with a title row, a row of marks where it is high enough, and an axis below."""

    is_over_time = True
    """Whether a cell stands for a moment, so that a click on it reads that moment."""

    _title = _short = ""

    class TitleClicked(Message):
        """Next charts are wanted."""

    class Picked(Message):
        """A cell of the plot was clicked."""

        def __init__(self, cells_back: int) -> None:
            super().__init__()
            self.cells_back = cells_back
            """Cells left of the newest one."""

    class Scrolled(Message):
        """The wheel was turned over a chart."""

        def __init__(self, back: int) -> None:
            super().__init__()
            self.back = back
            """1 = to the past, -1 = to the present."""

    def set_title(self, title: str, short: str) -> None:
        """Name what is drawn; `short` where it shares the row with the marks."""
        if title != self._title:
            self._title, self._short = title, short
            self.repaint()

    @property
    def plot_columns(self) -> int:
        """Cells of the plot."""
        return max(0, self.outer_size.width - GUTTER - 1)

    @property
    def plot_rows(self) -> int:
        """Rows of the plot."""
        return max(0, self.outer_size.height - self._top_rows(self.outer_size.height) - 1)

    @staticmethod
    def _top_rows(height: int) -> int:
        return 2 if height >= TITLE_FROM_HEIGHT else 1

    def _set_heading(self, title: list[Part], short: str, marks: Part, reading: str) -> int:
        """Draw what stands over the plot, and return its rows.

        Args:
            title: for a row of its own.
            short: instead of it, where it shares the row with the marks.
            reading: stands instead of the marks, or of the title where it has its own row.
        """
        top_rows = self._top_rows(self._painted_size.height)
        room = self._painted_size.width - (1 if top_rows == 2 else GUTTER)
        reading = fit(reading, room).rstrip()
        reported: Part = (reading, "accent") if reading else marks
        if top_rows == 2:
            self.set_row(0, *([(" " + reading, "accent")] if reading else title))
            self.set_row(1, (" " * GUTTER, "axis"), marks)
        else:
            self.set_row(0, (f"{short[: GUTTER - 1]:>{GUTTER - 1}} ", "title"), reported)
        return top_rows

    def on_click(self, event: Click) -> None:
        """Tell what was clicked: the title, or a cell of the plot."""
        event.stop()
        x = event.x - GUTTER
        if event.y == 0:
            self.post_message(self.TitleClicked())
        elif self.is_over_time and 0 <= x < self.plot_columns:
            self.post_message(self.Picked(self.plot_columns - 1 - x))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Go back in time."""
        event.stop()
        if self.is_over_time:
            self.post_message(self.Scrolled(1))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Come forward in time."""
        event.stop()
        if self.is_over_time:
            self.post_message(self.Scrolled(-1))
