"""Who used the CPU, in the time and the cells of the charts above."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ovbench_tui.engine.api.machine import MachineColumns
from ovbench_tui.ui.charts.chart_frame import GUTTER
from ovbench_tui.ui.charts.chart_panel import LIVE_LOOK, ChartPanel, Look, Phrase, fitting
from ovbench_tui.ui.widgets.spark_rows import spark

if TYPE_CHECKING:
    from ovbench_tui.ui.widgets.live import Part

ROWS = 3
_OTHERS_MATTER = 0.1
_WHOLE = 1.0
"""The top of both rows: all CPUs."""


class MachineStrip(ChartPanel):
    """A title with the newest shares or those under the cursor, and a row for ours and others."""

    STYLE_CLASSES = ("chart--cursor", "chart--first", "chart--second")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._columns = MachineColumns()
        self._cursor: int | None = None

    def show(self, columns: MachineColumns, first: int, look: Look = LIVE_LOOK) -> None:
        """Draw these cells; nothing is done where they are those that are drawn.

        Args:
            first: number of the first cell.
        """
        cursor = None if look.cursor is None else look.cursor - first
        self._columns, self._cursor = columns, cursor
        self.repaint_if_new((columns, cursor))

    def paint(self) -> None:
        """Draw the title and the two rows."""
        columns = self._columns
        self.set_row(0, *fitting(self._heading(), self._painted_size.width))
        for y, (name, shares, style) in enumerate(
            (("ours", columns.own_share, "first"), ("others", columns.others_share, "second")), 1
        ):
            self.set_row(
                y,
                (f"{name:>{GUTTER - 1}} ", "label"),
                *self._with_cursor(spark(list(shares), _WHOLE), style),
            )

    def _with_cursor(self, text: str, style: str) -> list[Part]:
        cursor = self._cursor
        if cursor is None or not 0 <= cursor < len(text):
            return [(text, style)]
        under = "│" if text[cursor] == " " else text[cursor]
        return [(text[:cursor], style), (under, "cursor"), (text[cursor + 1 :], style)]

    def _heading(self) -> list[Phrase]:
        columns = self._columns
        cell = self._cell()
        phrases = [Phrase(((" CPU", "title" if self._cursor is None else "accent"),))]
        if cell is None:
            return [*phrases, Phrase((("  not known", "label"),))]
        own, others = columns.own_share[cell], columns.others_share[cell]
        phrases.append(Phrase((("  ours ", "label"), (_percent(own), "first"))))
        phrases.append(Phrase((("  others ", "label"), (_percent(others), "second"))))
        largest = columns.largest[cell]
        if largest is not None and others >= _OTHERS_MATTER:
            phrases.append(Phrase(((f" ({largest.beside(others)})", "value"),), rank=1))
        ghz = columns.frequency_ghz[cell]
        if not math.isnan(ghz):
            phrases.append(Phrase(((f"  {ghz:.2f} GHz", "label"),), rank=3))
        times = round(sum(count for count in columns.throttles if count == count))
        if times:
            phrases.append(Phrase(((f"  throttled {times:,}x", "warn"),), rank=2))
        return phrases

    def _cell(self) -> int | None:
        """The one under the cursor, or the newest of which something is known."""
        shares = self._columns.others_share
        cells = range(len(shares) - 1, -1, -1) if self._cursor is None else (self._cursor,)
        return next(
            (cell for cell in cells if 0 <= cell < len(shares) and not math.isnan(shares[cell])),
            None,
        )


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{share * 100:.0f} %"
