"""What an open loop counts as it goes on: in words of a shared memory, and as one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

OFFERED, REFUSED, EXPIRED, WAITING, MOST_WAITING, WAITED_NS, SLEEPS, LATE_NS, LATEST_NS = range(9)
"""The places of the counts among the words, in the order of the record."""

LOAD_WORDS = 9


class Words(Protocol):
    """Numbers at places, as in a list or a memoryview."""

    def __getitem__(self, place: int, /) -> int:
        """Read one."""
        ...

    def __setitem__(self, place: int, number: int, /) -> None:
        """Write one."""
        ...


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """Counts since the engine began, of which only `waiting` ever falls.

    Attributes:
        offered: arrivals that have come.
        refused: of these, dropped since the queue was full.
        expired: of these, dropped since they had waited for too long.
        waiting: in the queue now.
        most_waiting: at once, since the last measured stretch began.
        waited_ns: nanoseconds in the queue, of all that have left it.
        sleeps: how often the feeder slept until an arrival.
        late_ns, latest_ns: how late it woke, in all; and at most, since the last measured stretch
            began.
    """

    offered: int = 0
    refused: int = 0
    expired: int = 0
    waiting: int = 0
    most_waiting: int = 0
    waited_ns: int = 0
    sleeps: int = 0
    late_ns: int = 0
    latest_ns: int = 0

    @staticmethod
    def of(words: Words) -> LoadCounts:
        """Make the record of the words as they are now."""
        return LoadCounts(*(words[place] for place in range(LOAD_WORDS)))


NO_LOAD = LoadCounts()
