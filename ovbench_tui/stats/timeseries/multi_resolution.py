"""The session's past at every zoom: fine and short, an hour, and the whole of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.timeseries.columns import Array, Columns, merged
from ovbench_tui.stats.timeseries.heat import BinsBetween, HeatMap
from ovbench_tui.stats.timeseries.timeline import Timeline
from ovbench_tui.stats.timeseries.views import CURRENT_COLUMN_S, HeatColumns, TimeWindow
from ovbench_tui.stats.timeseries.whole_session import WholeSession

_FINE_COLUMN_S = 1 / 16
_FINE_CAPACITY = 3840
_FINE_TRAILING = 64
_FINE_BELOW_S = 0.75 * CURRENT_COLUMN_S
_MOST_WAITING = 64
"""Fine columns that are made at once: those of four seconds."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What a window is taken from: `group` columns of `columns` make one of it."""

    columns: Timeline | WholeSession
    column_s: float
    group: int
    first: int
    end: int

    @property
    def key(self) -> tuple[int, float, int]:
        """Names what a column number stands for."""
        return id(self.columns), self.column_s, self.group


@dataclass(frozen=True, slots=True, eq=False)
class WindowColumns:
    """What a window shows.

    Attributes:
        column_s: seconds of a column.
        is_open: the newest column still grows.
    """

    column_s: float
    columns: Columns
    is_open: bool


