"""When the next inference may start, and after how many a counted run ends."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, sleep

_LONGEST_NAP_S = 0.02
_CATCH_UP_S = 0.1
"""How far the schedule may lie behind; what was missed before that is not made up for."""


class Pacer:
    """Holds starts back to a rate.

    Args:
        starts_per_s: 0 = no limit.
        go_on: asked between naps; False ends a wait early.
    """

    def __init__(self, starts_per_s: float, go_on: Callable[[], bool]) -> None:
        self._interval_s = 1 / starts_per_s if starts_per_s else 0.0
        self._go_on = go_on
        self._due_s = perf_counter()

    def wait(self) -> bool:
        """Wait until the next start is due; False when it was called off."""
        if not self._interval_s:
            return True
        while (left_s := self._due_s - perf_counter()) > 0:
            sleep(min(left_s, _LONGEST_NAP_S))
            if not self._go_on():
                return False
        self._due_s = max(self._due_s, perf_counter() - _CATCH_UP_S) + self._interval_s
        return True


def feed_limited(
    start: Callable[[], None],
    go_on: Callable[[], bool],
    *,
    starts_per_s: float,
    started: int = 0,
    wanted: int | None = None,
) -> int:
    """Start inferences at most so often, and at most so many, while `go_on` says so.

    Args:
        starts_per_s: 0 = no limit.
        started: how many of the `wanted` (None = no limit) were started before.

    Returns:
        How many are started now.
    """
    wait = Pacer(starts_per_s, go_on).wait
    while go_on() and (wanted is None or started < wanted):
        if wait():
            start()
            started += 1
    return started
