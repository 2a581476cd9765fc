"""Where the session's thread and a scrape meet: one asks for fresh figures, the other gives them.

The session belongs to one thread, and the figures cost time to make. So a scrape raises a flag
and waits; the next snapshot answers it. While nobody scrapes nothing is made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ovbench_tui.engine.api.snapshot import Snapshot

Bins = tuple[tuple[float, float, int], ...]
"""Lower edge in ms, upper edge in ms and count of each bin that holds latencies."""


@dataclass(frozen=True, slots=True)
class MetricsSnapshot:
    """What one scrape tells: a snapshot, and the latencies of its run."""

    snapshot: Snapshot
    bins: Bins


class MetricsExchange:
    """Holds the last posting.

    Args:
        patience_s: how long a scrape waits for fresh figures before it takes the last ones.
    """

    def __init__(self, patience_s: float = 2.0) -> None:
        self._patience_s = patience_s
        self._requested = threading.Event()
        self._fresh = threading.Condition()
        self._posting: MetricsSnapshot | None = None
        self._number = 0

    def offer(self, snapshot: Snapshot, bins: Callable[[], Bins]) -> None:
        """Post this snapshot if a scrape waits for one; never blocks for long."""
        if not self._requested.is_set():
            return
        self._requested.clear()
        posting = MetricsSnapshot(snapshot, bins())
        with self._fresh:
            self._posting = posting
            self._number += 1
            self._fresh.notify_all()

    def ask(self) -> MetricsSnapshot | None:
        """Return fresh figures, or the last ones when none come in time; None before the first."""
        with self._fresh:
            seen = self._number
            self._requested.set()
            self._fresh.wait_for(lambda: self._number != seen, self._patience_s)
            return self._posting
