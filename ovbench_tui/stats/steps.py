"""Where a series of windows changed its level at once."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_LEAST_WINDOWS = 3
"""On either side: fewer are strays."""

_NEAR = 3
_AT_ONCE = 0.6
"""Of the step the windows next to it must show."""

_LEAST_CHANGE = 0.10
_TO_SCATTER = 5.0
"""The step over the mean deviation from the two levels. A steady slope makes it 4, however long."""


@dataclass(frozen=True, slots=True)
class Step:
    """A change of level.

    Attributes:
        place: number of the first window of the new level.
        before, after: median of the windows on either side.
        weight: how far the step moves the mean off the larger side's level, as a fraction.
    """

    place: int
    before: float
    after: float
    weight: float

    @property
    def change(self) -> float:
        """From the one level to the other, as a fraction; negative = a fall."""
        return self.after / self.before - 1


def find_step(values: npt.NDArray[np.float64]) -> Step | None:
    """Find the one step that explains most, where it stands out from what varies besides.

    The place is where two levels leave the least absolute deviation, so that single strays move
    it little.

    Args:
        values: above 0, in order of time, [n].
    """
    count = values.size
    series: list[float] = values.tolist()
    lowest = min(series, default=math.nan)
    if not max(series, default=math.nan) - lowest >= _LEAST_CHANGE * lowest:
        return None  # as of most runs: no two levels can be so far apart
    ahead = _levels(series)
    behind = _levels(series[::-1])
    best_cost, found = math.inf, None
    for place in range(_LEAST_WINDOWS, count - _LEAST_WINDOWS + 1):
        (before, scatter_before), (after, scatter_after) = ahead[place], behind[count - place]
        cost = scatter_before + scatter_after
        if cost < best_cost:
            best_cost, found = cost, (place, before, after)
    if found is None:
        return None
    place, before, after = found
    size = abs(after - before)
    if not before > 0 or size < _LEAST_CHANGE * before or size * count < _TO_SCATTER * best_cost:
        return None
    near = float(
        np.median(values[place : place + _NEAR]) - np.median(values[place - _NEAR : place])
    )
    if abs(near) < _AT_ONCE * size:
        return None  # it took its time
    return Step(place, before, after, size / before * min(place, count - place) / count)


def _levels(values: list[float]) -> list[tuple[float, float]]:
    """Median and sum of absolute deviations from it, of the first 0, 1, 2, ... values.

    This is looked for again with every window, on the thread that draws: a list kept in order
    costs a tenth of numpy's medians.
    """
    found = [(math.nan, 0.0)]
    ordered: list[float] = []
    for count, value in enumerate(values, 1):
        bisect.insort(ordered, value)
        half = count // 2
        lower, upper = ordered[half - (count % 2 == 0)], ordered[half]
        scatter = sum(ordered[count - half :]) - sum(ordered[:half])
        found.append(((lower + upper) / 2, scatter))
    return found
