"""Starts of one kind, and of cold and cached ones in turn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from ovbench_tui.export.startup_program import PHASES
from ovbench_tui.startup.start import Start

TOTAL = "total"
"""All phases together."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles of several starts; NaN where there is none."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Series:
    """Starts of one kind.

    Attributes:
        name: ``cold`` or ``cached``.
        remark: why a cached start is none, in a sentence; '' = it is.
        cache_bytes: that the cache holds; 0 without one.
    """

    name: str
    starts: tuple[Start, ...]
    remark: str = ""
    cache_bytes: int = 0

    def seconds(self, phase: str) -> Spread:
        """How long a phase took, or all of them (`TOTAL`)."""
        return spread_of(
            [
                start.total_s if phase == TOTAL else start.phases_s.get(phase, math.nan)
                for start in self.starts
            ]
        )

    def resident_bytes(self, phase: str) -> float:
        """Memory at the end of a phase, the median; NaN where it is not known."""
        found = [
            start.resident_bytes[phase] for start in self.starts if phase in start.resident_bytes
        ]
        return median(found) if found else math.nan

    @property
    def hits(self) -> int:
        """Starts whose model came out of the cache."""
        return sum(start.is_cached is True for start in self.starts)

    @property
    def unaccounted(self) -> float:
        """Share of the wall time that no phase has, the median: the end of the process."""
        return spread_of([1 - start.total_s / start.wall_s for start in self.starts]).median


def spread_of(values: Sequence[float]) -> Spread:
    """Median and quartiles; of a single value that value."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return Spread(math.nan, math.nan, math.nan)
    if len(known) == 1:
        return Spread(known[0], known[0], known[0])
    low, mid, high = quantiles(known, n=4, method="inclusive")
    return Spread(mid, low, high)


def rows_of(series: Sequence[Series]) -> tuple[str, ...]:
    """The phases that any of these has, in order."""
    return tuple(
        phase for phase in PHASES if any(phase in one.phases_s for s in series for one in s.starts)
    )
