"""What is wanted, as one number: more is better."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from ovbench_tui.engine.api.effective import EffectiveConfig, p99_name
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.stats.rate import FRAMES, TOKENS
from ovbench_tui.tuning.search.space import SearchSpace
from ovbench_tui.tuning.trial_result import Figures, Interval


class Goal(Enum):
    """What is optimised.

    Attributes:
        TOKENS: as throughput, of a model that generates tokens.
    """

    THROUGHPUT = "throughput"
    TOKENS = "tokens"
    LATENCY = "latency"
    EFFICIENCY = "efficiency"

    @property
    def is_rate(self) -> bool:
        """Whether the most a second is wanted."""
        return self in (Goal.THROUGHPUT, Goal.TOKENS)


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure must stay under.

    Attributes:
        name: for the user, as in ``TTFT p90``.
        figure: the name of the field of `Figures`.
        option: of the command line.
    """

    name: str
    figure: str
    option: str
    limit_ms: float

    def value_ms(self, figures: Figures) -> Interval:
        """The figure that is limited."""
        value: Interval = getattr(figures, self.figure)
        return value

    @property
    def text(self) -> str:
        """As in ``p99 under 20 ms``."""
        return f"{self.name} under {self.limit_ms:g} ms"


@dataclass(frozen=True, slots=True)
class Objective:
    """A goal, and limits it must keep.

    Attributes:
        p99_under_ms: a configuration with a longer p99 cannot win; None = no limit. So with
            `ttft_p90_under_ms` and `tpot_p90_under_ms` of a model that generates tokens.
        margin: configurations that are closer than that are equal, as a fraction.
    """

    goal: Goal = Goal.THROUGHPUT
    p99_under_ms: float | None = None
    margin: float = EQUAL_MARGIN
    ttft_p90_under_ms: float | None = None
    tpot_p90_under_ms: float | None = None

    def limits(self, unit: str = FRAMES) -> tuple[Limit, ...]:
        """The limits that there are.

        Args:
            unit: of the rate, by which the p99 is called.
        """
        every = (
            (p99_name(unit), "p99_ms", "--p99-under", self.p99_under_ms),
            ("TTFT p90", "ttft_p90_ms", "--ttft-p90-under", self.ttft_p90_under_ms),
            ("TPOT p90", "tpot_p90_ms", "--tpot-p90-under", self.tpot_p90_under_ms),
        )
        return tuple(
            Limit(name, figure, option, limit_ms)
            for name, figure, option, limit_ms in every
            if limit_ms is not None
        )

    @property
    def has_limits(self) -> bool:
        """Whether there is any limit."""
        return bool(self.limits())

    def worst_limit(self, figures: Figures, *, by_upper_end: bool = False) -> Limit | None:
        """The limit that is exceeded by most, or nearest; None where there is none.

        Args:
            by_upper_end: of the intervals, instead of what was measured.
        """

        def excess(limit: Limit) -> float:
            value_ms = limit.value_ms(figures)
            excess = (value_ms.high if by_upper_end else value_ms.mid) / limit.limit_ms
            return -math.inf if math.isnan(excess) else excess

        return max(self.limits(figures.unit), key=excess, default=None)

    def over_limit_note(self, figures: Figures) -> str:
        """Which limit is or may be missed, in a few words; '' = surely none."""
        for by_upper_end, verb in ((False, "over"), (True, "may be over")):
            worst = self.worst_limit(figures, by_upper_end=by_upper_end)
            if worst is None:
                return ""
            value_ms = worst.value_ms(figures)
            if (value_ms.high if by_upper_end else value_ms.mid) > worst.limit_ms:
                return f"{worst.name} {verb} the limit"
        return ""

    def misfit(self, effective: EffectiveConfig) -> str:
        """Why this objective means nothing for what runs, in a sentence; '' = it does."""
        if effective.generates:
            return ""
        of_tokens = [one.option for one in self.limits() if one.figure in _OF_TOKENS]
        if self.goal is Goal.TOKENS:
            of_tokens.insert(0, "--objective tokens")
        if not of_tokens:
            return ""
        return f"{of_tokens[0]} is for models that generate tokens, and this one is run as others."

    def score(self, figures: Figures) -> Interval:
        """Frames or tokens a second, inferences a second of the median latency, or per joule.

        A configuration beyond a limit has a negative score, by how far it is beyond the worst, so
        that of two such the nearer one is better. The lower end goes by the upper ends of what is
        limited.
        """
        value = self._value(figures)
        # No rate is below 0, so only what is beyond a limit scores so.
        value = replace(value, low=max(value.low, 0.0))
        for limit in self.limits():
            ms = limit.value_ms(figures)
            value = Interval(
                _limited(value.low, ms.high, limit.limit_ms),
                _limited(value.mid, ms.mid, limit.limit_ms),
                _limited(value.high, ms.low, limit.limit_ms),
            )
        return value

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

    def describe(self, unit: str = FRAMES) -> str:
        """In words, as in ``most frames a second with p99 under 20 ms``.

        Args:
            unit: of the rate.
        """
        of_tokens = unit == TOKENS or self.goal is Goal.TOKENS
        noun = "tokens" if of_tokens else "frames"
        words = {
            Goal.LATENCY: f"lowest median {'time per output token' if of_tokens else 'latency'}",
            Goal.EFFICIENCY: f"most {noun} a joule",
        }.get(self.goal, f"most {noun} a second")
        limits = self.limits(TOKENS if of_tokens else unit)
        return f"{words} with {limits_text(limits)}" if limits else words


_OF_TOKENS = ("ttft_p90_ms", "tpot_p90_ms")


def limits_text(limits: tuple[Limit, ...]) -> str:
    """As in ``TTFT p90 under 500 ms and TPOT p90 under 50 ms``."""
    return " and ".join(limit.text for limit in limits)


def _limited(value: float, ms: float, limit_ms: float) -> float:
    """The value, or how far it is beyond the limit; the worse of what it was and is."""
    if not ms > limit_ms:
        return value
    excess = -ms / limit_ms
    return excess if not value < 0 else min(value, excess)


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What is searched, what for, and how long at most.

    Attributes:
        max_time_s: for everything.
    """

    space: SearchSpace
    objective: Objective
    max_time_s: float
