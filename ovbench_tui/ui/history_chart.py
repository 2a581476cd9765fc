"""A live line chart: Braille lines over time, on a zero-based scale that stays put.

A cell of the chart holds two history columns of fixed number, so it is computed once and
then only moves: a frame joins ready strings. The chart moves by whole cells, every second
column, and in between only its last cell changes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from ovbench_tui.engine.snapshot import History, Marker
from ovbench_tui.ui.axis import ZeroBasedAxis
from ovbench_tui.ui.braille import braille, cell_column, dot_of, line_mask
from ovbench_tui.ui.format import format_tick
from ovbench_tui.ui.live import LiveWidget, Part
from ovbench_tui.ui.text import clean, fit

GUTTER = 7
_TITLE_FROM_HEIGHT = 9
_COLUMNS_PER_CELL = 2
_LABEL_EVERY_CELLS = 10
_RUN = re.compile(r"(.)\1*", re.DOTALL)
# One character a cell names its style, so that equal neighbours are found by a pattern.
_STYLES = {
    " ": "base",
    "0": "first",
    "1": "second",
    "g": "grid",
    "m": "marker",
    "n": "marker-under",
    "u": "under",
}


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart: its name in the legend and where its values are."""

    name: str
    values_of: Callable[[History], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What of a chart stays while its scale and its size do."""

    key: tuple[int, int, float, float]
    title: list[Part]
    heading: str
    edges: list[Part]
    blank: tuple[str, str]
    time_axis: str


class HistoryChart(LiveWidget):
    """One chart over the session's history.

    Args:
        title: what is drawn.
        series: one or two lines; the first is drawn over the second.
        is_filled: shade the area under the first line.
        unit_of: the unit and its factor for a scale up to the given value.
    """

    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's way to declare them
        "chart--axis",
        "chart--first",
        "chart--grid",
        "chart--marker",
        "chart--marker-under",
        "chart--second",
        "chart--under",
    }

    def __init__(
        self,
        title: str,
        series: tuple[Series, ...],
        *,
        is_filled: bool = False,
        unit_of: Callable[[float], tuple[str, float]] = lambda _: ("", 1.0),
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._title = title
        self._series = series
        self._is_filled = is_filled
        self._unit_of = unit_of
        self._axis = ZeroBasedAxis()
        self._history: History | None = None
        self._cells: dict[int, tuple[str, str]] = {}
        self._geometry = (0, 0, 0.0)
        self._frame: _Frame | None = None
        self._texts: dict[int, tuple[str, str]] = {}

    @property
    def columns_wanted(self) -> int:
        """History columns that fill the chart."""
        return _COLUMNS_PER_CELL * (max(0, self.outer_size.width - GUTTER) + 1)

    def show(self, history: History) -> None:
        """Draw this history; nothing is done when it has no new column or marker."""
        old = self._history
        if old is not None:
            if (
                old.first_column == history.first_column
                and len(old.fps) == len(history.fps)
                and old.markers == history.markers
            ):
                return
            # More of the past is known than was drawn, or a marker stands in a drawn cell.
            if history.first_column < old.first_column or old.markers != history.markers:
                self._cells.clear()
        self._history = history
        self.repaint()

    def paint(self) -> None:
        """Draw title, markers, lines and both axes."""
        width, height = self._painted_size
        top_rows = 2 if height >= _TITLE_FROM_HEIGHT else 1
        rows = height - top_rows - 1
        columns = width - GUTTER - 1
        if rows < 1 or columns < 1:
            return
        if self._history is not None:
            self._scale(self._history, rows, columns)
        frame = self._frame_for(rows, columns)
        if top_rows == 2:
            self.set_row(0, *frame.title)
            self.set_row(1, (" " * GUTTER, "axis"), *self._marker_parts(columns))
        else:
            self.set_row(0, (frame.heading, "title"), *self._marker_parts(columns))
        for y, (edge, (text, codes)) in enumerate(
            zip(frame.edges, self._plot(columns, frame), strict=True), top_rows
        ):
            # Most rows of most frames are as they were: that is seen here at least cost.
            if self._texts.get(y) != (text, codes) or not self._rows[y] or self._rows[y][0] != edge:
                self._texts[y] = text, codes
                self.set_row(y, edge, *_styled(text, codes))
        self.set_row(height - 1, (frame.time_axis, "axis"))

    def _frame_for(self, rows: int, columns: int) -> _Frame:
        column_s = self._history.column_s if self._history else 0.5
        key = (rows, columns, self._axis.top, column_s)
        if self._frame is None or self._frame.key != key:
            unit, factor = self._unit_of(self._axis.top)
            labels = self._tick_labels(rows, factor)
            self._frame = _Frame(
                key=key,
                title=self._title_parts(unit),
                heading=f"{unit or self._title:>{GUTTER - 1}} ",
                edges=[_edge(labels.get(y)) for y in range(rows)],
                blank=(
                    "".join("┈" if y in labels else " " for y in range(rows)),
                    "".join("g" if y in labels else " " for y in range(rows)),
                ),
                time_axis=_time_axis(columns, column_s * _COLUMNS_PER_CELL),
            )
        return self._frame

    def _scale(self, history: History, rows: int, columns: int) -> None:
        first = self._newest(history) // _COLUMNS_PER_CELL - columns + 1
        start = max(0, first * _COLUMNS_PER_CELL - history.first_column)
        maximum = 0.0
        for series in self._series:
            visible = series.values_of(history)[start:]
            maximum = max(maximum, max((v for v in visible if v == v), default=0.0))
        self._axis.fit(maximum, intervals=max(2, min(5, rows // 3)))
        geometry = (rows, columns, self._axis.top)
        if geometry != self._geometry:
            self._geometry = geometry
            self._cells.clear()

    @staticmethod
    def _newest(history: History) -> int:
        return history.first_column + len(history.fps) - 1

    def _plot(self, columns: int, frame: _Frame) -> list[tuple[str, str]]:
        history = self._history
        if history is None or not self._axis.top:
            drawn = [frame.blank] * columns
        else:
            drawn = self._cell_columns(history, len(frame.edges), columns, frame.blank)
        texts = map("".join, zip(*[column[0] for column in drawn], strict=True))
        codes = map("".join, zip(*[column[1] for column in drawn], strict=True))
        return list(zip(texts, codes, strict=True))

    def _cell_columns(
        self, history: History, rows: int, columns: int, blank: tuple[str, str]
    ) -> list[tuple[str, str]]:
        newest = self._newest(history)
        last = newest // _COLUMNS_PER_CELL
        first = last - columns + 1
        cells = self._cells
        # A cell whose right half is still to come is not final.
        cells.pop(last, None)
        marked = {marker.column // _COLUMNS_PER_CELL for marker in history.markers}
        for cell in range(first, last + 1):
            if cell not in cells:
                cells[cell] = self._cell(history, cell, rows, blank, cell in marked)
        for gone in [cell for cell in cells if cell < first]:
            del cells[gone]
        drawn = [cells[cell] for cell in range(first, last + 1)]
        if newest % _COLUMNS_PER_CELL == 0:
            del cells[last]
        return drawn

    def _cell(
        self, history: History, cell: int, rows: int, blank: tuple[str, str], is_marked: bool
    ) -> tuple[str, str]:
        text, code = list(blank[0]), list(blank[1])
        if is_marked:
            text, code = ["┊"] * rows, ["m"] * rows
        masks = [self._masks(history, series, cell, rows) for series in self._series]
        if self._is_filled and any(masks[0]):
            _shade(code, masks[0], "n" if is_marked else "u")
        drawn = [cell_column(left, right, rows) for left, right in masks]
        for y in range(rows):
            bits = 0
            for number, column in enumerate(drawn):
                if column[y]:
                    code[y] = code[y] if bits else str(number)
                    bits |= column[y]
            if bits:
                text[y] = braille(bits)
        return "".join(text), "".join(code)

    def _masks(self, history: History, series: Series, cell: int, rows: int) -> tuple[int, int]:
        values = series.values_of(history)
        start = cell * _COLUMNS_PER_CELL - history.first_column - 1
        before, left, right = (
            dot_of(values[n], self._axis.top, rows) if 0 <= n < len(values) else None
            for n in range(start, start + 3)
        )
        return line_mask(before, left), line_mask(left, right)

    def _tick_labels(self, rows: int, factor: float) -> dict[int, str]:
        labels: dict[int, str] = {}
        for value in self._axis.ticks():
            dot = dot_of(value, self._axis.top, rows)
            if dot is not None:
                label = format_tick(value * factor, self._axis.step * factor)
                labels[rows - 1 - dot // 4] = label
        return labels

    def _title_parts(self, unit: str) -> list[Part]:
        text = f"{self._title}, {unit}" if unit else self._title
        parts: list[Part] = [(f" {text}   ", "title")]
        if len(self._series) > 1:
            for style, series in zip(("first", "second"), self._series, strict=False):
                parts += [("━ ", style), (f"{series.name}  ", "label")]
        return parts

    def _marker_parts(self, columns: int) -> list[Part]:
        history = self._history
        if history is None:
            return []
        first = self._newest(history) // _COLUMNS_PER_CELL - columns + 1
        places: dict[int, Marker] = {
            marker.column // _COLUMNS_PER_CELL - first: marker for marker in history.markers
        }
        starts = sorted(place for place in places if 0 <= place < columns)
        row = ""
        for place, following in zip(starts, [*starts, columns][1:], strict=True):
            row += " " * (place - len(row))
            room = following - place
            text = f"▼ {clean(places[place].text)}"
            if len(text) >= room and following != columns:
                text = fit(text, room - 1) + " " if room > 4 else "▼"
            elif len(text) > room:
                # At the right edge there is room only to the left of the mark.
                text = fit(text, room) if room > 6 else "▼"
            row += text
        return [(row, "marker")]


def _edge(label: str | None) -> Part:
    if label is None:
        return " " * (GUTTER - 1) + "│", "axis"
    return f"{label:>{GUTTER - 1}}┤", "axis"


def _time_axis(columns: int, cell_s: float) -> str:
    every_s = next((s for s in (10, 20, 30, 60, 120, 300) if s / cell_s >= _LABEL_EVERY_CELLS), 600)
    line = [" "] * (GUTTER + columns)
    line[-3:] = "now"
    for count in range(1, math.floor(columns * cell_s / every_s) + 1):
        label = f"-{count * every_s}s"
        # The sign of the label stands under the cell it names.
        x = GUTTER + columns - 1 - round(count * every_s / cell_s)
        if x >= GUTTER:
            line[x : x + len(label)] = label
    return "".join(line)


def _styled(text: str, codes: str) -> list[Part]:
    return [
        (text[run.start() : run.end()], _STYLES[codes[run.start()]]) for run in _RUN.finditer(codes)
    ]


def _shade(code: list[str], masks: tuple[int, int], mark: str) -> None:
    lowest = min((mask & -mask).bit_length() - 1 for mask in masks if mask)
    rows = len(code)
    for y in range(rows - lowest // 4, rows):
        code[y] = mark
