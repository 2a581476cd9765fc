"""How long engines have been silent, and how long that is waited for."""

from __future__ import annotations

from collections.abc import Callable

from ovbench_tui.fleet.machine_status import MachineState
from ovbench_tui.system.attended_clock import AttendedClock

_AT_WORK_S = 30.0
"""An engine that runs tells its figures every second, whatever its model does."""

_PREPARING_S = 300.0
"""A model is sent, or read by native code that may keep all of Python waiting."""


class Silence:
    """Knows when each task was heard of last; only time in which we listen counts.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = AttendedClock(clock)
        self._heard_s: dict[str, float] = {}

    def hear(self, task: str) -> None:
        """It has begun, or told something."""
        self._heard_s[task] = self._clock()

    def too_long_s(self, task: str, state: MachineState) -> float:
        """For how long it has been silent, or 0 while that is not too long."""
        now_s = self._clock()
        silent_s = now_s - self._heard_s.setdefault(task, now_s)
        is_preparing = state in (MachineState.JOINING, MachineState.PREPARING)
        return silent_s if silent_s >= (_PREPARING_S if is_preparing else _AT_WORK_S) else 0.0
