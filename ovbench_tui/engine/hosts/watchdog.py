"""Sees that an engine which should run inferences has stopped doing so."""

from __future__ import annotations

import math

_LEAST_S = 15.0
_TIMES_THE_SLOWEST = 20.0


class Watchdog:
    """Watches the count of completions while requests are being started.

    A stall is no completion for 15 s, or for 20 times the slowest inference so far where that
    is longer: a model that takes 3 s an inference is slow, not stuck.
    """

    def __init__(self) -> None:
        self._count = -1
        self._since_s = 0.0

    def rest(self) -> None:
        """Nothing is expected to complete now: paused, compiling, or no engine."""
        self._count = -1

    def stalled_s(self, count: int, slowest_ms: float, pause_s: float, now_s: float) -> float:
        """Return for how long nothing has completed, or 0 while that is no stall.

        Args:
            count: completions ever stored.
            slowest_ms: of the run so far; NaN while there is none.
            pause_s: between two starts, where their rate is capped; else 0.
        """
        if count != self._count:
            self._count, self._since_s = count, now_s
            return 0.0
        quiet_s = now_s - self._since_s
        patience_s = _LEAST_S + pause_s
        if not math.isnan(slowest_ms):
            patience_s = max(patience_s, _TIMES_THE_SLOWEST * slowest_ms / 1e3)
        return quiet_s if quiet_s >= patience_s else 0.0
