"""An engine whose inferences take a time that is known, on a clock that only moves with it."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle

from ovbench_tui.stats.load.counts import LOAD_WORDS, LoadCounts


@dataclass
class Clock:
    """Stands still until somebody sleeps; `until` is exact."""

    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s

    def until(self, due_s: float, go_on: Callable[[], bool]) -> bool:
        self.now_s = max(self.now_s, due_s)
        return go_on()


@dataclass
class Engine:
    """Requests that take `service_s` each, in turn; and who was started, when."""

    clock: Clock
    service_s: tuple[float, ...]
    nireq: int = 1
    arrived_s: list[float] = field(default_factory=list)
    started_s: list[float] = field(default_factory=list)
    ended_s: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._busy: list[float] = []
        self._services = cycle(self.service_s)

    def starter(self) -> Callable[[], None]:
        raise NotImplementedError

    def feed_while(self, go_on: Callable[[], bool], *, may_spin: bool = True) -> None:
        raise NotImplementedError

    def arrival_starter(self) -> Engine:
        return self

    def is_ready(self) -> bool:
        while self._busy and self._busy[0] <= self.clock.now_s:
            heapq.heappop(self._busy)
        return len(self._busy) < self.nireq

    def wait(self) -> None:
        if not self.is_ready():
            self.clock.now_s = heapq.heappop(self._busy)

    def start(self, due_s: float) -> None:
        assert self.is_ready()
        end_s = self.clock.now_s + next(self._services)
        heapq.heappush(self._busy, end_s)
        self.arrived_s.append(due_s)
        self.started_s.append(self.clock.now_s)
        self.ended_s.append(end_s)

    @property
    def waits_s(self) -> list[float]:
        return [start - due for due, start in zip(self.arrived_s, self.started_s, strict=True)]

    @property
    def latencies_s(self) -> list[float]:
        return [end - due for due, end in zip(self.arrived_s, self.ended_s, strict=True)]


def words() -> list[int]:
    return [0] * LOAD_WORDS


def counts(of: list[int]) -> LoadCounts:
    return LoadCounts.of(of)
