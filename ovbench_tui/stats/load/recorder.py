"""Folds what an open loop counts, and the waiting of what it serves, into the figures of a run."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.histogram import LogHistogram
from ovbench_tui.stats.load.counts import NO_LOAD, LoadCounts
from ovbench_tui.stats.run_stats import GroupStats, LoadStats

_ADDED = ("offered", "refused", "expired", "waited_ns", "sleeps", "late_ns")
"""The counts that grow, of which those of the measured stretches are added up."""

_MAXIMA = ("most_waiting", "latest_ns")
"""The counts that begin again at 0 with each measured stretch."""


class LoadRecorder:
    """Counts over the measured stretches only.

    Attributes:
        waiting, service: of the completions that were measured.
    """

    def __init__(self) -> None:
        self._since: LoadCounts | None = None
        self._latest = NO_LOAD
        self.reset()

    def reset(self) -> None:
        """Forget what was measured."""
        self.waiting = LogHistogram()
        self.service = LogHistogram()
        self._closed = dict.fromkeys(_ADDED, 0)
        self._maxima = dict.fromkeys(_MAXIMA, 0)
        if self._since is not None:
            self._since = self._latest

    def change(self, counts: LoadCounts, *, measuring: bool) -> None:
        """Begin or end a measured stretch."""
        self._latest = counts
        if self._since is not None:
            self._closed = self._added(self._since)
            self._maxima = self._most()
        self._since = counts if measuring else None

    def note(self, counts: LoadCounts) -> None:
        """Take what was counted by now."""
        if self._since is not None:
            self._latest = counts

    def add(self, latencies_ms: npt.NDArray[np.float64], waits_ms: npt.NDArray[np.float32]) -> None:
        """Add measured completions: latency from the arrival, and the waiting in it; [n] each."""
        waits = waits_ms.astype(np.float64)
        self.waiting.add(waits)
        self.service.add(latencies_ms - waits)

    def figures(
        self, elapsed_s: float, served: int, waiting: GroupStats, service: GroupStats
    ) -> LoadStats:
        """The figures so far.

        Args:
            elapsed_s: measured seconds.
            served: completions that were measured.
            waiting, service: figures of the two.
        """
        added = self._closed if self._since is None else self._added(self._since)
        most = self._maxima if self._since is None else self._most()
        latest, slept = self._latest, added["sleeps"]
        dropped = added["refused"] + added["expired"]
        seconds = elapsed_s or math.inf
        return LoadStats(
            offered=added["offered"],
            served=served,
            refused=added["refused"],
            expired=added["expired"],
            # What was on the way when the statistics were begun again was offered before.
            unserved=max(0, added["offered"] - dropped - served),
            offered_per_s=added["offered"] / seconds,
            served_per_s=served / seconds,
            dropped_per_s=dropped / seconds,
            waiting=waiting,
            service=service,
            queue_now=latest.waiting if self._since is not None else 0,
            queue_mean=added["waited_ns"] / 1e9 / seconds,
            queue_max=most["most_waiting"],
            late_mean_ms=added["late_ns"] / 1e6 / slept if slept else math.nan,
            late_max_ms=most["latest_ns"] / 1e6 if slept else math.nan,
        )

    def _added(self, since: LoadCounts) -> dict[str, int]:
        return {
            name: sum_ + getattr(self._latest, name) - getattr(since, name)
            for name, sum_ in self._closed.items()
        }

    def _most(self) -> dict[str, int]:
        return {name: max(most, getattr(self._latest, name)) for name, most in self._maxima.items()}
