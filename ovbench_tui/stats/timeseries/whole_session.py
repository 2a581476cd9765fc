"""The whole session in constant memory: columns that are merged in pairs as it grows."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.timeseries.columns import Columns, merged, merged_bins
from ovbench_tui.stats.timeseries.latency_bins import BINS
from ovbench_tui.stats.timeseries.timeline import Timeline

_FIGURES = ("fps", "low_fps", "high_fps", "p50_ms", "p99_ms", "count")


class WholeSession:
    """Columns from the session's start on, fed from the closed columns of a `Timeline`.

    Whenever `capacity` of them are full, neighbours are merged in pairs (see `merged`: no peak
    is lost) and each is twice as long from then on.

    Args:
        batch: columns of the timeline that are taken in at once, at least.

    Attributes:
        parts: columns of the timeline in each; a power of two.
    """

    def __init__(self, source: Timeline, capacity: int = 2048, batch: int = 128) -> None:
        self._source = source
        self._batch = batch
        self._capacity = capacity
        self._size = 0
        self.parts = 1
        self._figures = {name: np.full(capacity, math.nan) for name in _FIGURES}
        self._bins = np.zeros((capacity, BINS), dtype=np.uint32)

    @property
    def column_s(self) -> float:
        """Seconds of a column."""
        return self._source.column_s * self.parts

    def take_in(self) -> None:
        """Take the timeline's newly closed columns; to be called before it forgets them."""
        if self._source.open_column - self._size * self.parts < self._batch:
            return
        while (ready := self._source.open_column // self.parts - self._size) > 0:
            count = min(ready, self._capacity - self._size)
            first, end = self._size * self.parts, (self._size + count) * self.parts
            self._put(self._size, merged(self._source.between(first, end), self.parts))
            self._bins[self._size : self._size + count] = merged_bins(
                self._source.bins_between(first, end), first, self.parts
            )
            self._size += count
            if self._size == self._capacity:
                self._merge_pairs()

    @property
    def size(self) -> int:
        """Columns, with those that are still to be taken in, and the one in progress."""
        return max(self._size, -(-self._source.open_column // self.parts))

    def between(self, first: int, end: int) -> Columns:
        """Columns from number `first` up to `end`; the last may be in progress."""
        first = max(0, first)
        known = self._of(first, min(end, self._size))
        if end <= self._size:
            return known
        begin = max(first, self._size)
        newest = merged(self._source.between(begin * self.parts, end * self.parts), self.parts)
        if begin == first:
            return newest
        return Columns(
            first,
            *(np.concatenate((getattr(known, name), getattr(newest, name))) for name in _FIGURES),
        )

    def bins_between(self, first: int, end: int) -> npt.NDArray[np.int64]:
        """Counts by latency, as in `between`; shape [n, `BINS`]."""
        first = max(0, first)
        known = self._bins[first : max(first, min(end, self._size))].astype(np.int64)
        if end <= self._size:
            return known
        begin = max(first, self._size)
        newest = self._source.bins_between(begin * self.parts, end * self.parts)
        return np.concatenate((known, merged_bins(newest, begin * self.parts, self.parts)))

    def _of(self, first: int, end: int) -> Columns:
        here = slice(first, max(first, end))
        return Columns(first, *(self._figures[name][here] for name in _FIGURES))

    def _put(self, place: int, columns: Columns) -> None:
        for name in _FIGURES:
            self._figures[name][place : place + columns.size] = getattr(columns, name)

    def _merge_pairs(self) -> None:
        columns = merged(self._of(0, self._size), 2)
        bins = merged_bins(self._bins[: self._size], 0, 2)
        self._size = columns.size
        self.parts *= 2
        self._put(0, columns)
        self._bins[: self._size] = bins
