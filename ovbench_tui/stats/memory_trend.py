"""Whether memory grows over a run, and by how much: a verdict that steps and noise do not deceive.

Resident memory grows in steps, and a cache that fills up grows and then stays. Neither is a leak,
though a line through them rises. So the run is cut into equal blocks, and the question is whether
the increments from one block's mean to the next have a mean above 0 (Student's t). What grew once
is one large increment among none, which says nothing. Where memory only wanders, as a random walk,
increments are independent and the error rate is the nominal one; of noise around a level they
are negatively correlated, and it is lower.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, stdev

from ovbench_tui.stats.comparison.student_t import t_inside, t_quantile

BLOCKS = 12
"""Of a run; eleven increments."""

LEAST_S = 24.0
"""Of measured time: memory is looked at once a second, and a block is to hold two looks."""

_SURE = 0.01
_CONFIDENCE = 0.95
_WORTH_A_NOTE_MIB = 0.5
"""A minute."""

_OWN_MIB = 2.5
"""A minute, at most, by which this program's own records of a session grow in its first hour; seen
were 1.2 without a screen and 1.7 with one."""


@dataclass(frozen=True, slots=True)
class MemoryTrend:
    """How the memory of the process that infers changed over the measured time of a run.

    Attributes:
        mib_per_minute: from the first block to the last; negative where it shrank.
        low, high: the ends of its 95 % interval.
        p_value: the probability of a change as large, either way, where memory has no trend.
        seconds: of measured time behind it.
        is_alone: the process does nothing but infer (--isolate), so that all of it is the engine's.
    """

    mib_per_minute: float
    low: float
    high: float
    p_value: float
    seconds: float
    is_alone: bool = True

    @property
    def grows(self) -> bool:
        """Whether it surely grows, and by more than what this program's own records may take."""
        least_mib = _WORTH_A_NOTE_MIB if self.is_alone else _OWN_MIB
        return self.p_value < _SURE and self.mib_per_minute >= least_mib

    @property
    def sentence(self) -> str:
        """As in ``The engine's memory grows 3.1 MiB a minute (...)``; '' where it does not."""
        if not self.grows:
            return ""
        whose = "The engine's memory" if self.is_alone else "Memory"
        own = "" if self.is_alone else f"; up to {_OWN_MIB:g} are this program's, without --isolate"
        return (
            f"{whose} grows {self.mib_per_minute:.1f} MiB a minute (95 % interval {self.low:.1f} to"
            f" {self.high:.1f}, p < {0.001 if self.p_value < 0.001 else _SURE}{own})."
        )


def memory_trend(means_mib: Sequence[float], seconds: float) -> MemoryTrend | None:
    """Judge the means of neighbouring blocks of equal length.

    Args:
        means_mib: MiB, at least 3; NaN = not known.
        seconds: that all blocks last together.

    Returns:
        None where the run is too short for a verdict, or a block is not known.
    """
    if seconds < LEAST_S or not all(map(math.isfinite, means_mib)):
        return None
    steps = [after - before for before, after in pairwise(means_mib)]
    per_minute = 60.0 * len(means_mib) / seconds
    step, freedom = fmean(steps), len(steps) - 1
    error = stdev(steps) / math.sqrt(len(steps))
    p_value = 0.0 if step else 1.0  # where all increments are the same
    if error > 0:
        p_value = max(0.0, 1.0 - t_inside(abs(step) / error, freedom))
    half = t_quantile(_CONFIDENCE, freedom) * error
    return MemoryTrend(
        step * per_minute,
        (step - half) * per_minute,
        (step + half) * per_minute,
        p_value,
        seconds,
    )
