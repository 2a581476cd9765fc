"""Rate cap: the next inference starts when a request is idle and its start is due."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, sleep

from ovbench_tui.engine.workloads.workload import Requests

_LONGEST_NAP_S = 0.02
_CATCH_UP_S = 0.1
"""How far the schedule may lie behind; what was missed before that is not made up for."""


class RateCap:
    """Starts at most so often; a completion is one inference.

    Args:
        starts_per_s: above 0.
    """

    def __init__(self, starts_per_s: float) -> None:
        self._interval_s = 1 / starts_per_s

    def feed(
        self,
        requests: Requests,
        go_on: Callable[[], bool],
        *,
        started: int = 0,
        wanted: int | None = None,
        may_spin: bool = True,  # noqa: ARG002 - it waits for the clock
    ) -> int:
        """See `Workload`; the schedule begins anew with each call."""
        start = requests.starter()
        wait = _Pacer(self._interval_s, go_on).wait
        while go_on() and (wanted is None or started < wanted):
            if wait():
                start()
                started += 1
        return started


class _Pacer:
    """Holds starts back to a rate.

    Args:
        go_on: called between naps; False ends a wait early.
    """

    def __init__(self, interval_s: float, go_on: Callable[[], bool]) -> None:
        self._interval_s = interval_s
        self._go_on = go_on
        self._due_s = perf_counter()

    def wait(self) -> bool:
        """Wait until the next start is due; False when it was called off."""
        while (left_s := self._due_s - perf_counter()) > 0:
            sleep(min(left_s, _LONGEST_NAP_S))
            if not self._go_on():
                return False
        self._due_s = max(self._due_s, perf_counter() - _CATCH_UP_S) + self._interval_s
        return True
