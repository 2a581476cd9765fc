"""A clock for patience: what cannot be seen to happen is not waited for."""

from __future__ import annotations

from collections.abc import Callable

_LONGEST_LOOK_S = 1.0


class AttendedClock:
    """Passes only while it is looked at; a look that comes late lets one second pass.

    After the whole program was stopped, as by Ctrl-Z or with the machine, everything seems to
    have been silent for as long, but nothing has had the time to answer yet.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._before_s = clock()
        self._passed_s = 0.0
        self._missed_s = 0.0

    def __call__(self) -> float:
        """Seconds that have passed under observation."""
        now_s = self._clock()
        gap_s, self._before_s = now_s - self._before_s, now_s
        step_s = min(max(0.0, gap_s), _LONGEST_LOOK_S)
        self._passed_s += step_s
        self._missed_s += max(0.0, gap_s - step_s)
        return self._passed_s

    @property
    def missed_s(self) -> float:
        """Seconds in which nobody looked, as of the last look."""
        return self._missed_s
