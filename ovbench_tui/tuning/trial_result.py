"""What is known of one configuration while it is tuned; free of numpy, for the screen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

from ovbench_tui.engine.api.snapshot import RunView
from ovbench_tui.tuning.search.space import Point


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the ends of its 95 % interval; infinite where nothing is known yet."""

    low: float = -math.inf
    mid: float = math.nan
    high: float = math.inf

    @property
    def half_width(self) -> float:
        """Half the interval over the estimate, as a fraction; infinite while not known."""
        if not math.isfinite(self.high - self.low) or not self.mid:
            return math.inf
        return (self.high - self.low) / 2 / abs(self.mid)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a configuration does.

    Attributes:
        seconds: measured, warm-up left out.
        windows: behind the intervals.
        watts: mean power of the processor packages; NaN where it is not read.
    """

    fps: Interval = field(default_factory=Interval)
    p50_ms: Interval = field(default_factory=Interval)
    p99_ms: Interval = field(default_factory=Interval)
    seconds: float = 0.0
    windows: int = 0
    watts: float = math.nan


class Ending(Enum):
    """Why the measurement of a configuration ended."""

    STABLE = "stable"
    WORSE = "stopped early: clearly worse"
    NOISY = "still noisy at the time limit"
    FAILED = "failed"
    SAME = "the same as another"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Trial:
    """One configuration and what came of it.

    Attributes:
        score: by the objective; more is better, and negative is out of its limit.
        reason: in a sentence, why it failed or what it is the same as; '' = neither.
        run: of its last measurement, as asked for and as effective; None = it never ran.
        finals: its score in every round of the finals.
    """

    point: Point
    figures: Figures
    score: Interval
    ending: Ending
    reason: str = ""
    run: RunView | None = None
    finals: tuple[float, ...] = ()

    @property
    def has_run(self) -> bool:
        """Whether there is something measured to be ranked by."""
        return self.ending not in (Ending.FAILED, Ending.SAME) and not math.isnan(self.score.mid)

    @property
    def is_within_limit(self) -> bool:
        """Whether it may win: also the upper end of its p99 keeps the limit."""
        return self.may_keep_limit and self.score.low >= 0

    @property
    def may_keep_limit(self) -> bool:
        """Whether its p99 as measured keeps the limit, however sure that is."""
        return self.has_run and self.score.mid > 0

    @property
    def over_limit_note(self) -> str:
        """How it misses the limit of the p99, in a few words."""
        return "p99 may be over the limit" if self.may_keep_limit else "p99 over the limit"
