"""What a queue runs before anything is measured."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

WARM_UP_S = 0.3
NEW_QUEUE_WARM_UP_S = 0.05
_LONGEST_S = 2.0
"""A slow model with many requests would warm up for minutes; its first inference is over."""


class WarmUp:
    """Lasts for so many inferences and so many seconds, both counted only while it is fed.

    What holds the feeder up, such as a pause or a search for devices, warms nothing.

    Args:
        total: completions ever stored.
        clock: seconds.
    """

    def __init__(self, total: Callable[[], int], clock: Callable[[], float] = perf_counter) -> None:
        self._total = total
        self._clock = clock
        self._count = 0
        self._least_s = 0.0
        self._most_s = 0.0
        self.begin(0)

    def begin(self, count: int, least_s: float = 0.0, most_s: float = _LONGEST_S) -> None:
        """From now on this many inferences and at least `least_s` are wanted.

        Args:
            most_s: seconds after which it is over, however few have completed.
        """
        self._count, self._least_s, self._most_s = count, least_s, most_s
        self.again()

    def again(self) -> None:
        """Begin once more: what came in between has undone it."""
        self._fed_s = 0.0
        self._since_count = self._total()

    def feed(self, start: Callable[[], None], go_on: Callable[[], bool]) -> bool:
        """Start inferences until it is over, or something else is wanted.

        Returns:
            Whether it is over.

        Raises:
            RuntimeError: an inference failed; the queue must be discarded.
        """
        clock, total = self._clock, self._total
        wanted = self._since_count + self._count
        begin_s = clock() - self._fed_s
        while True:
            fed_s = clock() - begin_s
            if fed_s >= self._most_s or (fed_s >= self._least_s and total() >= wanted):
                return True
            if not go_on():
                self._fed_s = fed_s
                return False
            start()
