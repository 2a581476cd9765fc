"""The machine in the last minutes, as rows of blocks or as charts several rows high."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovbench_tui.console.numbers import DASH, three_digits
from ovbench_tui.ui.tabs.system.system_facts import format_bytes
from ovbench_tui.ui.widgets.spark_rows import spark, spark_rows

if TYPE_CHECKING:
    from ovbench_tui.system.system_sample import MachineSample
    from ovbench_tui.ui.widgets.table.table_parts import Line

_LABEL, _VALUE = 14, 12
_HEADROOM = 1.15
_LEAST_ROWS = 2
"""Of a chart: its title, and one row."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure second by second, oldest first; NaN where it is not known.

    Attributes:
        top: of its scale.
        write: makes the text of a value.
    """

    label: str
    style: str
    values: tuple[float, ...]
    top: float
    write: Callable[[float], str]

    @property
    def now(self) -> str:
        """The newest value, or a dash."""
        newest = self.values[-1]
        return DASH if math.isnan(newest) else self.write(newest)


def trends_of(past: Sequence[MachineSample]) -> list[Trend]:
    """Those of which something is known."""

    def percent(share: float) -> str:
        return f"{share * 100:.1f} %" if share < 1 else "100 %"

    def watts(value: float) -> str:
        return f"{three_digits(value)} W"

    shown: tuple[tuple[str, str, list[float | None], float, Callable[[float], str]], ...] = (
        ("CPU, ours", "good", [one.own_share for one in past], 1.0, percent),
        ("CPU, others", "warn", [one.others_share for one in past], 1.0, percent),
        ("our memory", "bar", [one.own_rss_bytes or None for one in past], 0.0, format_bytes),
        ("package power", "accent", [one.package_w for one in past], 0.0, watts),
    )
    trends = []
    for label, style, values, top, write in shown:
        known = [value for value in values if value is not None]
        if known:
            numbers = tuple(math.nan if value is None else value for value in values)
            trends.append(Trend(label, style, numbers, top or _HEADROOM * max(known), write))
    return trends


def busy_of(past: Sequence[MachineSample]) -> dict[int, list[float]]:
    """How busy each CPU was, by its number."""
    looks = [dict(one.busy_cores) for one in past]
    numbers = {number for look in looks for number in look}
    return {number: [look.get(number, math.nan) for look in looks] for number in numbers}


def trend_line(trend: Trend, width: int) -> Line:
    """The trend in one row."""
    room = width - _LABEL - _VALUE - 3
    text = spark(list(trend.values[-room:]), trend.top)
    return (
        (f" {trend.label:<{_LABEL}}", "label"),
        (f"{trend.now:>{_VALUE}} ", "value"),
        (f"{text:>{room}}", trend.style),
    )


def trend_charts(trends: Sequence[Trend], width: int, height: int) -> list[Line]:
    """The trends one below the other, in `height` rows of `width` cells."""
    shown = trends[: height // _LEAST_ROWS]
    lines: list[Line] = []
    for number, trend in enumerate(shown):
        rows = (height - len(lines)) // (len(shown) - number)
        lines += _chart(trend, width, rows)
    return [*lines, *([()] * (height - len(lines)))]


def _chart(trend: Trend, width: int, rows: int) -> list[Line]:
    """A title with the newest value and the top of the scale, and the values below it."""
    room = width - 2
    values = list(trend.values[-room:])
    top = f"last {len(values)} s, 0 to {trend.write(trend.top)} ┐"
    title: Line = (
        (f" {trend.label:<{_LABEL}}", "label"),
        (f"{trend.now:>{_VALUE}}", "value"),
        (f"{top:>{max(0, room - _LABEL - _VALUE)}}", "label"),
    )
    drawn = spark_rows(values, trend.top, rows - 1)
    return [title, *(((f" {text:>{room}}", trend.style),) for text in drawn)]
