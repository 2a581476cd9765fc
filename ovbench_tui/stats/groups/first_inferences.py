"""How much longer a shape takes the first time that it is seen."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable

from ovbench_tui.stats.run_stats import GroupStats

_WORTH_A_NOTE = 1.2
_LEAST_SHAPES = 2


def first_to_later(groups: tuple[GroupStats, ...]) -> tuple[float, int]:
    """How many times as long the first inference of a shape takes: the median, and of how many.

    Of each group it is the latency of its first inference over the median of its later ones; NaN
    where no group has both.
    """
    ratios = [
        group.first_ms / group.p50_ms
        for group in groups
        if group.p50_ms > 0 and not math.isnan(group.first_ms)
    ]
    return (statistics.median(ratios) if ratios else math.nan), len(ratios)


def first_inferences_note(groups: tuple[GroupStats, ...]) -> Iterable[str]:
    """The sentence that a shape is slower the first time, where it is."""
    times, shapes = first_to_later(groups)
    if shapes >= _LEAST_SHAPES and times >= _WORTH_A_NOTE:
        yield (
            f"The first inference of a shape takes {times:.2g} times as long (median of"
            f" {shapes} shapes)."
        )
