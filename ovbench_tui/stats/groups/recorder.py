"""The latencies of each shape group of a run, the first of each apart."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.histogram import LogHistogram
from ovbench_tui.stats.run_stats import GroupStats

_GROUPS_A_SECOND = 16
"""Figures of so many groups are made in a second: those of 256 take as long as five frames."""

_WAITING_AT_MOST = 1 << 16


class GroupRecorder:
    """Folds the latencies of every group; completions wait until somebody asks for figures.

    Args:
        count: of the groups.
        percents: further percentiles that are asked for.
        firsts_ms: number of the group and latency of the first inference with it, where that ran
            before all that is seen here; NaN = there was none.
        keeps_firsts: the first inference of each group is no part of its figures.
    """

    def __init__(
        self,
        count: int,
        percents: tuple[float, ...] = (),
        firsts_ms: Sequence[tuple[int, float]] = (),
        *,
        keeps_firsts: bool = True,
    ) -> None:
        self._percents = percents
        self._every_s = count / _GROUPS_A_SECOND
        self._firsts_ms = [math.nan] * count
        self._has_new_first = False
        self._unseen = set(range(count)) if keeps_firsts else set()
        for number, first_ms in firsts_ms if keeps_firsts else ():
            if not math.isnan(first_ms):
                self._firsts_ms[number] = first_ms
                self._unseen.discard(number)
        self.reset()

    def reset(self) -> None:
        """Forget what was measured; a first inference stays the first."""
        self._histograms = tuple(LogHistogram() for _ in self._firsts_ms)
        self._waiting: list[tuple[npt.NDArray[np.float64], npt.NDArray[np.uint32]]] = []
        self._waiting_count = 0
        self._figures: tuple[GroupStats, ...] | None = None
        self._figures_s = -math.inf

    def take_firsts(
        self,
        latencies_ms: npt.NDArray[np.float64],
        groups: npt.NDArray[np.uint32],
        dropped: int,
    ) -> npt.NDArray[np.bool_] | None:
        """Keep the first inference of each group; of every stretch, also of the warm-up.

        Args:
            dropped: so many more came before these that nobody saw: any may have been a first.

        Returns:
            Which of these are firsts; None = none is.
        """
        if not self._unseen:
            return None
        if dropped:
            self._unseen.clear()
            return None
        found, places = np.unique(groups, return_index=True)
        firsts = [
            (int(group), int(place))
            for group, place in zip(found, places, strict=True)
            if int(group) in self._unseen
        ]
        if not firsts:
            return None
        is_first = np.zeros(groups.size, dtype=np.bool_)
        for group, place in firsts:
            self._firsts_ms[group] = float(latencies_ms[place])
            self._unseen.discard(group)
            is_first[place] = True
        self._has_new_first = True
        return is_first

    def add(self, latencies_ms: npt.NDArray[np.float64], groups: npt.NDArray[np.uint32]) -> None:
        """Add measured latencies."""
        self._waiting.append((latencies_ms, groups))
        self._waiting_count += groups.size
        if self._waiting_count > _WAITING_AT_MOST:
            self._fold()

    def histogram(self, number: int) -> LogHistogram:
        """The latencies of one group so far."""
        self._fold()
        return self._histograms[number]

    def figures(self, now_s: float, *, fresh: bool = True) -> tuple[GroupStats, ...]:
        """Of every group.

        Args:
            fresh: of all that was added; else they may be some seconds older where there are many.
        """
        is_due = fresh or now_s >= self._figures_s + self._every_s
        if self._figures is None or (is_due and (self._waiting_count or self._has_new_first)):
            self._fold()
            self._has_new_first = False
            self._figures_s = now_s
            self._figures = tuple(
                group_figures(histogram, self._percents, first_ms)
                for histogram, first_ms in zip(self._histograms, self._firsts_ms, strict=True)
            )
        return self._figures

    def _fold(self) -> None:
        if not self._waiting:
            return
        latencies_ms = np.concatenate([piece for piece, _ in self._waiting])
        groups = np.concatenate([piece for _, piece in self._waiting])
        self._waiting.clear()
        self._waiting_count = 0
        order = np.argsort(groups, kind="stable")
        ends = np.bincount(groups, minlength=len(self._histograms)).cumsum()[:-1]
        pieces = np.split(latencies_ms[order], ends)
        for histogram, piece in zip(self._histograms, pieces, strict=True):
            histogram.add(piece)


def group_figures(
    histogram: LogHistogram, percents: tuple[float, ...] = (), first_ms: float = math.nan
) -> GroupStats:
    """The figures of one kind of inferences."""
    p50_ms, p90_ms, p99_ms = histogram.percentiles_ms((50.0, 90.0, 99.0))
    return GroupStats(
        count=histogram.count,
        min_ms=histogram.min_ms,
        mean_ms=histogram.mean_ms,
        p50_ms=p50_ms,
        max_ms=histogram.max_ms,
        percentiles_ms=requested(histogram, percents),
        p90_ms=p90_ms,
        p99_ms=p99_ms,
        first_ms=first_ms,
    )


def requested(
    histogram: LogHistogram, percents: tuple[float, ...]
) -> tuple[tuple[float, float], ...]:
    """Pairs of a percentile that was asked for and its latency."""
    if not percents:
        return ()
    return tuple(zip(percents, histogram.percentiles_ms(percents), strict=True))
