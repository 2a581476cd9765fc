"""A scatter of throughput over p99: what has been tried, the Pareto front, and the limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ovbench_tui.console.format import format_duration_ticks, format_ticks
from ovbench_tui.ui.charts.axis import ZeroBasedAxis
from ovbench_tui.ui.charts.chart_frame import GUTTER
from ovbench_tui.ui.charts.chart_series import usual_maximum
from ovbench_tui.ui.widgets.live import Part

_BEST, _NOW, _FRONT, _OTHER = "◆", "○", "●", "·"
_RANK = {_BEST: 4, _NOW: 3, _FRONT: 2, _OTHER: 1}
_STYLES = {_BEST: "good", _NOW: "warn", _FRONT: "accent", _OTHER: "label", "┊": "bad", "┈": "grid"}
_LABEL_EVERY_CELLS = 12
LEGEND: tuple[Part, ...] = (
    (f" {_BEST} ", "good"),
    ("best  ", "label"),
    (f"{_FRONT} ", "accent"),
    ("Pareto front  ", "label"),
    (f"{_NOW} ", "warn"),
    ("now  ", "label"),
    (f"{_OTHER} others", "label"),
)


@dataclass(frozen=True, slots=True)
class Dot:
    """One configuration on the plot.

    Attributes:
        mark: one of `BEST`, `NOW`, `FRONT` and `OTHER`.
    """

    p99_ms: float
    fps: float
    mark: str


BEST, NOW, FRONT, OTHER = _BEST, _NOW, _FRONT, _OTHER


class Scatter:
    """Draws dots on zero-based scales that stay put while they will do."""

    def __init__(self) -> None:
        self._fps_axis = ZeroBasedAxis(parts=1)
        self._p99_axis = ZeroBasedAxis(parts=1, spacing=_LABEL_EVERY_CELLS)

    def draw(
        self, dots: Sequence[Dot], limit_ms: float | None, width: int, height: int
    ) -> list[tuple[Part, ...]]:
        """Draw a title, the plot and the p99 axis: `height` lines of `width` cells.

        A p99 far beyond the usual ones stands at the right edge as an arrow.
        """
        rows, columns = height - 2, width - GUTTER - 1
        if rows < 2 or columns < 8:
            return [()] * height
        known = [dot for dot in dots if dot.fps > 0 and dot.p99_ms > 0]
        self._fps_axis.fit(max((dot.fps for dot in known), default=0.0), rows)
        usual_ms = usual_maximum([dot.p99_ms for dot in known])
        if limit_ms is not None and known:
            usual_ms = max(usual_ms, min(limit_ms, 2 * usual_ms))
        self._p99_axis.fit(usual_ms, columns)
        cells = self._cells(known, limit_ms, rows, columns)
        labels = self._fps_labels(rows)
        lines: list[tuple[Part, ...]] = [((" FPS over p99  ", "title"), *LEGEND)]
        for y, row in enumerate(cells):
            edge = f"{labels[y]:>{GUTTER - 1}}┤" if y in labels else " " * (GUTTER - 1) + "│"
            lines.append(((edge, "axis"), *_parts(row)))
        lines.append(((self._p99_labels(columns), "axis"),))
        return lines

    def _cells(
        self, dots: Sequence[Dot], limit_ms: float | None, rows: int, columns: int
    ) -> list[list[str]]:
        cells = [[" "] * columns for _ in range(rows)]
        for y in self._fps_labels(rows):
            cells[y] = ["┈"] * columns
        fps_top, p99_top = self._fps_axis.top, self._p99_axis.top
        if not fps_top or not p99_top:
            return cells
        if limit_ms is not None and limit_ms <= p99_top:
            x = _place(limit_ms, p99_top, columns)
            for row in cells:
                row[x] = "┊"
        for dot in sorted(dots, key=lambda dot: _RANK[dot.mark]):
            x = _place(dot.p99_ms, p99_top, columns)
            y = rows - 1 - _place(dot.fps, fps_top, rows)
            cells[y][x] = dot.mark
        return cells

    def _fps_labels(self, rows: int) -> dict[int, str]:
        axis = self._fps_axis
        ticks = axis.ticks()
        return {
            rows - 1 - row: label
            for row, label in zip(axis.tick_rows(), format_ticks(ticks), strict=True)
        }

    def _p99_labels(self, columns: int) -> str:
        axis = self._p99_axis
        line = [" "] * (GUTTER + columns + 1)
        if axis.top:
            ticks = axis.ticks()
            for value, label in zip(ticks, format_duration_ticks(ticks), strict=True):
                x = GUTTER + _place(value, axis.top, columns)
                x = min(x, GUTTER + columns + 1 - len(label))
                line[x : x + len(label)] = label
        return "".join(line)


def _place(value: float, top: float, cells: int) -> int:
    return min(cells - 1, max(0, round(value / top * (cells - 1))))


def _parts(row: Sequence[str]) -> list[Part]:
    parts: list[Part] = []
    for text in row:
        style = _STYLES.get(text, "base")
        if parts and parts[-1][1] == style:
            parts[-1] = (parts[-1][0] + text, style)
        else:
            parts.append((text, style))
    return parts
