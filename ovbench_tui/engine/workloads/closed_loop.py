"""Closed loop: the next inference starts as soon as a request is idle."""

from __future__ import annotations

from collections.abc import Callable

from ovbench_tui.engine.workloads.workload import Requests


class ClosedLoop:
    """Keeps every request busy; a completion is one inference."""

    def feed(
        self,
        requests: Requests,
        go_on: Callable[[], bool],
        *,
        started: int = 0,
        wanted: int | None = None,
        may_spin: bool = True,
    ) -> int:
        """See `Workload`; what has no limit is not counted."""
        if wanted is None:
            requests.feed_while(go_on, may_spin=may_spin)
            return started
        start = requests.starter()
        while go_on() and started < wanted:
            start()
            started += 1
        return started
