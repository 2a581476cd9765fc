"""A run over time: completions folded into equal windows of its measured time."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.memory_trend import MemoryTrend
from ovbench_tui.stats.run_stats import RunSeries
from ovbench_tui.stats.timeseries.run_machine import (
    NO_MACHINE,
    FrozenMachine,
    MachineMoment,
    RunMachine,
)
from ovbench_tui.stats.timeseries.timeline import rank

STEP_S = 0.25
"""Seconds of a window, until there are too many."""

CAPACITY = 2400
"""Windows that are kept at most; an even number, for they are merged in pairs."""

_COUNT, _FRAMES, _SEEN, _SUM_MS, _P50, _P99 = range(6)
"""Columns of the sums: what completed, its frames, how many latencies of it were seen, their
sum, and the windows' p50 and p99, each times the latencies seen."""


_MOST_WAITING = 16
"""Pieces that are folded at once: those of four seconds, at four frames a second."""

_Piece: TypeAlias = tuple[
    float, npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64] | int, int, float
]
"""Since when it is measured, and what `SeriesRecorder.add` was given."""


@dataclass(frozen=True, slots=True, eq=False)
class FrozenSeries:
    """A series in the least memory: a session may have many runs. `sums` is [windows, 6]."""

    step_s: float
    sums: npt.NDArray[np.float64]
    machine: FrozenMachine = NO_MACHINE

    def series(self) -> RunSeries:
        """The same as plain numbers."""
        sums = self.sums
        seen = np.where(sums[:, _SEEN] > 0, sums[:, _SEEN], math.nan)
        return RunSeries(
            step_s=self.step_s if len(sums) else 0.0,
            counts=tuple(sums[:, _COUNT].astype(np.int64).tolist()),
            frames=tuple(np.rint(sums[:, _FRAMES]).astype(np.int64).tolist()),
            mean_ms=tuple((sums[:, _SUM_MS] / seen).tolist()),
            p50_ms=tuple((sums[:, _P50] / seen).tolist()),
            p99_ms=tuple((sums[:, _P99] / seen).tolist()),
            machine=self.machine.series(),
        )


class _Windows:
    """The closed windows, and the one that is being filled with parts of `STEP_S`."""

    def __init__(self) -> None:
        self._parts = 1
        self._sums = np.zeros((CAPACITY, 6))
        self._size = 0
        self._filling = np.zeros(6)
        self._filled = 0

    def add(self, part: npt.NDArray[np.float64]) -> None:
        """Take the sums of one more part, [6]."""
        self._filling += part
        self._filled += 1
        if self._filled < self._parts:
            return
        self._sums[self._size] = self._filling
        self._filling[:] = 0.0
        self._filled = 0
        self._size += 1
        if self._size == CAPACITY:
            self._size //= 2
            self._sums[: self._size] = self._sums.reshape(self._size, 2, 6).sum(axis=1)
            self._parts *= 2

    def frozen(self) -> FrozenSeries:
        """The closed ones."""
        return FrozenSeries(STEP_S * self._parts, self._sums[: self._size].copy())


