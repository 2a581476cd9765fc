"""How long a run was measured, how many completions that were, and when its time is up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import perf_counter


class MeasuredTime:
    """Adds up the stretches that are measured; while one goes on, its end can be waited for.

    Args:
        tell: takes the number of the arming whose time is up; called on a thread of its own.

    Attributes:
        is_running: a stretch goes on.
        seconds: of the stretches that are over.
        count: completions of those.
        since_s: when the last stretch began, by `perf_counter`.
        since_count: completions in the ring then.
    """

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._timer: threading.Timer | None = None
        self._arming = 0
        self.is_running = False
        self.seconds = 0.0
        self.count = 0
        self.since_s = 0.0
        self.since_count = 0

    def restart(self, ring_count: int) -> None:
        """Begin again at nothing; a stretch that goes on does so from here."""
        self.seconds = 0.0
        self.since_s = perf_counter()
        self.count = 0
        self.since_count = ring_count

    def begin(self, time_s: float, ring_count: int) -> None:
        """A stretch begins."""
        self.is_running = True
        self.since_s = time_s
        self.since_count = ring_count

    def end(self, time_s: float, ring_count: int) -> None:
        """The stretch is over."""
        self.is_running = False
        self.seconds += time_s - self.since_s
        self.count += ring_count - self.since_count
        self.disarm()

    def has_passed(self, duration_s: float | None) -> bool:
        """By the clock: the timer's message may be late on a busy machine."""
        return duration_s is None or self.seconds + perf_counter() - self.since_s >= duration_s

    def arm(self, duration_s: float | None) -> None:
        """Tell when `duration_s` will have been measured, if the stretch lasts so long.

        Args:
            duration_s: None = it has no end.
        """
        self.disarm()
        if duration_s is None:
            return
        arming = self._arming
        left_s = max(0.0, duration_s - self.seconds)
        self._timer = threading.Timer(left_s, lambda: self._tell(arming))
        self._timer.daemon = True
        self._timer.start()

    def disarm(self) -> None:
        """Tell nothing; what is on its way is out of date."""
        self._arming += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def is_current(self, arming: int) -> bool:
        """Whether this is the last arming."""
        return arming == self._arming
