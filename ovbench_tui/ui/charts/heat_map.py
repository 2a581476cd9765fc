"""A heat map: how many inferences had which latency, over time."""

from __future__ import annotations

import math
from collections.abc import Callable

from ovbench_tui.console.format import duration_parts, format_count, format_tick
from ovbench_tui.engine.api.snapshot import Marker
from ovbench_tui.stats.timeseries.views import LEVELS, HeatColumns
from ovbench_tui.ui.charts.chart_frame import edge, time_axis
from ovbench_tui.ui.charts.chart_panel import LIVE_LOOK, RUN, ChartPanel, Look
from ovbench_tui.ui.charts.marker_row import cell_texts, marker_row
from ovbench_tui.ui.widgets.live import Part

_TITLE = "Latency over time"
_NO_DATA = "No latency was measured yet."
_ROWS_A_LABEL = 2
_BLOCK = "█"
_SHADES = " ░░▒▒▓▓██"
"""By level, where there are no colours."""
_CODES = bytes(range(ord("0"), ord("0") + LEVELS + 1)).ljust(256, b"0")
_CURSOR, _MARKED = "c", "m"


class HeatMap(ChartPanel):
    """Rows of latency, columns of time, shades of the number of inferences.

    Args:
        unit_of: the unit and its factor for a scale up to the given value.
    """

    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's way to declare them
        "chart--axis",
        "chart--cursor",
        "chart--marker",
        *(f"heat--{level}" for level in range(1, LEVELS + 1)),
    }

    def __init__(
        self,
        unit_of: Callable[[float], tuple[str, float]],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._unit_of = unit_of
        self._heat: HeatColumns | None = None
        self._markers: tuple[Marker, ...] = ()
        self._look = LIVE_LOOK

    def show(self, heat: HeatColumns, markers: tuple[Marker, ...], look: Look = LIVE_LOOK) -> None:
        """Draw this; `markers` are at history columns, two to a cell."""
        is_same = heat is self._heat and markers == self._markers and look == self._look
        self._heat, self._markers, self._look = heat, markers, look
        if not is_same:
            self.repaint()

    def paint(self) -> None:
        """Draw the marks, the cells and both axes."""
        rows, columns = self.plot_rows, self.plot_columns
        if rows < 1 or columns < 1:
            return
        heat = self._heat
        cells = heat.rows[:rows] if heat else ()
        width = len(cells[0]) if cells else 0
        last = heat.first_column + width - 1 if heat else 0
        unit, factor = self._unit_of(heat.edges_ms[-1]) if heat and cells else ("", 1.0)
        marks = cell_texts(self._markers, last - columns + 1)
        row: Part = (marker_row(marks, columns), "marker") if cells else (_NO_DATA, "label")
        top_rows = self._set_heading(self._title_parts(unit), unit, row, self._look.reading)
        labels = _row_labels(heat, factor) if heat else {}
        cursor = None if self._look.cursor is None else self._look.cursor - last + columns - 1
        marked = [place for place in marks if 0 <= place < columns]
        for y in range(rows):
            number = rows - 1 - y
            levels = cells[number] if number < len(cells) else b""
            levels = levels[-columns:].rjust(columns, b"\0")
            parts = self._cells(levels, marked, cursor)
            self.set_row(top_rows + y, edge(labels.get(number)), *parts)
        cell_s = heat.column_s if heat else 1.0
        axis = time_axis(columns, cell_s, self._look.edge, cursor)
        self.set_row(top_rows + rows, (axis, "axis"))

    def _cells(self, levels: bytes, marked: list[int], cursor: int | None) -> list[Part]:
        codes = levels.translate(_CODES).decode("ascii")
        if marked or cursor is not None:
            codes = _with_lines(codes, marked, cursor)
        parts: list[Part] = []
        for run in RUN.finditer(codes):
            code, size = codes[run.start()], run.end() - run.start()
            if code == "0":
                parts.append((" " * size, "base"))
            elif code == _CURSOR:
                parts.append(("│", "cursor"))
            elif code == _MARKED:
                parts.append(("┊" * size, "marker"))
            else:
                block = _SHADES[int(code)] if self.app.no_color else _BLOCK
                parts.append((block * size, code))
        return parts

    def _title_parts(self, unit: str) -> list[Part]:
        notes = "".join(f" · {note}" for note in ("log", self._look.note) if note)
        parts: list[Part] = [(f" {_TITLE}{f', {unit}' if unit else ''}{notes}   ", "title")]
        heat = self._heat
        if heat is None or not heat.rows:
            return parts
        if self.app.no_color:
            parts.append(("░▒▓█", f"{LEVELS}"))
        else:
            parts += [(_BLOCK, f"{level}") for level in range(1, LEVELS + 1)]
        parts.append((f" up to {format_count(heat.most)} inferences", "label"))
        if heat.beyond_ms == heat.beyond_ms:
            number, its_unit = duration_parts(heat.beyond_ms)
            parts.append((f"   top row: up to {number} {its_unit}", "label"))
        return parts


def _row_labels(heat: HeatColumns, factor: float) -> dict[int, str]:
    """The lower edge of every second row, in two or three digits."""
    return {
        row: format_tick(edge_ms * factor, 10.0 ** _exponent(edge_ms * factor) / 10)
        for row, edge_ms in enumerate(heat.edges_ms[:-1])
        if row % _ROWS_A_LABEL == 0
    }


def _exponent(value: float) -> int:
    return math.floor(math.log10(value) + 1e-9)


def _with_lines(codes: str, marked: list[int], cursor: int | None) -> str:
    """Draw vertical lines through what is empty."""
    drawn = list(codes)
    for place in marked:
        if drawn[place] == "0":
            drawn[place] = _MARKED
    if cursor is not None and 0 <= cursor < len(drawn) and drawn[cursor] in ("0", _MARKED):
        drawn[cursor] = _CURSOR
    return "".join(drawn)
