"""Throughput over p99, a point a run, and the Pareto front as a line of braille dots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ovbench_tui.console.format import format_tick
from ovbench_tui.console.units import duration_parts
from ovbench_tui.stats.round_steps import nice_step
from ovbench_tui.ui.charts.braille import braille
from ovbench_tui.ui.charts.chart_frame import GUTTER
from ovbench_tui.ui.widgets.live import Part

Line = tuple[Part, ...]

FRONT, BEATEN = "●", "○"
_TITLE: Line = (
    (" FPS over p99   ", "title"),
    (f"{FRONT} ", "front"),
    ("Pareto front  ", "label"),
    (f"{BEATEN} ", "label"),
    ("beaten in both  ", "label"),
    ("▸ ", "accent"),
    ("runs now", "label"),
)
_LEGEND_FROM_WIDTH = 60
_DOT_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_FROM_ZERO = 0.35
_MARGIN = 0.05
_LEAST_SPREAD = 0.2
_ENDS = 5
_LOG_FROM_RATIO = 20.0
_TICK_EVERY_CELLS = 12
_TICK_EVERY_ROWS = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One run.

    Attributes:
        label: beside its mark.
        style: of mark and label.
        rank: of two points in one cell the higher is seen.
    """

    p99_ms: float
    fps: float
    label: str
    style: str
    is_front: bool
    rank: int = 0


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

    def ticks(self, intervals: int) -> tuple[list[float], float]:
        """Return round values on the scale, and the step that tells their decimals."""
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


def draw_scatter(points: Sequence[Point], width: int, height: int) -> list[Line]:
    """Draw title, plot and p99 axis: at most `height` lines of at most `width` cells.

    Points without figures are left out by the caller; with none there is only the title.
    """
    rows, columns = height - 2, width - GUTTER - 1
    if rows < 3 or columns < 12:
        return []
    title = _TITLE if width >= _LEGEND_FROM_WIDTH else _TITLE[:1]
    if not points:
        nothing = "  No run has been measured for a second yet."
        return [title, ((nothing, "label"),)]
    fps = Scale([point.fps for point in points])
    p99 = Scale([point.p99_ms for point in points], may_be_log=True)
    cells: list[list[Part]] = [[(" ", "base")] * columns for _ in range(rows)]
    labels: dict[int, str] = {}
    ticks, step = fps.ticks(max(1, rows // _TICK_EVERY_ROWS))
    for tick in ticks:
        y = rows - 1 - _cell(fps.place(tick), rows)
        labels[y] = format_tick(tick, step)
        cells[y] = [("┈", "grid")] * columns
    _draw_front(cells, points, fps, p99)
    _draw_points(cells, points, fps, p99)
    lines: list[Line] = [title]
    for y, row in enumerate(cells):
        label = labels.get(y)
        edge = f"{label:>{GUTTER - 1}}┤" if label else " " * (GUTTER - 1) + "│"
        lines.append(((edge, "axis"), *_joined(row)))
    lines.append(((_p99_axis(p99, columns), "axis"),))
    return lines


def _draw_front(cells: list[list[Part]], points: Sequence[Point], fps: Scale, p99: Scale) -> None:
    """Draw the border of what was reached: a step at every run of the front."""
    rows, columns = len(cells), len(cells[0])
    across, down = columns * 2, rows * 4
    front = sorted((point for point in points if point.is_front), key=lambda point: point.p99_ms)
    dots: set[tuple[int, int]] = set()
    height = 0
    for number, point in enumerate(front):
        x, top = _cell(p99.place(point.p99_ms), across), _cell(fps.place(point.fps), down)
        following = front[number + 1 :]
        end = _cell(p99.place(following[0].p99_ms), across) if following else across - 1
        # Every other dot only: a line of braille dots is as loud as the marks.
        dots.update((x, y) for y in range(height, top + 1) if y % 2)
        dots.update((place, top) for place in range(x, end + 1) if place % 2)
        height = top
    bits: dict[tuple[int, int], int] = {}
    for x, y in dots:
        place = (rows - 1 - y // 4, x // 2)
        bits[place] = bits.get(place, 0) | _DOT_BITS[3 - y % 4][x % 2]
    for (y, x), pattern in bits.items():
        cells[y][x] = (braille(pattern), "front")


def _draw_points(cells: list[list[Part]], points: Sequence[Point], fps: Scale, p99: Scale) -> None:
    rows, columns = len(cells), len(cells[0])
    taken: set[tuple[int, int]] = set()
    placed: list[tuple[Point, int, int]] = []
    for point in sorted(points, key=lambda point: -point.rank):
        x = _cell(p99.place(point.p99_ms), columns)
        y = rows - 1 - _cell(fps.place(point.fps), rows)
        if (y, x) not in taken:
            taken.add((y, x))
            cells[y][x] = (FRONT if point.is_front else BEATEN, point.style)
            placed.append((point, x, y))
    for point, x, y in placed:
        length = len(point.label)
        for start in (x + 1, x - length):
            wanted = [(y, start + number) for number in range(length)]
            if 0 <= start <= columns - length and not taken.intersection(wanted):
                taken.update(wanted)
                for (_, place), character in zip(wanted, point.label, strict=True):
                    cells[y][place] = (character, point.style)
                break


def _p99_axis(p99: Scale, columns: int) -> str:
    _, unit = duration_parts(p99.high)
    factor = {"µs": 1e3, "ms": 1.0, "s": 1e-3}[unit]
    line = [" "] * (GUTTER + columns)
    ticks, step = p99.ticks(max(1, columns // _TICK_EVERY_CELLS))
    free_from = 0
    for tick in ticks:
        decimals_of = tick if p99.is_log else step
        label = format_tick(tick * factor, decimals_of * factor)
        x = GUTTER + _cell(p99.place(tick), columns)
        end = x + len(label)
        if x >= free_from and end < GUTTER + columns - len(unit) - 1:
            line[x:end] = label
            free_from = end + 1
    line[-len(unit) :] = unit
    return "".join(line)


def _cell(place: float, count: int) -> int:
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
