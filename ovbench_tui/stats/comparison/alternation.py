"""Whose turn it is while two configurations alternate, and how long a turn is."""

from __future__ import annotations

import random
from enum import Enum

SLICE_S = 0.5
"""Seconds of a slice unless the model is too slow for that."""

LEAST_COUNT = 10
"""Completions in a slice: with fewer its rate is a matter of chance."""

LONGEST_SLICE_S = 30.0
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
        return min(LONGEST_SLICE_S, max(self._slice_s, *self._needed_s.values()))

    def end_slice(self, count: int, seconds: float) -> None:
        """Give the turn to the next slice, after so many completions in so many seconds."""
        self._needed_s[self.side] = LEAST_COUNT * seconds / max(1, count)
        self._slice += 1
        if self._slice % 2 == 0:
            self._first = self._draw()

    def begin_pair_again(self) -> None:
        """Measure the first slice of the pair next: something came in between."""
        self._slice -= self._slice % 2
