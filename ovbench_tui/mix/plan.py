"""Whose turn it is in a mix: every model alone and all together, round after round."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass

SLICE_S = 1.0
"""Seconds of a turn unless a model is too slow for that."""

LEAST_COUNT = 10
"""Completions of each model in a turn: with fewer its rate is a matter of chance."""

LONGEST_S = 30.0
"""Beyond that a turn need not hold `LEAST_COUNT`: nobody waits minutes for a round."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch: who runs in it.

    Attributes:
        members: numbers of those that run; the others pause.
        round: that it belongs to, from 0.
    """

    members: frozenset[int]
    round: int
    is_together: bool


class TurnPlan:
    """The order of the turns, and how long they are.

    A round has a turn for each model alone, and one for all together. Chance decides their order,
    so each model is as often alone before it is together as after it, and what drifts slowly
    favours neither (see `stats.comparison.paired`). One model that is left has nobody to be
    together with.

    Args:
        members: numbers of the models.
        slice_s: seconds of a turn; longer where a model needs more for `LEAST_COUNT`.
        seed: of the order; None = another each time.
    """

    def __init__(
        self, members: Collection[int], slice_s: float = SLICE_S, seed: int | None = None
    ) -> None:
        self._members = tuple(members)
        self._slice_s = slice_s
        self._needed_s: dict[tuple[int, bool], float] = {}
        self._random = random.Random(seed)  # noqa: S311 - nobody is to be kept from guessing it
        self._round = 0
        self._is_fresh = True
        self._left = self._draw()

    @property
    def turn(self) -> Turn:
        """The turn that is to be measured now."""
        return self._left[0]

    @property
    def rounds(self) -> int:
        """Whole rounds so far."""
        return self._round

    @property
    def is_between_rounds(self) -> bool:
        """Whether no turn of the round was measured yet."""
        return self._is_fresh

    @property
    def length_s(self) -> float:
        """Seconds of the turn that is to be measured now."""
        turn = self.turn
        needed = (self._needed_s.get((one, turn.is_together), 0.0) for one in turn.members)
        return min(LONGEST_S, max(self._slice_s, *needed, 0.0))

    def end_turn(self, rates: Mapping[int, float]) -> None:
        """Go on to the next turn.

        Args:
            rates: completions a second of those that ran; 0 = nothing has completed.
        """
        turn = self._left.pop(0)
        self._is_fresh = not self._left
        for one, rate in rates.items():
            needed_s = LEAST_COUNT / rate if rate > 0 else LONGEST_S
            self._needed_s[one, turn.is_together] = needed_s
        if not self._left:
            self._round += 1
            self._left = self._draw()

    def begin_again(self, members: Collection[int]) -> None:
        """Begin a round with these members, since something has changed; none before it counts."""
        self._members = tuple(members)
        self._round = 0
        self._is_fresh = True
        self._left = self._draw()

    def _draw(self) -> list[Turn]:
        turns = [Turn(frozenset({one}), self._round, is_together=False) for one in self._members]
        if len(turns) != 1:
            turns.append(Turn(frozenset(self._members), self._round, is_together=True))
        self._random.shuffle(turns)
        return turns
