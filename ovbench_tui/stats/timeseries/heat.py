"""A heat map of latency: rows of latency bins, columns of time, shades of the counts."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.timeseries.columns import merged_bins
from ovbench_tui.stats.timeseries.latency_bins import (
    BINS,
    PER_DECADE,
    ROUND_BINS,
    lower_edge_ms,
    round_edge_ms,
)
from ovbench_tui.stats.timeseries.views import LEVELS, HeatColumns

_USUAL = 0.998
_SLACK = 1.3

BinsBetween = Callable[[int, int], npt.NDArray[np.integer]]


_DECADES = (
    tuple(range(0, 30, 1)),
    tuple(range(0, 30, 3)),
    (0, 5, 9, 13, 17, 21, 26),
    tuple(range(0, 30, 6)),
    (0, 9, 21),
    (0, 15),
    (0,),
)
"""Where the rows of a decade begin, in bins, fine to coarse: at 1, and at 2 and 5 or evenly."""

_STARTS = (
    *(
        tuple(decade + place for decade in range(0, BINS, PER_DECADE) for place in places)
        for places in _DECADES
    ),
    *(tuple(range(0, BINS, PER_DECADE * decades)) for decades in range(2, BINS // PER_DECADE + 1)),
)
"""Where the rows of all bins begin, from fine to coarse; at last one row holds them all."""

_DECADES_ONLY = len(_DECADES) - 1
_FEWEST_ROUND = 2


class HeatRows:
    """Which latency bins the rows hold: grows at once, and shrinks only to spare much room.

    Rows begin at 1-2-5 steps wherever one of their edges comes near, so their labels are round.

    Attributes:
        edges: bins at which the rows begin, from the lowest up, and at last where they end.
    """

    def __init__(self) -> None:
        self._rows = 0
        self._level = 0
        self.edges: tuple[int, ...] = ()

    def fit(self, lowest: int, highest: int, rows: int) -> None:
        """Make at most `rows` rows hold the bins from `lowest` to `highest`."""
        if rows == self._rows and self.edges[0] <= lowest and highest < self.edges[-1]:
            spare = round((highest - lowest + 1) * (_SLACK - 1) / 2)
            roomy, _ = _rows_of(max(0, lowest - spare), min(BINS - 1, highest + spare), rows)
            if roomy >= self._level:
                return
        self._rows = rows
        self._level, self.edges = _rows_of(lowest, highest, rows)


def _rows_of(lowest: int, highest: int, rows: int) -> tuple[int, tuple[int, ...]]:
    """The finest rows that have room, by the number of their kind, and their edges."""
    for level, starts in enumerate(_STARTS):
        edges = (*starts, BINS)
        first = bisect_right(starts, lowest) - 1
        end = bisect_left(edges, highest + 1)
        if end - first > rows:
            continue
        # What is left of the rows lies on both sides.
        first = max(0, min(first - (rows - (end - first)) // 2, len(starts) - rows))
        shown = edges[first : first + rows + 1]
        labels = sum(edge % PER_DECADE in ROUND_BINS for edge in shown[:-1])
        if labels >= min(_FEWEST_ROUND, rows) or level >= _DECADES_ONLY:
            return level, shown
    raise AssertionError("One row holds all bins.")


class HeatMap:
    """Makes a `HeatColumns` out of columns of bins; finished columns are added up only once."""

    def __init__(self) -> None:
        self._key: tuple[object, int] = (None, 0)
        self._known: dict[int, npt.NDArray[np.int64]] = {}
        self._scale = HeatRows()

    def of(
        self,
        bins_between: BinsBetween,
        key: object,
        *,
        first: int,
        end: int,
        group: int,
        is_open: bool,
        column_s: float,
        rows: int,
    ) -> HeatColumns:
        """Shade the columns of `group` source columns each.

        Args:
            bins_between: counts of the source columns from one number up to another.
            key: names the source; what is known of another one is forgotten.
            first, end: numbers of source columns; `first` begins a group.
            is_open: the newest source column still grows.
            column_s: seconds of a source column.
            rows: at most.
        """
        if (key, group) != self._key:
            self._key = (key, group)
            self._known.clear()
        bins = self._bins(bins_between, first, end, group, is_open=is_open or end % group > 0)
        by_row, edges, beyond_ms = self._in_rows(bins, rows)
        most = int(by_row.max(initial=0))
        # Shades are of the next power of two, so that they do not flicker with the fullest cell.
        top = math.log1p(1 << most.bit_length()) if most else 1.0
        shades = np.ceil(np.log1p(by_row) * (LEVELS / top)).astype(np.uint8)
        return HeatColumns(
            column_s=column_s * group,
            first_column=first // group,
            edges_ms=edges,
            rows=tuple(row.tobytes() for row in np.minimum(shades, LEVELS).T),
            most=most,
            beyond_ms=beyond_ms,
        )

    def _bins(
        self, bins_between: BinsBetween, first: int, end: int, group: int, *, is_open: bool
    ) -> npt.NDArray[np.int64]:
        """Counts of the wanted columns, [columns, `BINS`]."""
        wanted = range(first // group, -(-end // group))
        known = self._known
        for gone in [column for column in known if column not in wanted]:
            del known[gone]
        missing = [column for column in wanted if column not in known]
        if missing:
            begin = missing[0] * group
            added = merged_bins(bins_between(begin, end), begin, group)
            known.update(zip(range(missing[0], wanted.stop), added, strict=False))
        found = [known[column] for column in wanted if column in known]
        if is_open:
            known.pop(wanted.stop - 1, None)
        return np.array(found) if found else np.zeros((0, BINS), dtype=np.int64)

    def _in_rows(
        self, bins: npt.NDArray[np.int64], rows: int
    ) -> tuple[npt.NDArray[np.int64], tuple[float, ...], float]:
        total = bins.sum(axis=0)
        filled = np.flatnonzero(total)
        if not filled.size or rows < 1:
            return np.zeros((bins.shape[0], 0), dtype=np.int64), (), math.nan
        lowest, highest = int(filled[0]), int(filled[-1])
        cumulative = np.cumsum(total)
        usual = int(np.searchsorted(cumulative, cumulative[-1] * _USUAL))
        scale = self._scale
        if _rows_of(lowest, highest, rows)[0] > _rows_of(lowest, usual, rows)[0]:
            scale.fit(lowest, usual, rows)
        else:
            scale.fit(lowest, highest, rows)
        end = scale.edges[-1]
        by_row = np.add.reduceat(bins[:, :end], scale.edges[:-1], axis=1)
        by_row[:, -1] += bins[:, end:].sum(axis=1)
        edges = tuple(map(round_edge_ms, scale.edges))
        beyond_ms = lower_edge_ms(highest + 1) if highest >= end else math.nan
        return by_row, edges, beyond_ms
