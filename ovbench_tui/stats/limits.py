"""Limits that a run must keep, as of a service: judged by its figures as far as they have come."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_fps
from ovbench_tui.console.units import format_duration
from ovbench_tui.stats.rate import FRAMES, TOKENS
from ovbench_tui.stats.sample_size import inferences_needed

if TYPE_CHECKING:
    from ovbench_tui.stats.run_stats import GroupStats, RunStats

_LEAST_S = 1.0
"""Of a run: the rate of less is of a burst."""

_MISSES = 0.01
"""The share of requests that a limit of the p99 lets miss it."""


class LimitVerdict(Enum):
    """Whether a limit is kept."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class LimitResult:
    """A limit and what became of it.

    Attributes:
        figure: ``p99_ms``, ``ttft_p90_ms``, ``tpot_p90_ms``, ``fps`` or ``answers``.
        limit: the rate must be above it, a latency under it, the error of answers at most that.
        value: of the run so far; NaN while there is none.
        reason: why it is undecided, or why it failed whatever the value, in a clause; '' = neither.
        unit: of the run's rate; of tokens the p99 is that of the time per output token.
    """

    figure: str
    limit: float
    value: float
    verdict: LimitVerdict
    reason: str = ""
    unit: str = FRAMES

    @property
    def text(self) -> str:
        """As in ``p99 under 20 ms: failed with 31.20 ms``."""
        if self.figure == "answers":
            off = self.reason or f"off by {self.value:.2g} at most"
            return f"answers within {self.limit:g} of the reference: {self.verdict.value}, {off}"
        is_rate = self.figure == "fps"
        name = _NAMES.get(self.figure, "")
        name = f"TPOT {name}" if name == "p99" and self.unit == TOKENS else name
        what = f"{self.unit} above {self.limit:g}" if is_rate else f"{name} under {self.limit:g} ms"
        if self.reason:
            return f"{what}: {self.verdict.value}, {self.reason}"
        value = format_fps(self.value) if is_rate else format_duration(self.value)
        return f"{what}: {self.verdict.value} with {value.strip()}"


_NAMES = {"p99_ms": "p99", "ttft_p90_ms": "TTFT p90", "tpot_p90_ms": "TPOT p90"}


def judge_limits(
    stats: RunStats,
    *,
    p99_under_ms: float,
    fps_above: float,
    ttft_p90_under_ms: float = 0.0,
    tpot_p90_under_ms: float = 0.0,
) -> tuple[LimitResult, ...]:
    """Judge a run by the limits that it has.

    Args:
        p99_under_ms, fps_above, ttft_p90_under_ms, tpot_p90_under_ms: 0 = no such limit.
    """
    generation = stats.generation
    results = []
    if p99_under_ms:
        results.append(_p99(p99_under_ms, stats))
    for figure, limit_ms, group in (
        ("ttft_p90_ms", ttft_p90_under_ms, generation.ttft if generation else None),
        ("tpot_p90_ms", tpot_p90_under_ms, generation.tpot if generation else None),
    ):
        if limit_ms:
            results.append(_p90(figure, limit_ms, group))
    if fps_above:
        results.append(_rate(stats, fps_above))
    return tuple(replace(result, unit=stats.unit) for result in results)


def worst_of(results: tuple[LimitResult, ...]) -> LimitVerdict | None:
    """The verdict on all of them together; None where there is no limit."""
    order = (LimitVerdict.FAILED, LimitVerdict.UNDECIDED, LimitVerdict.PASSED)
    found = {result.verdict for result in results}
    return next((verdict for verdict in order if verdict in found), None)


def _p99(limit_ms: float, stats: RunStats) -> LimitResult:
    """Of an open loop also those count that were dropped: they have no latency, but missed it."""
    load = stats.load
    if load is not None and load.dropped > _MISSES * load.offered:
        share = load.dropped / load.offered
        reason = f"{share:.1%} of the arrivals were dropped"
        return LimitResult("p99_ms", limit_ms, stats.p99_ms, LimitVerdict.FAILED, reason)
    return _percentile("p99_ms", limit_ms, 99, stats.p99_ms, stats.latency_count)


def _p90(figure: str, limit_ms: float, group: GroupStats | None) -> LimitResult:
    if group is None:
        reason = "this model generates no tokens"
        return LimitResult(figure, limit_ms, math.nan, LimitVerdict.UNDECIDED, reason)
    noun = "requests" if figure == "ttft_p90_ms" else "tokens"
    return _percentile(figure, limit_ms, 90, group.p90_ms, group.count, noun)


def _percentile(
    figure: str,
    limit_ms: float,
    percent: int,
    value_ms: float,
    count: int,
    noun: str = "inferences",
) -> LimitResult:
    missing = inferences_needed(percent) - count
    if math.isnan(value_ms) or missing > 0:
        reason = f"{max(missing, 1):,} more {noun} needed for a p{percent}"
        return LimitResult(figure, limit_ms, value_ms, LimitVerdict.UNDECIDED, reason)
    verdict = LimitVerdict.PASSED if value_ms < limit_ms else LimitVerdict.FAILED
    return LimitResult(figure, limit_ms, value_ms, verdict)


def _rate(stats: RunStats, limit_fps: float) -> LimitResult:
    value = stats.fps_mean if stats.count else math.nan
    if math.isnan(value) or stats.elapsed_s < _LEAST_S:
        reason = f"less than {_LEAST_S:g} s is measured"
        return LimitResult("fps", limit_fps, value, LimitVerdict.UNDECIDED, reason)
    verdict = LimitVerdict.PASSED if value > limit_fps else LimitVerdict.FAILED
    return LimitResult("fps", limit_fps, value, verdict)
