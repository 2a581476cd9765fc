"""What is wanted, as one number: more is better."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.tuning.search.space import SearchSpace
from ovbench_tui.tuning.trial_result import Figures, Interval


class Goal(Enum):
    """What is optimised."""

    THROUGHPUT = "throughput"
    LATENCY = "latency"
    EFFICIENCY = "efficiency"


@dataclass(frozen=True, slots=True)
class Objective:
    """A goal, and a limit it must keep.

    Attributes:
        p99_under_ms: a configuration with a longer p99 cannot win; None = no limit.
        margin: configurations that are closer than that are equal, as a fraction.
    """

    goal: Goal = Goal.THROUGHPUT
    p99_under_ms: float | None = None
    margin: float = EQUAL_MARGIN

    def score(self, figures: Figures) -> Interval:
        """Frames a second, inferences a second of the median latency, or frames a joule.

        A configuration beyond the limit has a negative score, by how far it is beyond, so
        that of two such the nearer one is better. The lower end goes by the upper end of the p99.
        """
        value = self._value(figures)
        limit_ms = self.p99_under_ms
        # No rate is below 0, so only what is beyond the limit scores so.
        value = replace(value, low=max(value.low, 0.0))
        if limit_ms is None:
            return value
        p99_ms = figures.p99_ms
        return Interval(
            _limited(value.low, p99_ms.high, limit_ms),
            _limited(value.mid, p99_ms.mid, limit_ms),
            _limited(value.high, p99_ms.low, limit_ms),
        )

    def _value(self, figures: Figures) -> Interval:
        if self.goal is Goal.LATENCY:
            p50_ms = figures.p50_ms
            if not p50_ms.mid > 0:
                return Interval()
            low = 1000 / p50_ms.high if p50_ms.high > 0 else -math.inf
            high = 1000 / p50_ms.low if p50_ms.low > 0 else math.inf
            return Interval(low, 1000 / p50_ms.mid, high)
        if self.goal is Goal.EFFICIENCY:
            fps, watts = figures.fps, figures.watts
            if not watts > 0:
                return Interval()
            return Interval(fps.low / watts, fps.mid / watts, fps.high / watts)
        return figures.fps

    def describe(self) -> str:
        """In words, as in ``most frames a second with p99 under 20 ms``."""
        words = {
            Goal.THROUGHPUT: "most frames a second",
            Goal.LATENCY: "lowest median latency",
            Goal.EFFICIENCY: "most frames a joule",
        }[self.goal]
        if self.p99_under_ms is None:
            return words
        return f"{words} with p99 under {self.p99_under_ms:g} ms"


def _limited(value: float, p99_ms: float, limit_ms: float) -> float:
    return -p99_ms / limit_ms if p99_ms > limit_ms else value


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What is searched, what for, and how long at most.

    Attributes:
        max_time_s: for everything.
    """

    space: SearchSpace
    objective: Objective
    max_time_s: float
