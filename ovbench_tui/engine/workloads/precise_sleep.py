"""Sleeping until a point of time, as precisely as the system lets a program wake."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, sleep

from ovbench_tui.stats.load.counts import LATE_NS, LATEST_NS, SLEEPS, Words

_SPIN_S = 100e-6
"""Linux wakes a thread some 60 microseconds after its time, so the rest is waited for awake."""
_LONGEST_NAP_S = 0.02


class PreciseSleep:
    """Sleeps, and counts how late it woke.

    Args:
        words: takes the counts, at their places in `stats.load.counts`.
    """

    def __init__(
        self,
        words: Words,
        clock: Callable[[], float] = perf_counter,
        sleep: Callable[[float], None] = sleep,
    ) -> None:
        self._words = words
        self._clock = clock
        self._sleep = sleep

    def until(self, due_s: float, go_on: Callable[[], bool]) -> bool:
        """Sleep until then; False where it was called off, which is looked for now and then."""
        clock, sleep = self._clock, self._sleep
        left_s = due_s - clock()
        if left_s <= 0:
            return True
        while left_s > _SPIN_S:
            sleep(min(left_s - _SPIN_S, _LONGEST_NAP_S))
            if not go_on():
                return False
            left_s = due_s - clock()
        while left_s > 0:
            sleep(0)  # lets go of the GIL: a completion may have to be stored
            left_s = due_s - clock()
        words, late_ns = self._words, int(-left_s * 1e9)
        words[SLEEPS] += 1
        words[LATE_NS] += late_ns
        if late_ns > words[LATEST_NS]:
            words[LATEST_NS] = late_ns
        return True