class MultiResolutionSeries:
    """Everything that completed, in constant memory.

    Columns of 1/16 s are kept for four minutes, those of half a second for an hour, and the
    whole session in one or two thousand columns as long as it takes. A window is made from the
    finest of them that reaches back far enough, `group` neighbours merged to one (see `merged`
    for what becomes of peaks), and only when it has a column that it had not before.

    What completes waits for its fine columns until they are looked at, or for a few seconds:
    to make many at once costs less than one after the other, between other work.
    """

    def __init__(self, start_s: float) -> None:
        self._start_s = start_s
        self._line = Timeline(start_s, CURRENT_COLUMN_S)
        self._fine = Timeline(start_s, _FINE_COLUMN_S, _FINE_CAPACITY, _FINE_TRAILING)
        self._waiting: list[tuple[Array, Array, float]] = []
        self._now_s = start_s
        self._whole = WholeSession(self._line)
        self._heat = HeatMap()
        self._last: tuple[object, WindowColumns] | None = None
        self._last_heat: tuple[object, HeatColumns] | None = None

    @property
    def column_s(self) -> float:
        """Seconds of a column of the live history."""
        return self._line.column_s

    @property
    def open_column(self) -> int:
        """Number of the column of the live history that time is in."""
        return self._line.open_column

    def since_start_s(self, time_s: float) -> float:
        """Seconds of the session at a time of the clock."""
        return time_s - self._start_s

    def add(
        self,
        times_s: npt.NDArray[np.float64],
        latencies_ms: npt.NDArray[np.float64],
        batch: float,
    ) -> None:
        """Add completions in order of time; shapes [n] and [n]."""
        self._line.add(times_s, latencies_ms, batch)
        self._waiting.append((times_s, latencies_ms, batch))

    def add_unseen(self, count: int, batch: float) -> None:
        """Add completions whose time and latency were overwritten."""
        self._line.add_unseen(count, batch)
        self._up_to_date().add_unseen(count, batch)

    def set_feeding(self, feeding: bool, time_s: float) -> None:
        """Tell that requests are being started from `time_s` on, or no longer."""
        self._line.set_feeding(feeding, time_s)
        self._up_to_date().set_feeding(feeding, time_s)

    def begin_run(self, time_s: float) -> None:
        """From here on, columns are not smoothed over what came before."""
        self._line.begin_run(time_s)
        self._up_to_date().begin_run(time_s)

    def advance(self, now_s: float) -> None:
        """Close the columns that are over at `now_s`."""
        self._now_s = now_s
        self._line.advance(now_s)
        self._whole.take_in()
        if self._fine.column_of(now_s) - self._fine.open_column >= _MOST_WAITING:
            self._up_to_date()

    def last(self, columns: int) -> Columns:
        """The last `columns` columns of half a second."""
        return self._line.last(columns)

    def window(self, window: TimeWindow) -> WindowColumns:
        """The columns of a window; the same object until it has another column."""
        source = self._source(window)
        # The whole session's newest column grows with every column of the timeline.
        key = (source.key, source.first, source.end, self._growing(source))
        if self._last is None or self._last[0] != key:
            columns = merged(source.columns.between(source.first, source.end), source.group)
            shown = WindowColumns(
                source.column_s * source.group,
                columns,
                bool(source.end % source.group) or self._growing(source) > 0,
            )
            self._last = key, shown
        return self._last[1]

    def heat(self, window: TimeWindow, rows: int) -> HeatColumns:
        """The latencies in a window; a column for each two of the window's."""
        source = self._source(window)
        group = 2 * source.group
        key = (source.key, source.first, source.end, self._growing(source), rows)
        if self._last_heat is None or self._last_heat[0] != key:
            between: BinsBetween = source.columns.bins_between
            heat = self._heat.of(
                between,
                source.key,
                first=source.first // group * group,
                end=source.end,
                group=group,
                is_open=self._growing(source) > 0,
                column_s=source.column_s,
                rows=rows,
            )
            self._last_heat = key, heat
        return self._last_heat[1]

    def _up_to_date(self) -> Timeline:
        """The fine columns, with all that has completed."""
        fine = self._fine
        for piece in self._waiting:
            fine.add(*piece)
        self._waiting.clear()
        fine.advance(self._now_s)
        return fine

    def _growing(self, source: _Source) -> int:
        """Counts up while the newest column of the whole session is in progress, else 0."""
        if source.columns is not self._whole or source.end < self._whole.size:
            return 0
        return self._line.open_column % self._whole.parts and self._line.open_column

    def _source(self, window: TimeWindow) -> _Source:
        line, whole = self._line, self._whole
        wanted = max(2, window.columns)
        end_s = line.open_column * line.column_s
        if window.end_s is not None:
            end_s = min(end_s, max(line.column_s, window.end_s))
        if math.isinf(window.column_s):
            if line.oldest_column:
                count = math.ceil(end_s / whole.column_s)
                return self._of(whole, whole.column_s, end_s, math.ceil(count / wanted), wanted)
            count = math.ceil(end_s / line.column_s)
            return self._of(line, line.column_s, end_s, math.ceil(count / wanted), wanted)
        begin_s = end_s - wanted * window.column_s
        fine = self._up_to_date() if window.column_s < _FINE_BELOW_S else None
        if fine is not None and self._reaches(fine, begin_s):
            end_s = fine.open_column * fine.column_s if window.end_s is None else window.end_s
            group = round(window.column_s / fine.column_s)
            return self._of(fine, fine.column_s, end_s, group, wanted)
        if self._reaches(line, begin_s):
            group = round(window.column_s / line.column_s)
            return self._of(line, line.column_s, end_s, group, wanted)
        group = round(window.column_s / whole.column_s)
        return self._of(whole, whole.column_s, end_s, group, wanted)

    @staticmethod
    def _reaches(line: Timeline, time_s: float) -> bool:
        return line.oldest_column == 0 or line.oldest_column * line.column_s <= time_s

    @staticmethod
    def _of(
        columns: Timeline | WholeSession, column_s: float, end_s: float, group: int, wanted: int
    ) -> _Source:
        group = max(1, group)
        known = columns.size if isinstance(columns, WholeSession) else columns.open_column
        end = max(0, min(known, math.ceil(round(end_s / column_s, 6))))
        first = max(0, -(-end // group) - wanted)
        if isinstance(columns, Timeline):
            # Of a group that is half forgotten nothing is told.
            first = max(first, -(-columns.oldest_column // group))
        return _Source(columns, column_s, group, min(first * group, end), end)
