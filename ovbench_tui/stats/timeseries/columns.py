"""Columns of time as arrays, and how neighbours become one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Columns of equal time, oldest first; arrays [n], NaN where nothing ran.

    Attributes:
        first: number of the first one, counted from the session's start.
        low_fps, high_fps: the slowest and the fastest of the columns that it was made of.
        count: completions.
    """

    first: int
    fps: Array
    low_fps: Array
    high_fps: Array
    p50_ms: Array
    p99_ms: Array
    count: Array

    @property
    def size(self) -> int:
        """How many there are."""
        return self.fps.size


def group_starts(first: int, size: int, group: int) -> npt.NDArray[np.int64]:
    """Where groups of `group` columns begin in `size` columns from number `first` on.

    Groups are aligned by number: group n holds columns from ``n * group`` on.
    """
    begins = np.arange(-(first % group), size, group)
    return np.maximum(begins, 0)


def merged(columns: Columns, group: int) -> Columns:
    """Make one column of each `group` neighbours, without losing a peak.

    The lowest and the highest FPS are kept beside the mean of those that ran, and p99 is the
    highest p99. p50 is the mean of the columns' p50 by their completions, and so lies between
    the lowest and the highest of them. Merging what was merged gives the same as merging at
    once, but for the mean FPS and p50 where columns are missing.
    """
    if group == 1 or not columns.size:
        return columns
    starts = group_starts(columns.first, columns.size, group)
    # A column that nothing completed in carries the p50 before it on: it counts, but little.
    weight = np.where(np.isnan(columns.p50_ms), 0.0, np.maximum(columns.count, 1e-3))
    return Columns(
        first=columns.first // group,
        fps=_mean(columns.fps, (~np.isnan(columns.fps)).astype(np.float64), starts),
        low_fps=np.fmin.reduceat(columns.low_fps, starts),
        high_fps=np.fmax.reduceat(columns.high_fps, starts),
        p50_ms=_mean(columns.p50_ms, weight, starts),
        p99_ms=np.fmax.reduceat(columns.p99_ms, starts),
        count=np.add.reduceat(columns.count, starts),
    )


def merged_bins(bins: Counts, first: int, group: int) -> npt.NDArray[np.int64]:
    """Add up the bins of each `group` neighbours; shape [n, bins] in, [groups, bins] out."""
    if not bins.shape[0]:
        return np.zeros(bins.shape, dtype=np.int64)
    starts = group_starts(first, bins.shape[0], group)
    added: npt.NDArray[np.int64] = np.add.reduceat(bins, starts, axis=0, dtype=np.int64)
    return added


def _mean(values: Array, weight: Array, starts: npt.NDArray[np.int64]) -> Array:
    total = np.add.reduceat(weight, starts)
    weighted = np.where(weight > 0, values, 0.0) * weight
    mean: Array = np.divide(
        np.add.reduceat(weighted, starts),
        total,
        out=np.full(total.shape, np.nan),
        where=total > 0,
    )
    return mean
