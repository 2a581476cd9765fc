"""Open loop: requests arrive when they do, whether an infer request is idle or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Protocol

from ovbench_tui.engine.workloads.arrival_queue import ArrivalQueue
from ovbench_tui.engine.workloads.precise_sleep import PreciseSleep
from ovbench_tui.engine.workloads.workload import Requests
from ovbench_tui.stats.load.counts import LoadCounts, Words


class Sleeper(Protocol):
    """Waits for a point of time; see `PreciseSleep`."""

    def until(self, due_s: float, go_on: Callable[[], bool]) -> bool:
        """Sleep until then; False where it was called off."""
        ...


class OpenLoop:
    """Starts each arrival in its turn; a completion is one that was served.

    A latency counts from the scheduled arrival, so whoever had to wait while everything stood
    still is on record with all of its waiting (no coordinated omission).

    Args:
        make_schedule: begins the seconds of the arrivals anew.
        limit: arrivals that may wait at once.
        timeout_s: whoever has waited for so long is dropped; infinity = nobody.
        words: takes the counts, at their places in `stats.load.counts`.
    """

    def __init__(
        self,
        make_schedule: Callable[[], Iterator[float]],
        limit: int,
        timeout_s: float,
        words: Words,
        clock: Callable[[], float] = perf_counter,
        sleeper: Sleeper | None = None,
    ) -> None:
        self._arrivals = ArrivalQueue(make_schedule, limit, timeout_s, words)
        self._clock = clock
        self._sleeper = sleeper or PreciseSleep(words, clock)
        self._is_new, self._begins = True, True

    def restart(self, *, anew: bool) -> None:
        """Let a stretch begin with the next arrival to be fed: nobody waits, none is late.

        Args:
            anew: the schedule begins from its start, too; else it goes on where it was left.
        """
        self._is_new, self._begins = self._is_new or anew, True
        self._arrivals.forget_maxima()

    def counts_at(self, time_s: float) -> LoadCounts:
        """What had been counted by then, where the feeder has stood still since; else until now."""
        return self._arrivals.counts_at(time_s)

    def feed(
        self,
        requests: Requests,
        go_on: Callable[[], bool],
        *,
        started: int = 0,
        wanted: int | None = None,
        may_spin: bool = True,  # noqa: ARG002 - it waits for the clock
    ) -> int:
        """See `Workload`; arrivals go on to come between two calls, unless it is restarted.

        Raises:
            RuntimeError: an inference failed; the requests must be discarded.
        """
        clock, arrivals = self._clock, self._arrivals
        starter = requests.arrival_starter()
        if self._begins:
            arrivals.begin(clock(), anew=self._is_new)
            self._is_new = self._begins = False
        while go_on() and (wanted is None or started < wanted):
            if starter.is_ready():
                due_s = arrivals.take(clock())
                if due_s is not None:
                    starter.start(due_s)
                    started += 1
                else:
                    self._sleeper.until(arrivals.next_due_s, go_on)
                continue
            arrivals.admit_until(clock())
            if arrivals:
                starter.wait()
                # They came while nothing was idle, however late they are looked at.
                arrivals.admit_until(clock())
            else:
                self._sleeper.until(arrivals.next_due_s, go_on)
        if not starter.is_ready():
            arrivals.admit_until(clock())
        return started
