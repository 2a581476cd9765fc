"""The session's history in columns of equal time: throughput and latencies of each."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.timeseries.columns import Columns
from ovbench_tui.stats.timeseries.latency_bins import BINS, bin_counts

_TRAILING_COUNT = 8
_NO_LONGER_FEW = 4 * _TRAILING_COUNT
_LEAST_ACTIVE_S = 0.5
"""From a run's begin on, so much time says something where there are fewer completions."""
_MOST_IN_BIN = 0xFFFF


class Timeline:
    """Columns of `column_s` seconds since `start_s`, the last `capacity` of them kept.

    A column is closed once its time is over, and never changes afterwards. Its throughput is
    that of the trailing columns that hold at least 8 completions (`trailing` columns at most,
    and never past a gap), so a model slower than the columns draws a line and not a comb. At the
    begin of a run there is no throughput until there are as many or half a second is over.
    """

    def __init__(
        self, start_s: float, column_s: float = 0.5, capacity: int = 7200, trailing: int = 20
    ) -> None:
        self.column_s = column_s
        self._start_s = start_s
        self._capacity = capacity
        self._trailing = trailing
        self._open = 0
        self._fps = np.full(capacity, np.nan)
        self._p50_ms = np.full(capacity, np.nan)
        self._p99_ms = np.full(capacity, np.nan)
        self._count = np.zeros(capacity)
        self._frames = np.zeros(capacity)
        self._active_s = np.zeros(capacity)
        # Left untouched until it is used: the memory is taken as the session goes on.
        self._bins = np.zeros((capacity, BINS), dtype=np.uint16)
        self._latencies_ms: list[npt.NDArray[np.float64]] = []
        self._feeding_since_s: float | None = None
        self._trailing_from = 0

    @property
    def open_column(self) -> int:
        """Number of the column that time is in."""
        return self._open

    @property
    def oldest_column(self) -> int:
        """Number of the oldest column that is still known."""
        return max(0, self._open - self._capacity + 1)

    def column_of(self, time_s: float) -> int:
        """The number of the column `time_s` falls in."""
        return math.floor((time_s - self._start_s) / self.column_s)

    def add(
        self,
        times_s: npt.NDArray[np.float64],
        latencies_ms: npt.NDArray[np.float64],
        batch: float,
    ) -> None:
        """Add completions in order of time; shapes [n] and [n]."""
        if not times_s.size:
            return
        columns = ((times_s - self._start_s) / self.column_s).astype(np.int64)
        first = 0
        while first < columns.size:
            self._close_until(int(columns[first]))
            # What comes late for a closed column belongs to the open one.
            end = int(columns.searchsorted(self._open, side="right"))
            slot = self._open % self._capacity
            self._count[slot] += end - first
            self._frames[slot] += (end - first) * batch
            self._latencies_ms.append(latencies_ms[first:end])
            first = end

    def add_unseen(self, count: int, batch: float) -> None:
        """Add completions whose time and latency were overwritten, to the open column."""
        slot = self._open % self._capacity
        self._count[slot] += count
        self._frames[slot] += count * batch

    def set_feeding(self, feeding: bool, time_s: float) -> None:
        """Tell that requests are being started from `time_s` on, or no longer."""
        if feeding == (self._feeding_since_s is not None):
            return
        self.advance(time_s)
        if feeding:
            self._feeding_since_s = max(time_s, self._begin_s(self._open))
            self._trailing_from = self._open
        else:
            self._count_active(time_s)
            self._feeding_since_s = None

    def begin_run(self, time_s: float) -> None:
        """From here on, columns are not smoothed over what came before."""
        self.advance(time_s)
        self._trailing_from = self._open

    def advance(self, now_s: float) -> None:
        """Close the columns that are over at `now_s`."""
        self._close_until(self.column_of(now_s))

    def last(self, columns: int) -> Columns:
        """The last `columns` closed columns, fewer when there are not so many."""
        return self.between(max(self.oldest_column, self._open - max(0, columns)), self._open)

    def between(self, first: int, end: int) -> Columns:
        """Closed columns from number `first` up to `end`; forgotten ones as if nothing ran."""
        end = min(end, self._open)
        first = max(0, min(first, end))
        known = max(first, min(end, self.oldest_column))
        slots = np.arange(known, end) % self._capacity
        lost = (known - first, 0)

        def part(values: npt.NDArray[np.float64], missing: float) -> npt.NDArray[np.float64]:
            found = values[slots]
            return np.pad(found, lost, constant_values=missing) if known > first else found

        fps = part(self._fps, math.nan)
        return Columns(
            first=first,
            fps=fps,
            low_fps=fps,
            high_fps=fps,
            p50_ms=part(self._p50_ms, math.nan),
            p99_ms=part(self._p99_ms, math.nan),
            count=part(self._count, 0.0),
        )

    def bins_between(self, first: int, end: int) -> npt.NDArray[np.uint16]:
        """Counts by latency of closed columns, as in `between`; shape [n, `BINS`]."""
        end = min(end, self._open)
        first = max(0, min(first, end))
        known = max(first, min(end, self.oldest_column))
        found: npt.NDArray[np.uint16] = self._bins[np.arange(known, end) % self._capacity]
        if known > first:
            found = np.pad(found, ((known - first, 0), (0, 0)))
        return found

    def _begin_s(self, column: int) -> float:
        return self._start_s + column * self.column_s

    def _count_active(self, until_s: float) -> None:
        if self._feeding_since_s is not None:
            active_s = max(0.0, until_s - self._feeding_since_s)
            self._active_s[self._open % self._capacity] += active_s
            self._feeding_since_s = max(self._feeding_since_s, until_s)

    def _close_until(self, column: int) -> None:
        if column - self._open > self._capacity:
            self._close()
            self._skip_to(column - self._capacity)
        while self._open < column:
            self._close()

    def _skip_to(self, column: int) -> None:
        """Nobody looked for longer than is kept: what would be forgotten is not written down."""
        for values in (self._fps, self._p50_ms, self._p99_ms):
            values.fill(math.nan)
        for sums in (self._count, self._frames, self._active_s, self._bins):
            sums.fill(0)
        self._open = self._trailing_from = column
        if self._feeding_since_s is not None:
            self._feeding_since_s = max(self._feeding_since_s, self._begin_s(column))

    def _close(self) -> None:
        self._count_active(self._begin_s(self._open + 1))
        slot = self._open % self._capacity
        # A column in which next to nothing could run says nothing about the model.
        if self._active_s[slot] < 0.2 * self.column_s:
            self._trailing_from = self._open + 1
        else:
            self._fps[slot] = self._trailing_fps()
            self._set_latencies(slot)
        self._latencies_ms.clear()
        self._open += 1
        slot = self._open % self._capacity
        for values in (self._fps, self._p50_ms, self._p99_ms):
            values[slot] = math.nan
        for sums in (self._count, self._frames, self._active_s):
            sums[slot] = 0.0
        if self._open >= self._capacity:
            self._bins[slot] = 0

    def _trailing_fps(self) -> float:
        slot = self._open % self._capacity
        count, frames, active_s = self._count[slot], self._frames[slot], self._active_s[slot]
        oldest = max(self._trailing_from, self._open - self._trailing + 1, 0)
        column = self._open - 1
        while count < _TRAILING_COUNT and column >= oldest:
            slot = column % self._capacity
            if self._count[slot] >= _TRAILING_COUNT:
                break  # a model this fast has stalled; its columns stand for themselves
            count += self._count[slot]
            frames += self._frames[slot]
            active_s += self._active_s[slot]
            column -= 1
        if column >= self._trailing_from:
            return float(frames / active_s)
        if not count or (count < _TRAILING_COUNT and active_s < _LEAST_ACTIVE_S):
            return math.nan  # too soon: one completion after 10 ms is not 100 FPS
        is_cut = active_s < 0.999 * (self._open - column) * self.column_s
        if is_cut and count < _NO_LONGER_FEW:
            # A time that begins with a start and is cut off anywhere, as the first column is,
            # holds half an interval less than its count.
            frames *= (count - 0.5) / count
        return float(frames / active_s)

    def _set_latencies(self, slot: int) -> None:
        if self._latencies_ms:
            latencies_ms = np.concatenate(self._latencies_ms)
            latencies_ms.sort()
            self._p50_ms[slot] = latencies_ms[rank(latencies_ms.size, 50)]
            self._p99_ms[slot] = latencies_ms[rank(latencies_ms.size, 99)]
            counts = bin_counts(latencies_ms)
            if latencies_ms.size > _MOST_IN_BIN:
                counts = np.minimum(counts, _MOST_IN_BIN)
            self._bins[slot] = counts
        elif self._open > self._trailing_from:
            before = (self._open - 1) % self._capacity
            self._p50_ms[slot] = self._p50_ms[before]
            self._p99_ms[slot] = self._p99_ms[before]


def rank(count: int, percent: int) -> int:
    """Place of the nearest-rank percentile, above 0 and at most 100, in `count` ordered values.

    Ordering them and looking there is a fraction of the cost of numpy's percentile.
    """
    return (count * percent - 1) // 100
