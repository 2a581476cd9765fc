"""Seconds of a program as stacked bars: what the threads that start inferences spent each on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.style import Style

from ovbench_tui.application.time_split import SPLIT_WORDS, TimeSplit
from ovbench_tui.ui.charts.chart_frame import Edge, edge, time_axis
from ovbench_tui.ui.charts.chart_panel import ChartPanel, Phrase, fitting

if TYPE_CHECKING:
    from ovbench_tui.application.seconds import Second
    from ovbench_tui.ui.widgets.live import Part

SPLIT_STYLES = tuple(f"split--{name}" for name in SPLIT_WORDS)
"""Component classes, one for each kind of time."""

LETTERS = {
    "waiting": "w",
    "inputs": "i",
    "other_calls": "o",
    "compiling": "c",
    "program": "p",
    "asleep": "z",
}
"""Where there are no colours to tell them apart."""

_SHORT = {
    "waiting": "waiting",
    "inputs": "inputs",
    "other_calls": "calls",
    "compiling": "compiling",
    "program": "own code",
    "asleep": "asleep",
}
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_NOTHING = "base"

Cell = tuple[str, str]
"""A character, and its style."""


class SplitChart(ChartPanel):
    """A cell wide is a second; the whole height is all of its time."""

    STYLE_CLASSES = ("chart--axis", *SPLIT_STYLES)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._seconds: Sequence[Second] = ()
        self._columns: dict[TimeSplit, list[Cell]] = {}
        self._drawn_with: object = None

    def show(self, seconds: Sequence[Second]) -> None:
        """Draw the newest of these."""
        self._seconds = seconds
        self.repaint_if_new((len(seconds), seconds[-self.plot_columns :]))

    @property
    def is_in_letters(self) -> bool:
        """Whether colours cannot tell the kinds apart."""
        return self._ascii_table is not None or self.app.no_color

    def paint(self) -> None:
        """Draw the title, the bars and both axes."""
        rows, columns = self.plot_rows, self.plot_columns
        if rows < 1 or columns < 1:
            return
        key = (rows, self.is_in_letters)
        if key != self._drawn_with:
            self._drawn_with = key
            self._columns.clear()
        top_rows = self._set_heading(self._title_parts(), "time", ("", "label"), "")
        newest = [second.split for second in self._seconds[-columns:]]
        drawn = [self._column(split, rows) for split in newest]
        for gone in self._columns.keys() - set(newest):
            del self._columns[gone]
        blank: list[Cell] = [(" ", _NOTHING)] * rows
        drawn = [blank] * (columns - len(drawn)) + drawn
        labels = {0: "100 %", rows - 1: "0"} if rows > 1 else {}
        for y in range(rows):
            cells = [column[rows - 1 - y] for column in drawn]
            parts: list[Part] = []
            for style, run in groupby(cells, key=lambda cell: cell[1]):
                text = "".join(letter for letter, _ in run)
                parts.append((text, self._known(style)))
            self.set_row(top_rows + y, edge(labels.get(y)), *parts)
        self.set_row(top_rows + rows, (time_axis(columns, 1.0, Edge()), "axis"))

    def _column(self, split: TimeSplit, rows: int) -> list[Cell]:
        if split not in self._columns:
            make = letters_of if self.is_in_letters else blocks_of
            self._columns[split] = make(split, rows)
        return self._columns[split]

    def _known(self, style: str) -> str:
        """Make the style of a cell that has two kinds, the lower in its foreground."""
        if style not in self._palette:
            lower, _, upper = style.partition("/")
            ground = self._palette[upper].color if upper != _NOTHING else None
            base = self._palette[lower]
            self._palette[style] = base + Style(bgcolor=ground) if ground else base
        return style

    def _title_parts(self) -> list[Part]:
        mark = self.is_in_letters
        legend: list[Part] = []
        for name, word in _SHORT.items():
            legend += [(LETTERS[name] if mark else "█", name), (f" {word}  ", "label")]
        phrases = [
            Phrase(((" Time of the thread", "title"),)),
            Phrase((("   ", "label"), *legend), rank=1),
        ]
        return fitting(phrases, self._painted_size.width)


def _bounds(split: TimeSplit, steps: int) -> list[tuple[str, int, int]]:
    """Each kind with where it begins and ends, in steps from below; those without one left out."""
    shares = split.shares()
    found, reached = [], 0.0
    for name in SPLIT_WORDS:
        begin = round(reached * steps)
        reached += float(getattr(shares, name))
        end = round(min(reached, 1.0) * steps)
        if end > begin:
            found.append((name, begin, end))
    return found


def letters_of(split: TimeSplit, rows: int) -> list[Cell]:
    """A column of letters, from below."""
    cells: list[Cell] = [(" ", _NOTHING)] * rows
    for name, begin, end in _bounds(split, rows):
        cells[begin:end] = [(LETTERS[name], name)] * (end - begin)
    return cells


def blocks_of(split: TimeSplit, rows: int) -> list[Cell]:
    """A column of blocks, from below; a cell shows the two kinds that have most of it."""
    bounds = _bounds(split, 8 * rows)
    cells: list[Cell] = []
    for row in range(rows):
        low, high = 8 * row, 8 * row + 8
        inside = [(min(end, high) - max(begin, low), name) for name, begin, end in bounds]
        largest = sorted((part for part in inside if part[0] > 0), reverse=True)[:2]
        kept = [part for part in inside if part in largest]
        if not kept:
            cells.append((" ", _NOTHING))
        elif len(kept) == 1:
            size, name = kept[0]
            cells.append((_EIGHTHS[size], name))
        else:
            (size, lower), (_, upper) = kept[:2]
            cells.append((_EIGHTHS[size], f"{lower}/{upper}"))
    return cells