class SeriesRecorder:
    """Makes a `RunSeries` of completions, in constant memory and whole arrays at a time.

    Only measured time passes: a window that a pause or a disturbed stretch cuts off is filled
    up with what is measured afterwards. Windows are `STEP_S` long; once there are `CAPACITY` of
    them, neighbours are merged in pairs, and from then on every window is twice as long.

    Counts, frames and means of a merged window are exact. Its p50 and p99 are the means of those
    of its `STEP_S` long parts, weighted by their counts, since the latencies themselves are gone
    by then. Percentiles are nearest-rank, as everywhere.

    What completes waits until somebody looks, or for some seconds: to fold it in every frame costs
    more, beside a model that fills the caches.

    What completes without being seen (see `RunStats.dropped`) is spread evenly over the time in
    which it must have completed.
    """

    def __init__(self) -> None:
        self._closed_s = 0.0
        self._start_s: float | None = None
        self._last_s = 0.0
        self._forget()

    def begin(self, time_s: float) -> None:
        """From `time_s` on it is measured."""
        self._start_s = self._last_s = time_s

    def end(self, time_s: float) -> None:
        """From `time_s` on it is not measured, until `begin`."""
        if self._start_s is None:
            return
        self._take_in()
        self._closed_s += max(0.0, time_s - self._start_s)
        self._start_s = None
        self._close_until(self._part_at(self._closed_s))

    def reset(self, now_s: float) -> None:
        """Begin again with the first window."""
        self._forget()
        self._closed_s = 0.0
        if self._start_s is not None:
            self._start_s = self._last_s = now_s

    def add(
        self,
        times_s: npt.NDArray[np.float64],
        latencies_ms: npt.NDArray[np.float64],
        frames: npt.NDArray[np.int64] | int,
        dropped: int = 0,
        frames_of_dropped: float = 1.0,
    ) -> None:
        """Add measured completions in order of time; shapes [n] and [n].

        Args:
            frames: of each completion, [n], or of all alike.
            dropped: completions before these that nobody saw.
            frames_of_dropped: of each of them, in the mean.
        """
        if self._start_s is None:
            return
        self._waiting.append(
            (self._start_s, times_s, latencies_ms, frames, dropped, frames_of_dropped)
        )
        if len(self._waiting) >= _MOST_WAITING:
            self._take_in()

    def note_machine(self, time_s: float, moment: MachineMoment) -> None:
        """Keep what the machine did until `time_s`, if any of that time was measured."""
        self._machine.add(self._measured_s(time_s), moment)

    def memory_trend(self) -> MemoryTrend | None:
        """How the engine's memory changed over what was measured; None = nothing can be said."""
        return self._machine.memory_trend()

    def frozen(self, now_s: float) -> FrozenSeries:
        """The windows that are over at `now_s`."""
        self._take_in()
        over = self._part_at(self._measured_s(now_s)) - self._open
        windows = self._windows
        if over > 0:
            # What completed before now may still come, so nothing is closed for good.
            windows = copy.deepcopy(windows)
            windows.add(self._part_sums())
            for _ in range(over - 1):
                windows.add(np.zeros(6))
        series = windows.frozen()
        return replace(series, machine=self._machine.frozen(series.step_s, len(series.sums)))

    def _forget(self) -> None:
        self._windows = _Windows()
        self._machine = RunMachine()
        self._part = np.zeros(6)
        self._latencies_ms: list[npt.NDArray[np.float64]] = []
        self._waiting: list[_Piece] = []
        self._open = 0
        """Number of the open part."""

    def _take_in(self) -> None:
        """Fold what waits."""
        waiting, self._waiting = self._waiting, []
        for piece in waiting:
            self._fold(*piece)

    def _fold(
        self,
        start_s: float,
        times_s: npt.NDArray[np.float64],
        latencies_ms: npt.NDArray[np.float64],
        frames: npt.NDArray[np.int64] | int,
        dropped: int,
        frames_of_dropped: float,
    ) -> None:
        if dropped:
            until_s = float(times_s[0]) if times_s.size else self._last_s
            self._spread(dropped, frames_of_dropped, until_s)
        if not times_s.size:
            return
        offset_s = self._closed_s - start_s
        # What comes late for a closed part belongs to the open one.
        parts = np.floor((times_s + offset_s) / STEP_S)
        first = 0
        while first < parts.size:
            self._close_until(int(parts[first]))
            end = int(parts.searchsorted(self._open, side="right"))
            here = slice(first, max(end, first + 1))
            size = here.stop - first
            self._part[_COUNT] += size
            self._part[_FRAMES] += (
                size * frames if isinstance(frames, int) else float(frames[here].sum())
            )
            self._latencies_ms.append(latencies_ms[here])
            first = here.stop
        self._last_s = float(times_s[-1])

    def _measured_s(self, now_s: float) -> float:
        if self._start_s is None:
            return self._closed_s
        return self._closed_s + max(0.0, now_s - self._start_s)

    @staticmethod
    def _part_at(measured_s: float) -> int:
        return math.floor(measured_s / STEP_S)

    def _spread(self, count: int, frames: float, until_s: float) -> None:
        begin_s = self._measured_s(self._last_s)
        end_s = max(begin_s, self._measured_s(until_s))
        first, last = max(self._open, self._part_at(begin_s)), self._part_at(end_s)
        if last <= first:
            shares = np.array([count])
        else:
            edges_s = np.clip(np.arange(first, last + 2) * STEP_S, begin_s, end_s)
            filled = np.rint(count * (edges_s - begin_s) / (end_s - begin_s))
            filled[0] = 0.0
            shares = np.diff(filled)
        for part, share in enumerate(shares, start=first):
            self._close_until(part)
            self._part[_COUNT] += share
            self._part[_FRAMES] += share * frames

    def _close_until(self, part: int) -> None:
        while self._open < part:
            self._close_part()

    def _close_part(self) -> None:
        self._windows.add(self._part_sums())
        self._part[:] = 0.0
        self._latencies_ms.clear()
        self._open += 1

    def _part_sums(self) -> npt.NDArray[np.float64]:
        """The open part as if it were over."""
        sums: npt.NDArray[np.float64] = self._part.copy()
        if self._latencies_ms:
            latencies_ms = np.concatenate(self._latencies_ms)
            latencies_ms[~np.isfinite(latencies_ms)] = 0.0
            seen, sum_ms = latencies_ms.size, latencies_ms.sum()
            latencies_ms.sort()
            p50_ms, p99_ms = latencies_ms[rank(seen, 50)], latencies_ms[rank(seen, 99)]
            sums[_SEEN:] = (seen, sum_ms, seen * p50_ms, seen * p99_ms)
        return sums
