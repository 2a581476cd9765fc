"""The session's history in columns of equal time: throughput, p50 and p99 of each."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_TRAILING_COLUMNS = 20
_TRAILING_COUNT = 8


@dataclass(frozen=True, slots=True)
class TimelineColumns:
    """Closed columns, oldest first; NaN where nothing ran. `first` is the first's number."""

    first: int
    fps: tuple[float, ...]
    p50_ms: tuple[float, ...]
    p99_ms: tuple[float, ...]


class Timeline:
    """Columns of `column_s` seconds since `start_s`, the last `capacity` of them kept.

    A column is closed once its time is over, and never changes afterwards. Its throughput is
    that of the trailing columns that hold at least 8 completions (20 columns at most, and
    never past a gap), so a model slower than the columns draws a line and not a comb.
    """

    def __init__(self, start_s: float, column_s: float = 0.5, capacity: int = 7200) -> None:
        self.column_s = column_s
        self._start_s = start_s
        self._capacity = capacity
        self._open = 0
        self._fps = np.full(capacity, np.nan)
        self._p50_ms = np.full(capacity, np.nan)
        self._p99_ms = np.full(capacity, np.nan)
        self._count = np.zeros(capacity)
        self._frames = np.zeros(capacity)
        self._active_s = np.zeros(capacity)
        self._latencies_ms: list[npt.NDArray[np.float64]] = []
        self._feeding_since_s: float | None = None
        self._trailing_from = 0

    @property
    def open_column(self) -> int:
        """Number of the column that time is in."""
        return self._open

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
            end = int(np.searchsorted(columns, self._open, side="right"))
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

    def last(self, columns: int) -> TimelineColumns:
        """The last `columns` closed columns, fewer when there are not so many."""
        columns = max(0, min(columns, self._open, self._capacity - 1))
        first = self._open - columns
        slots = np.arange(first, self._open) % self._capacity
        return TimelineColumns(
            first,
            tuple(self._fps[slots].tolist()),
            tuple(self._p50_ms[slots].tolist()),
            tuple(self._p99_ms[slots].tolist()),
        )

    def _begin_s(self, column: int) -> float:
        return self._start_s + column * self.column_s

    def _count_active(self, until_s: float) -> None:
        if self._feeding_since_s is not None:
            active_s = max(0.0, until_s - self._feeding_since_s)
            self._active_s[self._open % self._capacity] += active_s
            self._feeding_since_s = max(self._feeding_since_s, until_s)

    def _close_until(self, column: int) -> None:
        while self._open < column:
            self._close()

    def _close(self) -> None:
        self._count_active(self._begin_s(self._open + 1))
        slot = self._open % self._capacity
        # A column in which next to nothing could run says nothing about the model.
        if self._active_s[slot] < 0.2 * self.column_s:
            self._trailing_from = self._open + 1
        else:
            self._fps[slot] = self._trailing_fps()
            self._set_percentiles(slot)
        self._latencies_ms.clear()
        self._open += 1
        slot = self._open % self._capacity
        for values in (self._fps, self._p50_ms, self._p99_ms):
            values[slot] = math.nan
        for sums in (self._count, self._frames, self._active_s):
            sums[slot] = 0.0

    def _trailing_fps(self) -> float:
        slot = self._open % self._capacity
        count, frames, active_s = self._count[slot], self._frames[slot], self._active_s[slot]
        oldest = max(self._trailing_from, self._open - _TRAILING_COLUMNS + 1, 0)
        column = self._open - 1
        while count < _TRAILING_COUNT and column >= oldest:
            slot = column % self._capacity
            if self._count[slot] >= _TRAILING_COUNT:
                break  # a model this fast has stalled; its columns stand for themselves
            count += self._count[slot]
            frames += self._frames[slot]
            active_s += self._active_s[slot]
            column -= 1
        if not count and column < self._trailing_from:
            return math.nan  # the run's first completion is still to come
        return float(frames / active_s)

    def _set_percentiles(self, slot: int) -> None:
        if self._latencies_ms:
            latencies_ms = np.concatenate(self._latencies_ms)
            self._p50_ms[slot], self._p99_ms[slot] = np.percentile(
                latencies_ms, (50, 99), method="inverted_cdf"
            )
        elif self._open > self._trailing_from:
            before = (self._open - 1) % self._capacity
            self._p50_ms[slot] = self._p50_ms[before]
            self._p99_ms[slot] = self._p99_ms[before]
