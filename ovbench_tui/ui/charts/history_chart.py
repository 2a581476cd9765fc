"""A live line chart: Braille lines over time, on a scale that stays put.

A cell of the chart holds two history columns of fixed number, so it is computed once and
then only moves: a frame joins ready strings. The chart moves by whole cells, every second
column, and in between only its last cell changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_ticks
from ovbench_tui.console.numbers import three_digits
from ovbench_tui.console.units import format_duration
from ovbench_tui.ui.charts.axis import LogAxis, ZeroBasedAxis
from ovbench_tui.ui.charts.braille import below_mask, braille, cell_column, dot_at, stroke_mask
from ovbench_tui.ui.charts.chart_frame import GUTTER, ChartFrame, make_frame, time_axis
from ovbench_tui.ui.charts.chart_panel import LIVE_LOOK, ChartPanel, Look, Phrase, fitting
from ovbench_tui.ui.charts.chart_series import Series, measured, usual_maximum
from ovbench_tui.ui.charts.limit_line import draw_limit, is_in_sight, limit_legend
from ovbench_tui.ui.charts.marker_row import cell_texts, marker_row
from ovbench_tui.ui.charts.overlay import Overlay, dots_of
from ovbench_tui.ui.charts.styled_cells import styled, under_cursor

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import History
    from ovbench_tui.ui.widgets.live import Part

BEYOND = "▲"
COLUMNS_PER_CELL = 2
_LINES = "01"
_Line = tuple[float, ...]
_Ends = tuple[_Line, _Line]
_ASCII_FILL = ":"
_ASCII_SECOND = "*"
"""Where dots become letters, the second line is drawn by a letter of its own."""


class HistoryChart(ChartPanel):
    """One chart over the session's history.

    Where a column is made of several, a line's stroke reaches from its lowest value to its
    highest: no peak is lost. A logarithmic scale runs from the lowest value to the highest.

    Args:
        title: what is drawn.
        series: one or two lines; the first is drawn over the second.
        short: the title, where there is room for six characters.
        is_filled: fill the area under the first line.
        is_capped: scale durations to what is usual; a rare value far above that is marked
            at the top and told in the title, instead of pressing all others to the ground.
        label_all: writes the ticks of a scale, see `make_frame`.
    """

    STYLE_CLASSES = (
        "chart--axis",
        "chart--cursor",
        "chart--first",
        "chart--grid",
        "chart--marker",
        "chart--overlay",
        "chart--second",
        "chart--under",
    )

    def __init__(
        self,
        title: str,
        series: tuple[Series, ...],
        *,
        short: str = "",
        is_filled: bool = False,
        is_capped: bool = False,
        label_all: Callable[[Sequence[float]], Sequence[str]] = format_ticks,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._title = title
        self._short = short or title
        self._series = series
        self._is_filled = is_filled
        self._is_capped = is_capped
        self._label_all = label_all
        self._axis: ZeroBasedAxis | LogAxis = ZeroBasedAxis()
        self._history: History | None = None
        self._look = LIVE_LOOK
        self._cells: dict[int, tuple[str, str]] = {}
        self._beyond = 0.0
        self._geometry: object = None
        self._frame: ChartFrame | None = None
        self._time_axis: tuple[object, str] = (None, "")
        self._texts: dict[int, tuple[str, str]] = {}
        self._overlay: Overlay | None = None
        self._overlay_from_s = 0.0
        self._limit = 0.0

    @property
    def columns_wanted(self) -> int:
        """History columns that fill the chart."""
        return COLUMNS_PER_CELL * (max(0, self.outer_size.width - GUTTER) + 1)

    @property
    def last_cell(self) -> int:
        """Number of the cell at the right edge, as it is drawn; -1 before anything is."""
        return self._history.newest // COLUMNS_PER_CELL if self._history is not None else -1

    @property
    def is_log(self) -> bool:
        """Whether the scale is logarithmic."""
        return isinstance(self._axis, LogAxis)

    def flip_scale(self) -> None:
        """Change between a linear and a logarithmic scale; to be drawn by `repaint`."""
        self._axis = ZeroBasedAxis() if self.is_log else LogAxis()
        self._geometry = None

    def set_overlay(self, overlay: Overlay | None, from_s: float) -> None:
        """Draw an old run under the lines; to be drawn by `repaint`.

        Args:
            overlay: its lines are drawn like those of the chart, in their order.
            from_s: the moment of the session at which it begins.
        """
        self._overlay, self._overlay_from_s = overlay, from_s
        self._cells.clear()

    def set_limit(self, limit: float) -> None:
        """Draw a line at a limit, under all others; 0 = none."""
        if limit != self._limit:
            self._limit, self._geometry = limit, None
            self.repaint()

    def show(self, history: History, look: Look = LIVE_LOOK) -> None:
        """Draw this history; nothing is done when it has no new cell or marker.

        Half a cell waits for its other half: drawing is what a monitor mostly costs.
        """
        old = self._history
        if old is not None and history is not old:
            is_other = history.column_s != old.column_s
            if not is_other and (
                look == self._look
                and self._has_no_new_cell(history, old)
                and old.markers == history.markers
                and not history.is_open
            ):
                return
            # More of the past is known than was drawn, or a marker stands in a drawn cell.
            if (
                is_other
                or history.first_column < old.first_column
                or old.markers != history.markers
            ):
                self._cells.clear()
        elif old is not None and look == self._look:
            return
        self._history = history
        self._look = look
        self.repaint()

    def paint(self) -> None:
        """Draw title, markers, lines and both axes."""
        height = self._painted_size.height
        rows, columns = self.plot_rows, self.plot_columns
        if rows < 1 or columns < 1:
            return
        if self._history is not None:
            self._scale(self._history, rows, columns)
        frame = self._frame_for(rows)
        top_rows = self._set_heading(
            self._title_parts(),
            self._short,
            self._marks(columns),
            self._look.reading,
        )
        for y, (edge, (text, codes)) in enumerate(
            zip(frame.edges, self._plot(columns, frame), strict=True), top_rows
        ):
            # Most rows of most frames are as they were: that is seen here at least cost.
            if self._texts.get(y) != (text, codes) or not self._rows[y] or self._rows[y][0] != edge:
                self._texts[y] = text, codes
                self.set_row(y, edge, *styled(text, codes))
        cell_s = COLUMNS_PER_CELL * (self._history.column_s if self._history else 0.5)
        axis_key = (columns, cell_s, self._look.edge, self._cursor_place(columns))
        if axis_key != self._time_axis[0]:
            self._time_axis = axis_key, time_axis(*axis_key)
        self.set_row(height - 1, (self._time_axis[1], "axis"))

    def _frame_for(self, rows: int) -> ChartFrame:
        key = (rows, self.is_log, self._axis.ticks())
        if self._frame is None or self._frame.key != key:
            self._frame = make_frame(key, rows, self._axis, self._label_all)
        return self._frame

    def _cursor_place(self, columns: int) -> int | None:
        """Cell of the plot under the cursor."""
        if self._look.cursor is None or self._history is None:
            return None
        last = self._history.newest // COLUMNS_PER_CELL
        return self._look.cursor - last + columns - 1

    def _scale(self, history: History, rows: int, columns: int) -> None:
        first = history.newest // COLUMNS_PER_CELL - columns + 1
        start = max(0, first * COLUMNS_PER_CELL - history.first_column)
        maximum = scale_to = highest = 0.0
        lowest = math.inf
        for series in self._series:
            lows, highs = series.ends_of(history)
            highest = max(highest, max((v for v in highs[start:] if v == v), default=0.0))
            visible = measured(highs, history, start)
            maximum = max(maximum, max(visible, default=0.0))
            if self.is_log:
                lowest = min(lowest, min((v for v in lows[start:] if v > 0), default=math.inf))
            elif self._is_capped:
                scale_to = max(scale_to, usual_maximum(visible))
        for value in self._overlay.usual if self._overlay else ():
            if value > 0:
                maximum, lowest = max(maximum, value), min(lowest, value)
                scale_to = max(scale_to, value)
        if is_in_sight(limit := self._limit, maximum):
            maximum, lowest = max(maximum, limit), min(lowest, limit)
            scale_to = max(scale_to, limit)
        axis = self._axis
        if isinstance(axis, LogAxis):
            axis.fit(lowest, maximum, rows)
        else:
            axis.fit(scale_to if self._is_capped else maximum, rows)
        highest = max(highest, maximum)
        self._beyond = highest if highest > axis.top else 0.0
        geometry = (rows, columns, self.is_log, axis.place(1.0), axis.top)
        if geometry != self._geometry:
            self._geometry = geometry
            self._cells.clear()

    def _has_no_new_cell(self, history: History, old: History) -> bool:
        drawn, newest = old.newest, history.newest
        is_half = newest == drawn + 1 and newest % COLUMNS_PER_CELL == 0
        if newest == drawn:
            return old.first_column == history.first_column
        return is_half and old.first_column <= history.first_column

    def _plot(self, columns: int, frame: ChartFrame) -> list[tuple[str, str]]:
        history = self._history
        if history is None or not self._axis.top:
            drawn = [frame.blank] * columns
        else:
            drawn = self._cell_columns(history, columns, frame.blank)
        cursor = self._cursor_place(columns)
        if cursor is not None and 0 <= cursor < columns:
            drawn[cursor] = under_cursor(drawn[cursor])
        texts = map("".join, zip(*[column[0] for column in drawn], strict=True))
        codes = map("".join, zip(*[column[1] for column in drawn], strict=True))
        return list(zip(texts, codes, strict=True))

    def _cell_columns(
        self, history: History, columns: int, blank: tuple[str, str]
    ) -> list[tuple[str, str]]:
        newest = history.newest
        last = newest // COLUMNS_PER_CELL
        first = last - columns + 1
        cells = self._cells
        # A cell whose right half is still to come is not final.
        cells.pop(last, None)
        marked = {marker.column // COLUMNS_PER_CELL for marker in history.markers}
        ends = [series.ends_of(history) for series in self._series]
        for cell in range(first, last + 1):
            if cell not in cells:
                cells[cell] = self._cell(history, ends, cell, blank, cell in marked)
        for gone in [cell for cell in cells if not first <= cell <= last]:
            del cells[gone]
        drawn = [cells[cell] for cell in range(first, last + 1)]
        if newest % COLUMNS_PER_CELL == 0 or history.is_open:
            del cells[last]
        return drawn

    def _cell(
        self,
        history: History,
        ends: list[_Ends],
        cell: int,
        blank: tuple[str, str],
        is_marked: bool,
    ) -> tuple[str, str]:
        text, code, rows = list(blank[0]), list(blank[1]), len(blank[0])
        if is_marked:
            text, code = ["┊"] * rows, ["m"] * rows
        first = cell * COLUMNS_PER_CELL - history.first_column
        masks = [self._masks(lows, highs, first, rows) for lows, highs in ends]
        if any(left or right for left, right in masks):
            self._draw_lines(masks, text, code, is_marked=is_marked)
        if self._overlay is not None:
            self._draw_under(self._overlay, history.column_s, cell, text, code)
        draw_limit(self._axis.place(self._limit) if self._limit else math.nan, text, code)
        if self._beyond and self._is_beyond(ends, first):
            text[0] = BEYOND
        return "".join(text), "".join(code)

    def _draw_lines(
        self, masks: list[tuple[int, int]], text: list[str], code: list[str], *, is_marked: bool
    ) -> None:
        rows = len(text)
        drawn = [cell_column(left, right, rows) for left, right in masks]
        below = [0] * rows
        if self._is_filled:
            left, right = masks[0]
            below = cell_column(below_mask(left), below_mask(right), rows)
        is_ascii = self._ascii_table is not None
        for y in range(rows):
            bits = 0
            for number, column in enumerate(drawn):
                if column[y]:
                    code[y] = code[y] if bits else str(number)
                    bits |= column[y]
            if bits:
                text[y] = braille(bits if is_ascii else bits | below[y])
                if is_ascii and code[y] == "1":
                    text[y] = _ASCII_SECOND
            elif below[y] and not is_marked:
                text[y] = _ASCII_FILL if is_ascii else braille(below[y])
                code[y] = "u"

    def _draw_under(
        self, overlay: Overlay, column_s: float, cell: int, text: list[str], code: list[str]
    ) -> None:
        """Draw the old run wherever the lines leave room."""
        rows = len(text)
        dot_of = dots_of(self._axis.place, rows)
        for line in range(len(overlay.lines)):
            masks = overlay.masks(line, cell, column_s, self._overlay_from_s, dot_of)
            for y, bits in enumerate(cell_column(*masks, rows)):
                if not bits or code[y] in _LINES:
                    continue
                if code[y] == "o":
                    bits |= ord(text[y]) - ord(braille(0))
                text[y], code[y] = braille(bits), "o"

    def _is_beyond(self, ends: list[_Ends], column: int) -> bool:
        part = slice(max(0, column), max(0, column + COLUMNS_PER_CELL))
        return any(value > self._axis.top for _, highs in ends for value in highs[part])

    def _masks(self, lows: _Line, highs: _Line, column: int, rows: int) -> tuple[int, int]:
        before, left, right = [
            self._stroke(lows[n], highs[n], rows) if 0 <= n < len(lows) else None
            for n in range(column - 1, column + 2)
        ]
        return stroke_mask(before, left), stroke_mask(left, right)

    def _stroke(self, low: float, high: float, rows: int) -> tuple[int, int] | None:
        place = self._axis.place
        top = dot_at(place(high), rows)
        bottom = top if low == high else dot_at(place(low), rows)
        if top is None:
            return None
        return top if bottom is None else bottom, top

    def _title_parts(self) -> list[Part]:
        notes = [note for note in ("log" if self.is_log else "", self._look.note) if note]
        phrases = [
            Phrase(((f" {self._title}", "title"),)),
            Phrase(tuple((f" · {note}", "title") for note in notes), rank=2),
            Phrase((("   ", "label"),), rank=3),
        ]
        if len(self._series) > 1:
            second = _ASCII_SECOND if self._ascii_table is not None else "━"
            marks = (("━ ", "first"), (f"{second} ", "second"))
            legend = zip(marks, self._series, strict=False)
            parts = [part for mark, line in legend for part in (mark, (f"{line.name}  ", "label"))]
            phrases.append(Phrase(tuple(parts), rank=1))
        if self._overlay is not None:
            phrases.append(
                Phrase((("╌ ", "overlay"), (f"{self._overlay.label}  ", "label")), rank=4)
            )
        limit = tuple(limit_legend(self._limit, is_duration=self._is_capped))
        if limit:
            phrases.append(Phrase(limit, rank=2))
        if self._beyond:
            most = three_digits(self._beyond)
            if self._is_capped:
                most = format_duration(self._beyond)
            phrases.append(Phrase(((f" {BEYOND} up to {most}", "label"),), rank=3))
        return fitting(phrases, self._painted_size.width)

    def _marks(self, columns: int) -> Part:
        history = self._history
        if history is None:
            return "", "marker"
        first = history.newest // COLUMNS_PER_CELL - columns + 1
        marks = marker_row(cell_texts(history.markers, first), columns)
        if self._overlay is not None and not marks and self.plot_rows == self.outer_size.height - 2:
            # Without a row for the title, this is the place to say whose line that is.
            return f"╌ {self._overlay.label}", "overlay"
        return marks, "marker"
