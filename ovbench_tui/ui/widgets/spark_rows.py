"""Sparklines of one text row each: the longer past at a glance, with the current values."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING

from ovbench_tui.console.units import MILLISECONDS, DurationColumn, Unit
from ovbench_tui.ui.charts.axis import HeldMaximum
from ovbench_tui.ui.widgets.live import LiveWidget

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import History

BLOCKS = "▁▂▃▄▅▆▇█"
_MARKS = " " + BLOCKS
_BY_STEP = BLOCKS[0] + BLOCKS
"""By the number of eighths: nothing is drawn as the lowest of them, too."""
_LABEL_WIDTH = 6
_NUMBER_WIDTH = 7
_VALUE_WIDTH = _NUMBER_WIDTH + 5


def spark(values: list[float], top: float) -> str:
    """Draw values on a zero-based scale of eight steps; NaN is a space."""
    if top <= 0:
        return " " * len(values)
    blocks, steps = _BY_STEP, len(BLOCKS)
    # Without a call of `ceil`, `min` and `max` for each of some hundred values a second.
    return "".join(
        [
            " " if v != v else "█" if v >= top else blocks[int(-(-v / top * steps // 1))]
            for v in values
        ]
    )


def spark_rows(values: list[float], top: float, rows: int) -> list[str]:
    """The same in several rows, the uppermost first, with eight steps in each."""
    steps = len(BLOCKS)
    most = steps * rows
    places = [
        0 if v != v or top <= 0 else min(most, max(1, math.ceil(v / top * most))) for v in values
    ]
    return [
        "".join([_MARKS[min(steps, max(0, place - steps * below))] for place in places])
        for below in range(rows - 1, -1, -1)
    ]


def spark_line(
    values: list[float], held: HeldMaximum, unmeasured: Collection[int] = frozenset()
) -> str:
    """Draw values on a scale that is held from one drawing to the next.

    Args:
        unmeasured: places of a warm-up, which sets the scale only where nothing else is known.
    """
    known = {place: value for place, value in enumerate(values) if value == value}
    counted = [value for place, value in known.items() if place not in unmeasured]
    held.fit(max(counted or known.values(), default=0.0))
    return spark(values, held.top)


class GroupMeans:
    """Averages of groups of columns, aligned by column number.

    Alignment keeps a value in its cell while time goes by, and lets finished groups be kept.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: dict[int, float] = {}
        self._first = 0

    def newest(self, values: tuple[float, ...], first: int, groups: int) -> list[float]:
        """Return the means of the newest `groups` groups; NaN where a group has no value."""
        size, known = self._size, self._known
        if first < self._first:
            known.clear()
        self._first = first
        last = (first + len(values) - 1) // size
        # The newest group still grows, and the oldest may have lost columns.
        known.pop(last, None)
        start = last - groups + 1
        for group in range(start, last + 1):
            if group not in known:
                place = group * size - first
                valid = [v for v in values[max(0, place) : max(0, place + size)] if v == v]
                known[group] = sum(valid) / len(valid) if valid else math.nan
        means = [known[group] for group in range(start, last + 1)]
        if len(known) > 2 * groups:
            self._known = {group: known[group] for group in range(start, last)}
        known.pop(last, None)
        return means


class SparkRows(LiveWidget):
    """FPS, p50 and p99, a row each."""

    STYLE_CLASSES = (
        "chart--first",
        "chart--fps",
        "chart--second",
    )

    def __init__(self, *, columns_per_cell: int = 4, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.columns_per_cell = columns_per_cell
        self._history: History | None = None
        self._fps = math.nan
        self._whole_ms: tuple[float, float] | None = None
        self._generates = False
        self._tops = (HeldMaximum(), HeldMaximum(), HeldMaximum())
        self._means = tuple(GroupMeans(columns_per_cell) for _ in self._tops)
        self._drawn: tuple[int, int, int] = (0, 0, 0)
        self._sparks = ["", "", ""]
        self._latencies = DurationColumn()

    @property
    def columns_wanted(self) -> int:
        """History columns that fill the rows."""
        return self.columns_per_cell * (self._cells + 1)

    def show(
        self,
        history: History,
        fps: float,
        latency_unit: Unit = MILLISECONDS,
        *,
        generates: bool = False,
        whole_ms: tuple[float, float] | None = None,
    ) -> None:
        """Draw this history and the current figures, latencies in this unit.

        Args:
            fps: the present rate, or NaN; of tokens where the model `generates` them.
            whole_ms: p50 and p99 of all, where nothing more comes, instead of the newest.
        """
        self._whole_ms = whole_ms
        self._history = history
        self._latencies = DurationColumn(latency_unit)
        self._fps = fps
        self._generates = generates
        self.repaint()

    @property
    def _cells(self) -> int:
        return max(0, self.outer_size.width - _LABEL_WIDTH - _VALUE_WIDTH - 2)

    def paint(self) -> None:
        """Draw the rows; the lines change only with a new column."""
        history = self._history
        cells = self._cells
        if history is not None and cells:
            key = (history.first_column, len(history.fps), cells)
            if key != self._drawn:
                self._drawn = key
                warm_ups = self._warm_ups(history, cells)
                self._sparks = [
                    spark_line(means.newest(values, history.first_column, cells), top, warm_ups)
                    for values, means, top in zip(
                        (history.fps, history.p50_ms, history.p99_ms),
                        self._means,
                        self._tops,
                        strict=True,
                    )
                ]
        for y, (label, value, style) in enumerate(self._figures()):
            self.set_row(
                y,
                (f" {label:<{_LABEL_WIDTH}}", "label"),
                (f"{self._sparks[y]:>{cells}}", style),
                (f" {value:>{_VALUE_WIDTH - 1}}", "value"),
            )

    def _warm_ups(self, history: History, cells: int) -> frozenset[int]:
        """The cells that stand for a warm-up, at least in part."""
        size = self.columns_per_cell
        first = history.newest // size - cells + 1
        return frozenset(
            cell - first
            for begin, last in history.warm_ups
            for cell in range(max(first, begin // size), last // size + 1)
        )

    def _figures(self) -> list[tuple[str, str, str]]:
        history, latencies = self._history, self._latencies
        label, of_rate = ("tokens", "/s") if self._generates else ("FPS", "FPS")
        figures = [(label, latencies.numbers.write(self._fps), of_rate, "fps")]
        p50_ms, p99_ms = self._whole_ms or (
            (_newest(history.p50_ms), _newest(history.p99_ms)) if history else (math.nan, math.nan)
        )
        for name, newest_ms, style in (("p50", p50_ms, "first"), ("p99", p99_ms, "second")):
            figures.append((name, latencies.number(newest_ms), latencies.unit.name, style))
        return [(name, f"{number} {unit:<3}", style) for name, number, unit, style in figures]


def _newest(values: tuple[float, ...]) -> float:
    return values[-1] if values else math.nan
