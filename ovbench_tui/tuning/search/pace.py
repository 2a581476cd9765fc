"""How long the tuner measures a configuration, and how exactly."""

from __future__ import annotations

from dataclasses import dataclass


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
