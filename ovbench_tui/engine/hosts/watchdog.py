"""Sees that an engine which should run inferences has stopped doing so."""

from __future__ import annotations

import math
from collections.abc import Callable

from ovbench_tui.system.attended_clock import AttendedClock

_LEAST_S = 15.0
_TIMES_THE_SLOWEST = 20.0
_UNKNOWN_S = 120.0


class Watchdog:
    """Watches the count of completions while requests are being started.

    A stall is no completion for 15 s, or for 20 times the slowest inference so far where that
    is longer: a model that takes 3 s an inference is slow, not stuck. Before the first
    inference nothing is known, and two minutes are waited. Only time in which the program
    itself runs counts.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = AttendedClock(clock)
        self._count = -1
        self._since_s = 0.0

    def rest(self) -> None:
        """Nothing is expected to complete now: paused, compiling, or no engine."""
        self._clock()
        self._count = -1

    def stalled_s(self, count: int, slowest_ms: float, pause_s: float = 0.0) -> float:
        """Return for how long nothing has completed, or 0 while that is no stall.

        Args:
            count: completions ever stored.
            slowest_ms: of the runs so far; NaN while there is none.
            pause_s: between two starts, where their rate is requested; else 0.
        """
        now_s = self._clock()
        if count != self._count:
            self._count, self._since_s = count, now_s
            return 0.0
        quiet_s = now_s - self._since_s
        patience_s = _UNKNOWN_S
        if not math.isnan(slowest_ms):
            patience_s = max(_LEAST_S, _TIMES_THE_SLOWEST * slowest_ms / 1e3)
        return quiet_s if quiet_s >= patience_s + pause_s else 0.0
