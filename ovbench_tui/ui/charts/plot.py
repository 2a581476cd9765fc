"""What the charts of points share: a scale with round ends, and cells that are drawn in layers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ovbench_tui.console.format import format_tick
from ovbench_tui.stats.round_steps import LEAST, nice_step
from ovbench_tui.ui.charts.braille import braille
from ovbench_tui.ui.charts.chart_frame import GUTTER, edge
from ovbench_tui.ui.widgets.live import Part

Line = tuple[Part, ...]
Dot = tuple[int, int]
"""A Braille dot of a plot, from its lower left corner."""

_DOT_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_FROM_ZERO = 0.35
_MARGIN = 0.05
_LEAST_SPREAD = 0.2
_ENDS = 5
_LOG_FROM_RATIO = 20.0
_TICK_EVERY_ROWS = 3
_FEWEST_STEPS = 2


def has_place(value: float) -> bool:
    """Whether a value can be drawn at all."""
    return math.isfinite(value) and value > LEAST


class Scale:
    """From values to places from 0 to 1; logarithmic where the values span much.

    It begins at zero where that costs little room; a front far from zero is shown larger, but
    never so large that noise looks like a difference. Its ends are round, so that they stay
    while the run that goes on moves a little.
    """

    def __init__(self, values: Sequence[float], *, may_be_log: bool = False) -> None:
        low, high = min(values), max(values)
        self.is_log = may_be_log and low > 0 and high / low > _LOG_FROM_RATIO
        if self.is_log:
            margin = _MARGIN * math.log(high / low)
            self.low, self.high = low * math.exp(-margin), high * math.exp(margin)
            return
        spread = max(high - low, _LEAST_SPREAD * high)
        middle = (low + high) / 2
        low, high = middle - spread / 2, middle + spread / 2
        margin = _MARGIN * spread
        step = nice_step(spread, _ENDS)
        begin = math.floor((low - margin) / step) * step
        self.low = 0.0 if low < _FROM_ZERO * high else max(0.0, begin)
        self.high = math.ceil((high + margin) / step) * step

    def place(self, value: float) -> float:
        """Where a value lies."""
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def labels(self, intervals: int, factor: float = 1.0) -> list[tuple[float, str]]:
        """Return round values on the scale, and how they are written.

        Args:
            factor: from the scale's unit to that of the labels.
        """
        ticks, step = self.ticks(intervals)
        # On a logarithmic scale each value has the decimals of its own size.
        steps = ticks if self.is_log else [step] * len(ticks)
        return [
            (tick, _label(tick * factor, own * factor))
            for tick, own in zip(ticks, steps, strict=True)
        ]

    def ticks(self, intervals: int) -> tuple[list[float], float]:
        """Return round values on the scale, and the step from one to the next."""
        if self.is_log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            factors = (1, 2, 5) if intervals >= 3 * (last - first) else (1,)
            ticks = [factor * 10.0**power for power in range(first, last) for factor in factors]
            ticks = [tick for tick in ticks if self.low <= tick <= self.high]
            return ticks, min(ticks, default=1.0)
        step = nice_step(self.high - self.low, intervals)
        count = math.floor(self.high / step + 1e-9)
        begin = math.ceil(self.low / step - 1e-9)
        return [step * number for number in range(begin, count + 1)], step


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign in a plot.

    Attributes:
        x, y: places from 0 to 1, from the lower left corner.
        label: beside it, where there is room.
        style: of both.
        rank: of two in one cell the higher is seen.
    """

    x: float
    y: float
    sign: str
    style: str
    label: str = ""
    rank: int = 0


class Plot:
    """The cells of a chart with a scale at its left; what is drawn later lies on top."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._cells: list[list[Part]] = [[(" ", "base")] * columns for _ in range(rows)]
        self._labels: dict[int, str] = {}

    def dot(self, x: float, y: float) -> Dot:
        """The Braille dot at places from 0 to 1."""
        return cell_at(x, self.columns * 2), cell_at(y, self.rows * 4)

    def middle(self, x: float, y: float) -> Dot:
        """The Braille dot in the middle of the cell that has a mark at these places."""
        return cell_at(x, self.columns) * 2, cell_at(y, self.rows) * 4 + 2

    def draw_grid(self, scale: Scale, factor: float = 1.0) -> None:
        """Draw a line at each round value.

        Args:
            factor: from the scale's unit to that of the labels.
        """
        for tick, text in scale.labels(max(_FEWEST_STEPS, self.rows // _TICK_EVERY_ROWS), factor):
            y = self.rows - 1 - cell_at(scale.place(tick), self.rows)
            self._labels[y] = text
            self._cells[y] = [("┈", "grid")] * self.columns

    def draw_upright(self, x: float, style: str) -> None:
        """Draw a line from the bottom to the top."""
        for row in self._cells:
            row[cell_at(x, self.columns)] = ("┊", style)

    def draw_level(self, y: float, style: str) -> None:
        """Draw a line from the left to the right."""
        row = self._cells[self.rows - 1 - cell_at(y, self.rows)]
        row[:] = [("╌", style)] * self.columns

    def draw_dots(self, dots: Iterable[Dot], style: str) -> None:
        """Draw Braille dots."""
        bits: dict[Dot, int] = {}
        for x, y in dots:
            place = (self.rows - 1 - y // 4, x // 2)
            bits[place] = bits.get(place, 0) | _DOT_BITS[3 - y % 4][x % 2]
        for (y, x), pattern in bits.items():
            self._cells[y][x] = (braille(pattern), style)

    def draw_marks(self, marks: Iterable[Mark]) -> None:
        """Draw signs, those of the highest rank on top, and labels where they hide no sign."""
        taken: set[Dot] = set()
        placed: list[tuple[Mark, int, int]] = []
        for mark in sorted(marks, key=lambda mark: -mark.rank):
            x = cell_at(mark.x, self.columns)
            y = self.rows - 1 - cell_at(mark.y, self.rows)
            if (y, x) not in taken:
                taken.add((y, x))
                self._cells[y][x] = (mark.sign, mark.style)
                placed.append((mark, x, y))
        for mark, x, y in placed:
            length = len(mark.label)
            for start in (x + 1, x - length):
                wanted = [(y, start + number) for number in range(length)]
                if 0 <= start <= self.columns - length and not taken.intersection(wanted):
                    taken.update(wanted)
                    for (_, place), character in zip(wanted, mark.label, strict=True):
                        self._cells[y][place] = (character, mark.style)
                    break

    def lines(self) -> list[Line]:
        """The rows from the top, each with its part of the scale."""
        return [(edge(self._labels.get(y)), *_joined(row)) for y, row in enumerate(self._cells)]


def _label(value: float, step: float) -> str:
    """At most as many letters as there are beside a plot."""
    text = format_tick(value, step)
    return text if len(text) < GUTTER else f"{value:.0e}"


def straight(begin: Dot, end: Dot) -> Iterable[Dot]:
    """The dots of a straight line, both ends among them."""
    (x0, y0), (x1, y1) = begin, end
    steps = max(abs(x1 - x0), abs(y1 - y0), 1)
    for step in range(steps + 1):
        yield round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps)


def cell_at(place: float, count: int) -> int:
    """The cell of so many at a place from 0 to 1."""
    return min(count - 1, max(0, round(place * (count - 1))))


def _joined(row: Sequence[Part]) -> list[Part]:
    """Put neighbours of one style together."""
    parts: list[Part] = []
    for text, style in row:
        if parts and parts[-1][1] == style:
            parts[-1] = (parts[-1][0] + text, style)
        else:
            parts.append((text, style))
    return parts
