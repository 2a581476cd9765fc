"""What is known of one configuration while it is tuned; free of numpy, for the screen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

from ovbench_tui.engine.api.results import RunView
from ovbench_tui.stats.rate import FRAMES, TOKENS
from ovbench_tui.stats.run_stats import LoadStats
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
        fps: frames a second, or output tokens where `unit` says so.
        p50_ms, p99_ms: of a model that generates tokens those of the time per output token.
        seconds: measured, warm-up left out.
        windows: behind the intervals.
        watts: mean power of the processor packages; NaN where it is not read.
        ttft_p90_ms, tpot_p90_ms: of a model that generates tokens.
        unit: as in `EffectiveConfig.unit`.
        load: of an open loop, whose latencies count from the arrival; None = any other.
        over_limit: latencies over the limit of the p99 that the run was given.
    """

    fps: Interval = field(default_factory=Interval)
    p50_ms: Interval = field(default_factory=Interval)
    p99_ms: Interval = field(default_factory=Interval)
    seconds: float = 0.0
    windows: int = 0
    watts: float = math.nan
    ttft_p90_ms: Interval = field(default_factory=Interval)
    tpot_p90_ms: Interval = field(default_factory=Interval)
    unit: str = FRAMES
    load: LoadStats | None = None
    over_limit: int = 0

    @property
    def of_tokens(self) -> bool:
        """Whether the model generates tokens."""
        return self.unit == TOKENS


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
        """Whether it may win: also the upper ends of what is limited keep the limits."""
        return self.may_keep_limit and self.score.low >= 0

    @property
    def may_keep_limit(self) -> bool:
        """Whether it keeps the limits as measured, however sure that is."""
        return self.has_run and self.score.mid > 0
