"""Charts of a page: SVG with axes, drawn from plain numbers; colours are the page's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from ovbench_tui.stats.round_steps import log_steps, nice_step

_WIDTH, _HEIGHT = 860, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 14, 30
_LETTER = 6.5
"""Width of a letter of a span's name, on average and rather too much."""

_LOG_FROM = 20.0
"""Times between the largest and the usual value, from which on a scale is logarithmic."""

Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart.

    Attributes:
        style: its class in the page's style sheet, as in ``fps`` or ``p99``.
        values: one a window; NaN leaves a gap.
        is_filled: with the area below it.
    """

    name: str
    style: str
    values: Sequence[float]
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that a chart marks with a line across and a few words."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that a chart marks at its top, named where there is room for it."""

    from_s: float
    until_s: float
    text: str


def time_chart(
    title: str,
    unit: str,
    step_s: float,
    lines: Sequence[Line],
    *,
    marks: Sequence[Mark] = (),
    spans: Sequence[Span] = (),
    may_be_log: bool = False,
    top: float = math.nan,
    tick: Callable[[float], str] = "{:g}".format,
) -> str:
    """Draw lines over the seconds of a run; '' where there is nothing to draw.

    Args:
        title: for readers who hear the page instead of seeing it.
        step_s: seconds of a window.
        marks: values marked across the chart, as a mean or a limit.
        spans: stretches of the time, in order.
        may_be_log: the scale is logarithmic where single values stand far out.
        top: of the scale; NaN = above the largest value.
        tick: writes a value at the axis.
    """
    shown = [value for line in lines for value in line.values if math.isfinite(value)]
    shown += [mark.value for mark in marks if math.isfinite(mark.value)]
    count = max((len(line.values) for line in lines), default=0)
    if not shown or not count:
        return ""
    y, values = _vertical(shown, may_be_log=may_be_log, top=top)
    seconds = count * step_s
    x = _linear(0.0, seconds, _LEFT, _WIDTH - _RIGHT)
    parts = [_grid(y, values, tick)]
    step = nice_step(seconds, 8)
    times = [step * index for index in range(int(seconds / step + 1e-9) + 1)]
    parts += [
        _text(x(at), _HEIGHT - 10, f"{at:g} s" if index else f"{at:g}", "middle")
        for index, at in enumerate(times)
    ]
    for line in lines:
        points = [
            (x((index + 0.5) * step_s), y(value)) if math.isfinite(value) else None
            for index, value in enumerate(line.values)
        ]
        parts.append(_path(points, line))
    for mark in marks:
        if math.isfinite(mark.value):
            at = y(mark.value)
            parts.append(f'<path class="mark" d="M{_LEFT} {at:.1f}H{_WIDTH - _RIGHT}"/>')
            parts.append(_text(_WIDTH - _RIGHT, at - 4, mark.text, "end", "mark-text"))
    parts.append(_spans(spans, x, seconds))
    return _svg(title, unit, parts, [(line.name, line.style) for line in lines])


def bar_chart(
    title: str,
    unit: str,
    bins: Sequence[tuple[float, float, int]],
    marks: Sequence[Mark],
    *,
    bars: int = 80,
    tick: Callable[[float], str] = "{:g}".format,
) -> str:
    """Draw how often values came, on a logarithmic scale; '' where there is nothing to draw.

    Args:
        bins: lower and upper edge, and how many; they are gathered into `bars` of equal width.
        marks: values marked upright, as percentiles.
    """
    bins = [(low, high, count) for low, high, count in bins if 0 < low <= high and count > 0]
    if not bins:
        return ""
    low, high = min(low for low, _, _ in bins), max(high for _, high, _ in bins)
    if high <= low * 1.001:
        low, high = low / 1.1, high * 1.1
    span = math.log(high / low)
    heights = [0.0] * bars
    for begin, end, count in bins:
        place = math.log(math.sqrt(begin * end) / low) / span * bars
        heights[min(bars - 1, max(0, int(place)))] += count
    total = sum(heights)
    shares = [height / total * 100 for height in heights]
    y, values = _vertical(shares)

    def x(value: float) -> float:
        return _LEFT + math.log(value / low) / span * (_WIDTH - _LEFT - _RIGHT)

    width = (_WIDTH - _LEFT - _RIGHT) / bars
    parts = [_grid(y, values, lambda value: f"{value:g} %")]
    parts += [
        f'<rect class="bar" x="{_LEFT + index * width + 0.5:.1f}" y="{y(share):.1f}"'
        f' width="{width - 1:.1f}" height="{y(0) - y(share):.1f}"/>'
        for index, share in enumerate(shares)
        if share
    ]
    last = -math.inf
    for value in log_steps(low, high) or [low, high]:
        if x(value) - last >= 52:
            last = x(value)
            parts.append(_text(last, _HEIGHT - 10, tick(value), "middle"))
    last = -math.inf
    for mark in marks:
        if math.isfinite(mark.value) and low <= mark.value <= high:
            at = x(mark.value)
            parts.append(f'<path class="mark" d="M{at:.1f} {_TOP}V{_HEIGHT - _BOTTOM}"/>')
            if at - last >= 34:
                last = at
                anchor = "end" if at > _WIDTH - 60 else "start"
                parts.append(
                    _text(
                        at + (3 if anchor == "start" else -3),
                        _TOP + 10,
                        mark.text,
                        anchor,
                        "mark-text",
                    )
                )
    return _svg(title, unit, parts, [])


