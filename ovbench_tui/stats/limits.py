"""Limits that a run must keep, as of a service: judged by its figures as far as they have come."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from ovbench_tui.console.format import format_fps
from ovbench_tui.console.units import format_duration
from ovbench_tui.stats.run_stats import RunStats
from ovbench_tui.stats.sample_size import inferences_needed

_LEAST_S = 1.0
"""Of a run: the rate of less is of a burst."""


class LimitVerdict(Enum):
    """Whether a limit is kept."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class LimitResult:
    """A limit and what became of it.

    Attributes:
        figure: ``p99_ms`` or ``fps``.
        limit: the p99 must be under it, FPS above it.
        value: of the run so far; NaN while there is none.
        reason: why it is undecided, in a clause; '' = it is not.
        unit: of the rate.
    """

    figure: str
    limit: float
    value: float
    verdict: LimitVerdict
    reason: str = ""
    unit: str = "FPS"

    @property
    def text(self) -> str:
        """As in ``p99 under 20 ms: failed with 31.20 ms``."""
        is_rate = self.figure == "fps"
        what = f"{self.unit} above {self.limit:g}" if is_rate else f"p99 under {self.limit:g} ms"
        if self.verdict is LimitVerdict.UNDECIDED:
            return f"{what}: undecided, {self.reason}"
        value = format_fps(self.value) if is_rate else format_duration(self.value)
        return f"{what}: {self.verdict.value} with {value.strip()}"


def judge_limits(
    stats: RunStats, *, p99_under_ms: float, fps_above: float, unit: str = "FPS"
) -> tuple[LimitResult, ...]:
    """Judge a run by the limits that it has.

    Args:
        p99_under_ms, fps_above: 0 = no such limit.
        unit: of the rate.
    """
    results = []
    if p99_under_ms:
        results.append(_p99(stats, p99_under_ms))
    if fps_above:
        results.append(replace(_rate(stats, fps_above), unit=unit))
    return tuple(results)


def worst_of(results: tuple[LimitResult, ...]) -> LimitVerdict | None:
    """The verdict on all of them together; None where there is no limit."""
    order = (LimitVerdict.FAILED, LimitVerdict.UNDECIDED, LimitVerdict.PASSED)
    found = {result.verdict for result in results}
    return next((verdict for verdict in order if verdict in found), None)


def _p99(stats: RunStats, limit_ms: float) -> LimitResult:
    value_ms, missing = stats.p99_ms, inferences_needed(99) - (stats.count - stats.dropped)
    if math.isnan(value_ms) or missing > 0:
        reason = f"{missing:,} more inferences needed for a p99"
        return LimitResult("p99_ms", limit_ms, value_ms, LimitVerdict.UNDECIDED, reason)
    verdict = LimitVerdict.PASSED if value_ms < limit_ms else LimitVerdict.FAILED
    return LimitResult("p99_ms", limit_ms, value_ms, verdict)


def _rate(stats: RunStats, limit_fps: float) -> LimitResult:
    value = stats.fps_mean if stats.count else math.nan
    if math.isnan(value) or stats.elapsed_s < _LEAST_S:
        reason = f"less than {_LEAST_S:g} s is measured"
        return LimitResult("fps", limit_fps, value, LimitVerdict.UNDECIDED, reason)
    verdict = LimitVerdict.PASSED if value > limit_fps else LimitVerdict.FAILED
    return LimitResult("fps", limit_fps, value, verdict)
