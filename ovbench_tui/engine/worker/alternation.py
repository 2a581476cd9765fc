"""Whose turn it is while two configurations alternate, and when a turn is over."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from enum import Enum
from time import perf_counter

SLICE_S = 0.5
"""Seconds of a slice unless the model is too slow for that."""

LEAST_COUNT = 10
"""Completions in a slice: with fewer its rate is a matter of chance."""

_LONGEST_SLICE_S = 30.0
"""Beyond that a slice need not hold `LEAST_COUNT`: nobody waits minutes for a pair."""


class Side(Enum):
    """The two that alternate."""

    A = "A"
    B = "B"


class Alternation:
    """The order of the slices, as in A B, B A, B A, A B, and how long they are.

    A pair is two neighbouring slices, one of each side. Chance decides which comes first, so that
    no noise, however long it lasts, favours a side or makes neighbouring pairs alike.

    Args:
        slice_s: seconds of a slice; longer where the slower side needs more for `LEAST_COUNT`.
        seed: of the order; None = another each time.
    """

    def __init__(self, slice_s: float = SLICE_S, seed: int | None = None) -> None:
        self._slice_s = slice_s
        self._needed_s = {Side.A: 0.0, Side.B: 0.0}
        self._slice = 0
        self._random = random.Random(seed)  # noqa: S311 - nobody is to be kept from guessing it
        self._first = self._draw()

    def _draw(self) -> Side:
        return self._random.choice((Side.A, Side.B))

    @property
    def pair(self) -> int:
        """Number of the pair that is being measured, from 0."""
        return self._slice // 2

    @property
    def side(self) -> Side:
        """Whose turn it is."""
        if self._slice % 2 == 0:
            return self._first
        return Side.B if self._first is Side.A else Side.A

    @property
    def length_s(self) -> float:
        """Seconds of the slice whose turn it is."""
        return min(_LONGEST_SLICE_S, max(self._slice_s, *self._needed_s.values()))

    def end_slice(self, count: int, seconds: float) -> None:
        """Give the turn to the next slice, after so many completions in so many seconds."""
        self._needed_s[self.side] = LEAST_COUNT * seconds / max(1, count)
        self._slice += 1
        if self._slice % 2 == 0:
            self._first = self._draw()

    def begin_pair_again(self) -> None:
        """Measure the first slice of the pair next: something came in between."""
        self._slice -= self._slice % 2


class SliceEnd:
    """Tells when a slice is over: after its time, with whole rounds of the infer requests.

    Requests of one model tend to complete together. A slice that begins and ends at the same
    place of such a round counts neither too many nor too few.

    Args:
        total: completions ever stored.
        since_count, since_s: where the slice began.
        length_s: seconds.
        round_size: infer requests.
    """

    def __init__(
        self,
        total: Callable[[], int],
        since_count: int,
        since_s: float,
        *,
        length_s: float,
        round_size: int,
    ) -> None:
        self._total = total
        self._since_count = since_count
        self._end_s = since_s + length_s
        self._latest_s = since_s + _LONGEST_SLICE_S
        self._round_size = round_size
        self._wanted = 0

    @property
    def is_over(self) -> bool:
        """Whether the slice is whole."""
        if self._wanted:
            return self._total() >= self._wanted
        now_s = perf_counter()
        if now_s < self._end_s:
            return False
        count = self._total() - self._since_count
        if not count or (count < LEAST_COUNT and now_s < self._latest_s):
            return False
        rounds = math.ceil(count / self._round_size)
        self._wanted = self._since_count + rounds * self._round_size
        return self._since_count + count >= self._wanted