def _spans(spans: Sequence[Span], x: Scale, seconds: float) -> str:
    """Bars at the top of a chart; what has no room for its name has it where the mouse is."""
    parts = []
    free_from = 0.0
    for span in spans:
        begin, end = x(max(0.0, span.from_s)), x(min(seconds, span.until_s))
        if end <= begin:
            continue
        text = escape(span.text)
        parts.append(
            f'<rect class="span" x="{begin:.1f}" y="{_TOP - 6}" width="{end - begin:.1f}"'
            f' height="4"><title>{text}</title></rect>'
        )
        width = _LETTER * len(span.text)
        if begin >= free_from and begin + width <= _WIDTH:
            parts.append(_text(begin, _TOP + 9, span.text, "start", "mark-text"))
            free_from = begin + width
    return "".join(parts)


def _vertical(
    values: Sequence[float], *, may_be_log: bool = False, top: float = math.nan
) -> tuple[Scale, list[float]]:
    """The scale of the values, and where its ticks are."""
    if not math.isnan(top):
        step = nice_step(top, 4)
        ticks = [step * index for index in range(int(top / step + 1e-9) + 1)]
        return _linear(0.0, top, _HEIGHT - _BOTTOM, _TOP), ticks
    top, bottom = max(values), min(values)
    usual = sorted(values)[len(values) // 2]
    if may_be_log and bottom > 0 and top > usual * _LOG_FROM:
        low, high = bottom / 1.1, top * 1.1
        span = math.log(high / low)

        def log(value: float) -> float:
            place = math.log(max(value, low) / low) / span
            return _HEIGHT - _BOTTOM - place * (_HEIGHT - _TOP - _BOTTOM)

        return log, log_steps(low, high)
    step = nice_step(top * 1.05, 4)
    ticks = [step * index for index in range(math.ceil(top * 1.05 / step) + 1)]
    return _linear(0.0, ticks[-1], _HEIGHT - _BOTTOM, _TOP), ticks


def _linear(low: float, high: float, begin: float, end: float) -> Scale:
    span = high - low if high > low else 1.0
    return lambda value: begin + (value - low) / span * (end - begin)


def _grid(y: Scale, values: Sequence[float], tick: Callable[[float], str]) -> str:
    return "".join(
        f'<path class="grid" d="M{_LEFT} {y(value):.1f}H{_WIDTH - _RIGHT}"/>'
        + _text(_LEFT - 6, y(value) + 4, tick(value), "end")
        for value in values
    )


def _path(points: Sequence[tuple[float, float] | None], line: Line) -> str:
    """A line with gaps where there are no points, and the area below it."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            stretches.append([])
        else:
            stretches[-1].append(point)
    parts = []
    floor = _HEIGHT - _BOTTOM
    for stretch in filter(None, stretches):
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in stretch)
        if line.is_filled:
            first, last = stretch[0][0], stretch[-1][0]
            parts.append(
                f'<path class="area {line.style}"'
                f' d="M{first:.1f} {floor}L{path}L{last:.1f} {floor}Z"/>'
            )
        # A point by itself has no length; round ends make it a dot.
        parts.append(
            f'<path class="line {line.style}" d="M{path}{"h0" if len(stretch) == 1 else ""}"/>'
        )
    return "".join(parts)


def _text(x: float, y: float, text: str, anchor: str, style: str = "tick") -> str:
    return (
        f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )


def _svg(title: str, unit: str, parts: Sequence[str], legend: Sequence[tuple[str, str]]) -> str:
    keys = "".join(
        f'<span class="key"><i class="{style}"></i>{escape(name)}</span>' for name, style in legend
    )
    return (
        f"<figure><figcaption>{escape(title)}"
        + (f", {escape(unit)}" if unit else "")
        + f'{keys}</figcaption><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' aria-label="{escape(title)}">{"".join(parts)}</svg></figure>'
    )
