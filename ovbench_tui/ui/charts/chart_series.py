"""One line of a chart, and how high a chart of it must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import History

_FEWEST_TO_CAP = 10
_FAR = 4.0


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart: its name in the legend and where its values are.

    Attributes:
        low_of, high_of: ends of the stroke in each column; as `values_of` where there are none.
    """

    name: str
    values_of: Callable[[History], tuple[float, ...]]
    low_of: Callable[[History], tuple[float, ...]] = lambda _: ()
    high_of: Callable[[History], tuple[float, ...]] = lambda _: ()

    def ends_of(self, history: History) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The lowest and the highest value of every column."""
        values = self.values_of(history)
        return self.low_of(history) or values, self.high_of(history) or values


def measured(values: tuple[float, ...], history: History, start: int) -> list[float]:
    """The values from place `start` on that are known, without those of warm-ups.

    Where nothing else is known yet, those of the warm-up.
    """
    visible = [v for v in values[start:] if v == v]
    first = history.first_column
    unmeasured = [(begin - first, last - first) for begin, last in history.warm_ups]
    if not any(last >= start for _, last in unmeasured):
        return visible
    known = [
        value
        for place, value in enumerate(values[start:], start)
        if value == value and not any(begin <= place <= last for begin, last in unmeasured)
    ]
    return known or visible


def usual_maximum(values: list[float]) -> float:
    """Return the largest value, or twice the 90th percentile where that is far exceeded.

    Args:
        values: without NaN.
    """
    if len(values) < _FEWEST_TO_CAP:
        return max(values, default=0.0)
    ordered = sorted(values)
    usual = ordered[len(ordered) * 9 // 10]
    return ordered[-1] if ordered[-1] <= _FAR * usual else 2 * usual
