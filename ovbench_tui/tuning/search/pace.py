"""How long the tuner measures a configuration, and how exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ovbench_tui.tuning.trial_result import Ending, Figures, Interval

_FEWEST_WINDOWS = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a configuration is measured.

    Attributes:
        precision: relative half-width of the score's 95 % interval that is enough.
        least_s, most_s: seconds, whatever the interval.
        race_s: seconds after which a clearly worse one may be stopped.
        drift: the machine may be slower by so much than when the best was measured.
        final_s: seconds of a measurement of the finals.
        least_rounds, rounds: of the finals, both even; they go on beyond the least while it is
            not decided.
        slowest_s: seconds for a model too slow for windows in `most_s`.
        has_finals: the best are measured again, in turn.
    """

    precision: float = 0.06
    least_s: float = 1.0
    most_s: float = 2.5
    race_s: float = 0.6
    drift: float = 0.05
    final_s: float = 1.7
    least_rounds: int = 6
    rounds: int = 8
    slowest_s: float = 30.0
    has_finals: bool = True

    def ending(
        self, figures: Figures, score: Interval, is_worse: Callable[[Interval], bool]
    ) -> Ending | None:
        """Why a measurement of the search is over; None = it is not.

        Args:
            is_worse: whether a score is clearly behind the best.
        """
        if figures.windows < _FEWEST_WINDOWS:
            return None
        if figures.seconds >= self.race_s and is_worse(score):
            return Ending.WORSE
        if figures.seconds >= self.least_s and score.half_width <= self.precision:
            return Ending.STABLE
        return Ending.NOISY if figures.seconds >= self.most_s else None

    def ending_of_final(self, figures: Figures) -> Ending | None:
        """The same of a round of the finals, which rounds show the spread of."""
        # A window of whole requests may take seconds.
        if figures.windows < (1 if figures.of_tokens else _FEWEST_WINDOWS):
            return None
        return Ending.STABLE if figures.seconds >= self.final_s else None
