"""A heat map: how many inferences had which latency, over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_count, format_duration_ticks
from ovbench_tui.console.units import duration_parts
from ovbench_tui.stats.timeseries.views import LEVELS, HeatColumns
from ovbench_tui.ui.charts.axis import is_one_two_five
from ovbench_tui.ui.charts.chart_frame import edge, time_axis
from ovbench_tui.ui.charts.chart_panel import LIVE_LOOK, RUN, ChartPanel, Look, Phrase, fitting
from ovbench_tui.ui.charts.marker_row import cell_texts, marker_row

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import Marker
    from ovbench_tui.ui.widgets.live import Part

_TITLE = "Latency over time"
_SHORT = "lat."
_NO_DATA = "No latency has been measured yet."
_BLOCK = "█"
_SHADES = " ░░▒▒▓▓██"
"""By level, where there are no colours."""
_CODES = bytes(range(ord("0"), ord("0") + LEVELS + 1)).ljust(256, b"0")
_CURSOR, _MARKED = "c", "m"


class HeatMap(ChartPanel):
    """Rows of latency, columns of time, shades of the number of inferences."""

    STYLE_CLASSES = (
        "chart--axis",
        "chart--cursor",
        "chart--marker",
        *(f"heat--{level}" for level in range(1, LEVELS + 1)),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
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
        marks = cell_texts(self._markers, last - columns + 1)
        row: Part = (marker_row(marks, columns), "marker") if cells else (_NO_DATA, "label")
        top_rows = self._set_heading(self._title_parts(), _SHORT, row, self._look.reading)
        labels = _row_labels(heat) if heat else {}
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

    def _title_parts(self) -> list[Part]:
        notes = tuple((f" · {note}", "title") for note in ("log", self._look.note) if note)
        phrases = [Phrase(((f" {_TITLE}", "title"),)), Phrase(notes, rank=2)]
        heat = self._heat
        if heat is not None and heat.rows:
            shades: tuple[Part, ...] = (("░▒▓█", f"{LEVELS}"),)
            if not self.app.no_color:
                shades = tuple((_BLOCK, f"{level}") for level in range(1, LEVELS + 1))
            most = f" up to {format_count(heat.most)} inferences"
            phrases.append(Phrase((("   ", "label"), *shades, (most, "label")), rank=3))
            if heat.beyond_ms == heat.beyond_ms:
                beyond = " ".join(duration_parts(heat.beyond_ms))
                phrases.append(Phrase(((f"   top row: up to {beyond}", "label"),), rank=1))
        return fitting(phrases, self._painted_size.width)


def _row_labels(heat: HeatColumns) -> dict[int, str]:
    """The lower edges that are 1, 2 or 5 times a power of ten."""
    rows = [row for row, edge_ms in enumerate(heat.edges_ms[:-1]) if is_one_two_five(edge_ms)]
    return {row: format_duration_ticks([heat.edges_ms[row]])[0] for row in rows}


def _with_lines(codes: str, marked: list[int], cursor: int | None) -> str:
    """Draw vertical lines through what is empty."""
    drawn = list(codes)
    for place in marked:
        if drawn[place] == "0":
            drawn[place] = _MARKED
    if cursor is not None and 0 <= cursor < len(drawn) and drawn[cursor] in ("0", _MARKED):
        drawn[cursor] = _CURSOR
    return "".join(drawn)
