"""The arrivals that have come and wait for an idle request: bounded, every drop counted."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator

from ovbench_tui.stats.load.counts import (
    EXPIRED,
    LATEST_NS,
    MOST_WAITING,
    NO_LOAD,
    OFFERED,
    REFUSED,
    WAITED_NS,
    WAITING,
    LoadCounts,
    Words,
)

_GAP_S = 0.1
"""Whoever does not look for so long may have been stopped, as by Ctrl-Z."""


class ArrivalQueue:
    """First come, first served.

    It knows when each request arrives, so whoever was busy meanwhile lets it catch up, and what
    waits or is dropped is the same as if it had been looked after all the time.

    Args:
        make_schedule: begins the seconds of the arrivals anew.
        limit: arrivals that may wait at once; what comes then is dropped.
        timeout_s: whoever has waited for so long is dropped; infinity = nobody.
        words: takes the counts, at their places in `stats.load.counts`.

    Attributes:
        next_due_s: when the next one arrives, on the caller's clock.
    """

    def __init__(
        self,
        make_schedule: Callable[[], Iterator[float]],
        limit: int,
        timeout_s: float,
        words: Words,
    ) -> None:
        self._make_schedule = make_schedule
        self._limit = limit
        self._timeout_s = timeout_s
        self._words = words
        self._waiting: deque[float] = deque()
        self._begin_s = 0.0
        self.next_due_s = math.inf
        self._looked_s = -math.inf
        self._after_gap_s, self._before_gap = -math.inf, NO_LOAD
        # The words are still those of the loop before, until this one is begun.
        self._schedule: Iterator[float] = iter(())
        self._came_s, self._next_s = 0.0, math.inf

    def begin(self, now_s: float, *, anew: bool) -> None:
        """Let nobody wait, and the schedule go on from now.

        Args:
            anew: from its begin; else from where it was left.
        """
        self._waiting.clear()
        self._words[WAITING] = 0
        self._looked_s = now_s
        if anew:
            self._schedule = self._make_schedule()
            self._came_s, self._next_s = 0.0, next(self._schedule)
        self._begin_s = now_s - self._came_s
        self.next_due_s = self._begin_s + self._next_s

    def forget_maxima(self) -> None:
        """Let the largest of the counts be those of what comes now; another loop may share them."""
        self._words[MOST_WAITING] = self._words[LATEST_NS] = 0

    def counts_at(self, time_s: float) -> LoadCounts:
        """What had been counted by then, where nobody has looked since; else until now."""
        return self._before_gap if time_s < self._after_gap_s else LoadCounts.of(self._words)

    def _look(self, now_s: float) -> None:
        if now_s - self._looked_s > _GAP_S:
            self._after_gap_s, self._before_gap = now_s, LoadCounts.of(self._words)
        self._looked_s = now_s

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def admit_until(self, now_s: float) -> None:
        """Let all that have come until now wait, or be dropped, while no request is idle."""
        self._look(now_s)
        # Under an overload every one of a dense pattern comes by here: no calls in the loop.
        waiting, limit, words = self._waiting, self._limit, self._words
        schedule, begin_s, timeout_s = self._schedule, self._begin_s, self._timeout_s
        came_s, next_s, due_s = self._came_s, self._next_s, self.next_due_s
        offered = refused = 0
        most = words[MOST_WAITING]
        while due_s <= now_s:
            offered += 1
            if waiting and due_s - waiting[0] >= timeout_s:
                self._expire(due_s)
            if len(waiting) < limit:
                waiting.append(due_s)
                most = max(most, len(waiting))
            else:
                refused += 1
            came_s, next_s = next_s, next(schedule)
            due_s = begin_s + next_s
        self._came_s, self._next_s, self.next_due_s = came_s, next_s, due_s
        words[OFFERED] += offered
        words[REFUSED] += refused
        words[MOST_WAITING] = most
        self._expire(now_s)
        words[WAITING] = len(waiting)

    def take(self, now_s: float) -> float | None:
        """Who is to be started now that a request is idle: when it arrived; None = nobody."""
        waiting, words = self._waiting, self._words
        self._look(now_s)
        self._expire(now_s)
        if waiting:
            due_s = waiting.popleft()
            words[WAITING] = len(waiting)
            words[WAITED_NS] += int((now_s - due_s) * 1e9)
            return due_s
        while self.next_due_s <= now_s:
            due_s = self._next()
            # A timeout of a queue, so it does not end what nobody kept waiting but the feeder
            # itself, unless that was for as long.
            if now_s - due_s < self._timeout_s:
                words[WAITED_NS] += int((now_s - due_s) * 1e9)
                return due_s
            self._drop_expired()
        return None

    def _next(self) -> float:
        """Take the next arrival off the schedule; returns when it came."""
        due_s = self.next_due_s
        self._words[OFFERED] += 1
        self._came_s, self._next_s = self._next_s, next(self._schedule)
        self.next_due_s = self._begin_s + self._next_s
        return due_s

    def _expire(self, now_s: float) -> None:
        waiting, timeout_s = self._waiting, self._timeout_s
        while waiting and now_s - waiting[0] >= timeout_s:
            waiting.popleft()
            self._drop_expired()

    def _drop_expired(self) -> None:
        self._words[EXPIRED] += 1
        self._words[WAITED_NS] += int(self._timeout_s * 1e9)
