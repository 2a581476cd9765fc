"""A log-binned histogram: percentiles of any number of latencies in constant memory."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_LOWEST_MS = 1e-4
_HIGHEST_MS = 1e8
_GROWTH = 1.009
"""Ratio of neighbouring bin edges: a bin's geometric middle is within sqrt(1.009) = 0.45 %
of every value in it, so a reported percentile is within 0.5 % of the exact one."""

_LOG_GROWTH = math.log(_GROWTH)
_LOG_LOWEST = math.log(_LOWEST_MS)
_BINS = math.ceil((math.log(_HIGHEST_MS) - _LOG_LOWEST) / _LOG_GROWTH) + 1


@dataclass(frozen=True, slots=True, eq=False)
class FrozenHistogram:
    """The bins of a finished histogram that are not empty: their numbers and counts, [n] each."""

    numbers: npt.NDArray[np.uint16]
    counts: npt.NDArray[np.int64]

    def bins(self) -> tuple[tuple[float, float, int], ...]:
        """Lower edge in ms, upper edge in ms and count of each."""
        lower_ms, upper_ms = self.edges_ms()
        return tuple(zip(lower_ms.tolist(), upper_ms.tolist(), self.counts.tolist(), strict=True))

    def edges_ms(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Lower and upper edge of each bin, in ms; [n] and [n]."""
        lower_ms = np.exp(_LOG_LOWEST + self.numbers * _LOG_GROWTH)
        return lower_ms, np.exp(_LOG_LOWEST + (self.numbers + 1.0) * _LOG_GROWTH)


class LogHistogram:
    """Counts of latencies in milliseconds, with exact count, sum, minimum and maximum.

    Values from 100 ns to 28 hours keep their 0.5 %; what lies outside is put into the first
    or last bin, and reported within the exact minimum and maximum.

    Attributes:
        count: how many values were added.
        min_ms, max_ms: NaN when empty.
    """

    def __init__(self) -> None:
        self._bins = np.zeros(_BINS, dtype=np.int64)
        # The first bin that holds something, and the one behind the last: beside a model that
        # fills the caches, memory that is not touched is what makes this cheap.
        self._low, self._high = _BINS, 0
        self.count = 0
        self._sum_ms = 0.0
        self.min_ms = math.nan
        self.max_ms = math.nan

    @property
    def mean_ms(self) -> float:
        """Arithmetic mean, exact; NaN when empty."""
        return self._sum_ms / self.count if self.count else math.nan

    def add(self, latencies_ms: npt.NDArray[np.float64]) -> None:
        """Add values; shape [n]. Values that are not finite and above 0 go to the first bin."""
        if not latencies_ms.size:
            return
        clean_ms = latencies_ms
        lowest_ms, highest_ms = float(clean_ms.min()), float(clean_ms.max())
        if not (math.isfinite(lowest_ms) and math.isfinite(highest_ms)):
            clean_ms = np.where(np.isfinite(latencies_ms), latencies_ms, 0.0)
            lowest_ms, highest_ms = float(clean_ms.min()), float(clean_ms.max())
        inside_ms = clean_ms
        if lowest_ms < _LOWEST_MS or highest_ms > _HIGHEST_MS:
            inside_ms = np.clip(clean_ms, _LOWEST_MS, _HIGHEST_MS)
        index = ((np.log(inside_ms) - _LOG_LOWEST) / _LOG_GROWTH).astype(np.int64)
        low, high = int(index.min()), int(index.max()) + 1
        self._bins[low:high] += np.bincount(index - low, minlength=high - low)
        self._low, self._high = min(low, self._low), max(high, self._high)
        self.count += latencies_ms.size
        self._sum_ms += float(clean_ms.sum())
        # The new values first: the old ones are NaN at the beginning.
        self.min_ms = min(lowest_ms, self.min_ms)
        self.max_ms = max(highest_ms, self.max_ms)

    def count_over(self, limit_ms: float) -> int:
        """How many values are longer, but for those that share a bin with it."""
        return int(self._bins[_bin_of(limit_ms) + 1 : self._high].sum())

    def frozen(self) -> FrozenHistogram:
        """What it holds now, in the least memory: a session may have many runs."""
        filled = np.flatnonzero(self._bins)
        return FrozenHistogram(filled.astype(np.uint16), self._bins[filled])

    def percentiles_ms(self, percents: tuple[float, ...]) -> tuple[float, ...]:
        """Nearest-rank percentiles, ``sorted[ceil(n * p / 100) - 1]`` as benchmark_app's.

        Args:
            percents: each above 0 and at most 100.

        Returns:
            One value in ms for each, within 0.5 % of the exact one; NaN when empty.
        """
        count = self.count
        if not count:
            return tuple(math.nan for _ in percents)
        # Rounded first: 1000 * 99.9 / 100 is 999.0000000000001 in floating point.
        ranks = [max(1, math.ceil(round(count * percent / 100, 6))) for percent in percents]
        low = self._low
        bins = low + self._bins[low : self._high].cumsum().searchsorted(ranks)
        middles_ms = np.exp(_LOG_LOWEST + (bins + 0.5) * _LOG_GROWTH).tolist()
        return tuple([min(max(middle, self.min_ms), self.max_ms) for middle in middles_ms])


def _bin_of(value_ms: float) -> int:
    within_ms = min(max(value_ms, _LOWEST_MS), _HIGHEST_MS)
    return int((math.log(within_ms) - _LOG_LOWEST) / _LOG_GROWTH)
