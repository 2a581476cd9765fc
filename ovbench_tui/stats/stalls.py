"""When a run stood still: gaps between completions far longer than the usual ones."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.histogram import LogHistogram

_LEAST_GAP_S = 0.05
"""A shorter gap may be one turn of the operating system's scheduler."""

_TO_LATENCY = 3.0
_TO_GAP = 5.0
_LEAST_COUNT = 20
_KEPT = 64
_PERIODIC_FROM = 4
_PERIODIC_DEVIATION = 0.2


@dataclass(frozen=True, slots=True)
class Stalls:
    """How much of its time a run stood still.

    Attributes:
        share: of the time, as a fraction.
        count: of the stalls.
        mean_s: length of one; NaN where there is none.
        every_s: from the begin of one to the next where they come regularly; else NaN.
    """

    share: float = 0.0
    count: int = 0
    mean_s: float = math.nan
    every_s: float = math.nan


class StallWatch:
    """Finds stalls among completions as they come, in constant memory.

    A stall is a gap of 50 ms or more that is longer than three times the p90 of the latencies,
    within which something ought to have completed, and than five usual gaps, since a run may be
    held back to a few inferences a second. Where inferences of another kind run in between, as a
    prompt between two tokens, a gap must be longer than three times their p90, too.
    """

    def __init__(self) -> None:
        self._gaps = LogHistogram()
        self._latencies = LogHistogram()
        self._others = LogHistogram()
        self._seconds = 0.0
        self._stalled_s = 0.0
        self._count = 0
        self._begins_s: deque[float] = deque(maxlen=_KEPT)
        self._last_s = math.nan

    def interrupt(self) -> None:
        """The next gap is none."""
        self._last_s = math.nan

    def add(
        self,
        times_s: npt.NDArray[np.float64],
        latencies_ms: npt.NDArray[np.float64],
        *,
        is_whole: bool = True,
        others_ms: npt.NDArray[np.float64] | None = None,
    ) -> None:
        """Add completions in order of time, shapes [n].

        Args:
            others_ms: latencies of the inferences of another kind; None = there are none.
            is_whole: False where some came before them that nobody saw.
        """
        if others_ms is not None:
            self._others.add(others_ms)
        if not times_s.size:
            return
        before = self._last_s if is_whole else math.nan
        ends_s = np.concatenate(([before], times_s))
        gaps_s = np.diff(ends_s)
        self._last_s = float(times_s[-1])
        self._gaps.add(gaps_s[gaps_s > 0] * 1e3)
        self._latencies.add(latencies_ms)
        if self._gaps.count < _LEAST_COUNT:
            return
        usual_s = self._gaps.percentiles_ms((50.0,))[0] / 1e3
        latency_s = self._latencies.percentiles_ms((90.0,))[0] / 1e3
        if self._others.count:
            latency_s = max(latency_s, self._others.percentiles_ms((90.0,))[0] / 1e3)
        limit_s = max(_LEAST_GAP_S, _TO_LATENCY * latency_s, _TO_GAP * usual_s)
        known = np.isfinite(gaps_s)
        self._seconds += float(gaps_s[known].sum())
        places = np.flatnonzero(known & (gaps_s > limit_s))
        self._stalled_s += float((gaps_s[places] - usual_s).sum())
        self._count += places.size
        self._begins_s.extend(ends_s[places].tolist())

    @property
    def found(self) -> Stalls:
        """What there was so far."""
        if not self._count or not self._seconds > 0:
            return Stalls()
        share, mean_s = self._stalled_s / self._seconds, self._stalled_s / self._count
        return Stalls(share, self._count, mean_s, self._every_s())

    def _every_s(self) -> float:
        if len(self._begins_s) < _PERIODIC_FROM:
            return math.nan
        intervals_s = np.diff(np.array(self._begins_s))
        middle_s = float(np.median(intervals_s))
        deviation_s = float(np.abs(intervals_s - middle_s).mean())
        return middle_s if deviation_s <= _PERIODIC_DEVIATION * middle_s else math.nan
