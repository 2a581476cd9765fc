"""FPS and p99 over the number of requests: two plots, one above the other, on the same axis."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ovbench_tui.console.units import suitable_unit
from ovbench_tui.engine.api.effective import p99_name
from ovbench_tui.stats.rate import FRAMES
from ovbench_tui.ui.charts.chart_frame import GUTTER
from ovbench_tui.ui.charts.plot import Dot, Line, Mark, Plot, Scale, cell_at, has_place, straight

KNEE = "◆"
_SIGNS = "●○▲△■□"
_NOW = "◌"
_LEAST_ROWS, _LEAST_COLUMNS = 3, 16
_NAMES_FROM_WIDTH = 60


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """What one number of requests has reached.

    Attributes:
        is_now: it is still measured.
    """

    nireq: int
    fps: float
    p99_ms: float
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class SweepLine:
    """The points of one compiled model.

    Attributes:
        name: as in ``2 streams``; '' = there is no other.
        knee_nireq: where more requests stop to pay; None = not known yet.
        is_best: its knee is the best of all, and named.
    """

    name: str
    points: tuple[SweepPoint, ...]
    knee_nireq: int | None = None
    is_best: bool = False


def draw_sweep(
    lines: Sequence[SweepLine],
    nireq: Sequence[int],
    width: int,
    height: int,
    *,
    unit: str = FRAMES,
) -> list[Line]:
    """Draw both plots and the axis below them: `height` lines of at most `width` cells, or none.

    Args:
        nireq: all numbers that are to be tried, so that the axis stays while points come in.
        unit: of the rate; of tokens the latency is that of a token.
    """
    columns = width - GUTTER - 1
    fps_rows = (height - 3 + 1) // 2
    p99_rows = height - 3 - fps_rows
    if min(fps_rows, p99_rows) < _LEAST_ROWS or columns < _LEAST_COLUMNS:
        return []
    numbers = sorted({*nireq, *(point.nireq for line in lines for point in line.points)})
    places = {number: (place + 0.5) / len(numbers) for place, number in enumerate(numbers)}
    legend: Line = ()
    if len(lines) > 1 and width >= _NAMES_FROM_WIDTH:
        legend = tuple(
            part
            for number, line in enumerate(lines)
            for part in ((f"  {_sign(number)} ", "accent"), (line.name, "label"))
        )
    fps = _draw(Plot(columns, fps_rows), lines, places, lambda point: point.fps, is_named=True)
    longest_ms = max(
        (p.p99_ms for line in lines for p in line.points if has_place(p.p99_ms)), default=1.0
    )
    ms_unit = suitable_unit(longest_ms)
    p99 = _draw(
        *(Plot(columns, p99_rows), lines, places, lambda point: point.p99_ms),
        is_log=True,
        factor=ms_unit.per_ms,
    )
    return [
        ((f" {unit} over nireq", "title"), *legend),
        *fps,
        ((f" {p99_name(unit)} over nireq, {ms_unit.name}", "title"),),
        *p99,
        ((_axis(places, columns), "axis"),),
    ]


def _draw(
    plot: Plot,
    lines: Sequence[SweepLine],
    places: dict[int, float],
    value_of: Callable[[SweepPoint], float],
    *,
    factor: float = 1.0,
    is_log: bool = False,
    is_named: bool = False,
) -> list[Line]:
    known = [[point for point in line.points if has_place(value_of(point))] for line in lines]
    values = [value_of(point) for points in known for point in points]
    if not values:
        return plot.lines()
    scale = Scale(values, may_be_log=is_log)
    plot.draw_grid(scale, factor)
    marks: list[Mark] = []
    dots: list[Dot] = []
    for number, (line, points) in enumerate(zip(lines, known, strict=True)):
        dots += _joined(plot, [(places[p.nireq], scale.place(value_of(p))) for p in points])
        if line.is_best and line.knee_nireq is not None:
            plot.draw_upright(places[line.knee_nireq], "good")
        for point in points:
            is_knee = point.nireq == line.knee_nireq
            name = f" knee: nireq {point.nireq} " if is_knee and is_named and line.is_best else ""
            sign, style = _sign(number), "accent"
            if point.is_now:
                sign, style = _NOW, "warn"
            if is_knee:
                sign, style = KNEE, "good"
            place = scale.place(value_of(point))
            rank = 2 * is_knee + point.is_now
            marks.append(Mark(places[point.nireq], place, sign, style, name, rank))
    plot.draw_dots(dots, "label")
    plot.draw_marks(marks)
    return plot.lines()


def _joined(plot: Plot, places: Sequence[tuple[float, float]]) -> Iterator[Dot]:
    """Straight lines from each point to the next."""
    dots = [plot.middle(x, y) for x, y in places]
    for begin, end in itertools.pairwise(dots):
        yield from straight(begin, end)


def _sign(number: int) -> str:
    return _SIGNS[number % len(_SIGNS)]


def _axis(places: dict[int, float], columns: int) -> str:
    """The numbers, each below its points; where there are too many, some are left out."""
    line = [*" nireq".ljust(GUTTER), *" " * columns]
    free_from = GUTTER
    for number, place in places.items():
        label = str(number)
        x = GUTTER + cell_at(place, columns) - (len(label) - 1) // 2
        end = x + len(label)
        if x >= free_from and end <= len(line):
            line[x:end] = label
            free_from = end + 1
    return "".join(line)
