"""A live line chart: Braille lines over time, on a zero-based scale that stays put.

A cell of the chart holds two history columns of fixed number, so it is computed once and
then only moves: a frame joins ready strings. The chart moves by whole cells, every second
column, and in between only its last cell changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ovbench_tui.engine.snapshot import History
from ovbench_tui.ui.axis import ZeroBasedAxis
from ovbench_tui.ui.braille import braille, cell_column, dot_of, line_mask
from ovbench_tui.ui.chart_frame import GUTTER, ChartFrame, make_frame
from ovbench_tui.ui.format import duration_parts
from ovbench_tui.ui.live import LiveWidget, Part
from ovbench_tui.ui.marker_row import marker_row

BEYOND = "▲"
_TITLE_FROM_HEIGHT = 9
_COLUMNS_PER_CELL = 2
_FEWEST_TO_CAP = 10
_FAR = 4.0
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


class HistoryChart(LiveWidget):
    """One chart over the session's history.

    Args:
        title: what is drawn.
        series: one or two lines; the first is drawn over the second.
        is_filled: shade the area under the first line.
        is_capped: scale durations to what is usual; a rare value far above that is marked
            at the top and told in the title, instead of pressing all others to the ground.
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
        is_capped: bool = False,
        unit_of: Callable[[float], tuple[str, float]] = lambda _: ("", 1.0),
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._title = title
        self._series = series
        self._is_filled = is_filled
        self._is_capped = is_capped
        self._unit_of = unit_of
        self._axis = ZeroBasedAxis()
        self._history: History | None = None
        self._cells: dict[int, tuple[str, str]] = {}
        self._beyond = 0.0
        self._geometry = (0, 0, 0.0)
        self._frame: ChartFrame | None = None
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
            self.set_row(0, *self._title_parts(frame.unit))
            self.set_row(1, (" " * GUTTER, "axis"), self._marks(columns))
        else:
            heading = f"{frame.unit or self._title:>{GUTTER - 1}} "
            self.set_row(0, (heading, "title"), self._marks(columns))
        for y, (edge, (text, codes)) in enumerate(
            zip(frame.edges, self._plot(columns, frame), strict=True), top_rows
        ):
            # Most rows of most frames are as they were: that is seen here at least cost.
            if self._texts.get(y) != (text, codes) or not self._rows[y] or self._rows[y][0] != edge:
                self._texts[y] = text, codes
                self.set_row(y, edge, *_styled(text, codes))
        self.set_row(height - 1, (frame.time_axis, "axis"))

    def _frame_for(self, rows: int, columns: int) -> ChartFrame:
        cell_s = _COLUMNS_PER_CELL * (self._history.column_s if self._history else 0.5)
        key = (rows, columns, self._axis.top, cell_s)
        if self._frame is None or self._frame.key != key:
            self._frame = make_frame(key, self._axis, *self._unit_of(self._axis.top))
        return self._frame

    def _scale(self, history: History, rows: int, columns: int) -> None:
        first = self._newest(history) // _COLUMNS_PER_CELL - columns + 1
        start = max(0, first * _COLUMNS_PER_CELL - history.first_column)
        maximum = scale_to = 0.0
        for series in self._series:
            visible = [v for v in series.values_of(history)[start:] if v == v]
            maximum = max(maximum, max(visible, default=0.0))
            scale_to = max(scale_to, usual_maximum(visible))
        if not self._is_capped:
            scale_to = maximum
        self._axis.fit(scale_to, intervals=max(1, min(5, rows // 3)))
        self._beyond = maximum if maximum > self._axis.top else 0.0
        geometry = (rows, columns, self._axis.top)
        if geometry != self._geometry:
            self._geometry = geometry
            self._cells.clear()

    @staticmethod
    def _newest(history: History) -> int:
        return history.first_column + len(history.fps) - 1

    def _plot(self, columns: int, frame: ChartFrame) -> list[tuple[str, str]]:
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
        if self._is_beyond(history, cell):
            text[0] = BEYOND
        return "".join(text), "".join(code)

    def _is_beyond(self, history: History, cell: int) -> bool:
        start = max(0, cell * _COLUMNS_PER_CELL - history.first_column)
        end = max(0, (cell + 1) * _COLUMNS_PER_CELL - history.first_column)
        return any(
            value > self._axis.top
            for series in self._series
            for value in series.values_of(history)[start:end]
        )

    def _masks(self, history: History, series: Series, cell: int, rows: int) -> tuple[int, int]:
        values = series.values_of(history)
        start = cell * _COLUMNS_PER_CELL - history.first_column - 1
        before, left, right = (
            dot_of(values[n], self._axis.top, rows) if 0 <= n < len(values) else None
            for n in range(start, start + 3)
        )
        return line_mask(before, left), line_mask(left, right)

    def _title_parts(self, unit: str) -> list[Part]:
        text = f"{self._title}, {unit}" if unit else self._title
        parts: list[Part] = [(f" {text}   ", "title")]
        if len(self._series) > 1:
            for style, series in zip(("first", "second"), self._series, strict=False):
                parts += [("━ ", style), (f"{series.name}  ", "label")]
        if self._beyond:
            number, beyond_unit = duration_parts(self._beyond)
            parts.append((f" {BEYOND} up to {number} {beyond_unit}", "label"))
        return parts

    def _marks(self, columns: int) -> Part:
        history = self._history
        if history is None:
            return "", "marker"
        first = self._newest(history) // _COLUMNS_PER_CELL - columns + 1
        texts = {
            marker.column // _COLUMNS_PER_CELL - first: marker.text for marker in history.markers
        }
        return marker_row(texts, columns), "marker"


def usual_maximum(values: list[float]) -> float:
    """Return the largest value, or twice the 90th percentile where that is far exceeded.

    Args:
        values: without NaN.
    """
    if len(values) < _FEWEST_TO_CAP:
        return max(values, default=0.0)
    ordered = sorted(values)
    usual = ordered[len(ordered) * 9 // 10]
    return ordered[-1] if ordered[-1] <= _FAR * usual else 2 * usual


def _styled(text: str, codes: str) -> list[Part]:
    return [
        (text[run.start() : run.end()], _STYLES[codes[run.start()]]) for run in _RUN.finditer(codes)
    ]


def _shade(code: list[str], masks: tuple[int, int], mark: str) -> None:
    lowest = min((mask & -mask).bit_length() - 1 for mask in masks if mask)
    rows = len(code)
    for y in range(rows - lowest // 4, rows):
        code[y] = mark
