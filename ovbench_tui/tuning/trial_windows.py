"""The measurement of one configuration, as short windows, and how sure its figures are."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.stats.comparison.student_t import t_quantile
from ovbench_tui.stats.run_stats import GroupStats, RunStats
from ovbench_tui.tuning.trial_result import Figures, Interval

WINDOW_S = 0.2
_FEWEST = 4
"""Completions in a window."""

_MOST_CORRELATION = 0.7


@dataclass(frozen=True, slots=True)
class _Mark:
    span_s: float
    frames: int
    count: int
    seen: int
    latency_sum_ms: float
    energy_j: float
    requests: int = 0


class TrialWindows:
    """Cuts a run into windows of 0.2 s or more, from its figures as they grow.

    A window holds at least 4 completions, or one from each of the requests that may complete
    together, so that a slow model's windows grow. Of a model that generates tokens it holds as
    many whole requests as there are at once, since prompt and tokens take turns in each.
    """

    def __init__(self, effective: EffectiveConfig) -> None:
        self._unit = effective.unit
        self._fewest = max(_FEWEST, effective.running_at_once)
        self._fewest_requests = effective.nireq if effective.generates else 0
        self._begin: _Mark | None = None
        self._mark: _Mark | None = None
        self._stats: RunStats | None = None
        self._rates: list[float] = []
        self._latencies_ms: list[float] = []

    def add(self, stats: RunStats, energy_j: float = math.nan) -> bool:
        """Take the run's figures so far; tells whether a window was closed.

        Args:
            energy_j: a counter of joules; NaN where there is none.
        """
        if self._fewest_requests and (self._mark is None or stats.count < self._mark.count):
            # With the first prompt, whose time would else be in no window.
            self._begin_with(_Mark(0.0, 0, 0, 0, 0.0, energy_j))
        if not stats.count or not stats.fps_mean > 0:
            return False
        # The span that the mean FPS stands for ends at a completion, not at any moment.
        seen = stats.latency_count
        generation = stats.generation
        now = _Mark(
            span_s=stats.frames / stats.fps_mean,
            frames=stats.frames,
            count=stats.count,
            seen=seen,
            latency_sum_ms=stats.mean_ms * seen if seen else 0.0,
            energy_j=energy_j,
            requests=generation.request.count if generation else 0,
        )
        mark = self._mark
        if mark is None or now.count < mark.count:
            self._begin_with(now)
            return False
        span_s = now.span_s - mark.span_s
        if span_s < WINDOW_S or now.count - mark.count < self._fewest:
            return False
        if now.requests - mark.requests < self._fewest_requests:
            return False
        self._rates.append((now.frames - mark.frames) / span_s)
        if now.seen > mark.seen:
            latency_ms = (now.latency_sum_ms - mark.latency_sum_ms) / (now.seen - mark.seen)
            self._latencies_ms.append(latency_ms)
        self._mark, self._stats = now, stats
        return True

    def _begin_with(self, mark: _Mark) -> None:
        self._begin = self._mark = mark
        self._rates.clear()
        self._latencies_ms.clear()

    @property
    def figures(self) -> Figures:
        """What the closed windows tell."""
        begin, mark, stats = self._begin, self._mark, self._stats
        if begin is None or mark is None or stats is None or not self._rates:
            return Figures(unit=self._unit)
        seconds = mark.span_s - begin.span_s
        fps = (mark.frames - begin.frames) / seconds
        generation = stats.generation
        return Figures(
            fps=around(fps, relative_half_width(self._rates)),
            # The windows' mean latencies tell how much a run's latency wavers, drift included;
            # the median wavers less.
            p50_ms=around(stats.p50_ms, relative_half_width(self._latencies_ms)),
            p99_ms=p99_interval(stats),
            seconds=seconds,
            windows=len(self._rates),
            watts=(mark.energy_j - begin.energy_j) / seconds,
            ttft_p90_ms=p90_interval(generation.ttft) if generation else Interval(),
            tpot_p90_ms=p90_interval(generation.tpot) if generation else Interval(),
            unit=self._unit,
            load=stats.load,
            over_limit=stats.over_limit,
        )


def around(mid: float, half_width: float) -> Interval:
    """An interval by its middle and its relative half-width."""
    if math.isnan(mid) or not math.isfinite(half_width):
        return Interval(mid=mid)
    return Interval(mid * (1 - half_width), mid, mid * (1 + half_width))


def relative_half_width(windows: Sequence[float]) -> float:
    """Half the 95 % interval of the mean, over the mean; infinite for fewer than 3 windows.

    Student's t. Neighbouring windows are alike where the machine wavers slowly, so the error
    is widened by their correlation r, as for an autoregressive series: sqrt((1 + r) / (1 - r)).
    """
    count = len(windows)
    if count < 3:
        return math.inf
    mean = sum(windows) / count
    if not mean > 0:
        return math.inf
    errors = [value - mean for value in windows]
    squares = sum(error * error for error in errors)
    if not squares:
        return 0.0
    alike = sum(one * other for one, other in itertools.pairwise(errors)) / squares
    alike = min(max(alike, 0.0), _MOST_CORRELATION)
    deviation = math.sqrt(squares / (count - 1) / count * (1 + alike) / (1 - alike))
    return t_quantile(0.95, count - 1) * deviation / mean


def p99_interval(stats: RunStats) -> Interval:
    """The p99 and its 95 % interval; see `_percentile_interval`."""
    known = (
        (50.0, stats.p50_ms),
        (90.0, stats.p90_ms),
        (95.0, stats.p95_ms),
        (99.0, stats.p99_ms),
        (99.9, stats.p999_ms),
    )
    return _percentile_interval(99.0, known, stats.max_ms, stats.latency_count)


def p90_interval(group: GroupStats) -> Interval:
    """The p90 and its 95 % interval; see `_percentile_interval`."""
    known = ((50.0, group.p50_ms), (90.0, group.p90_ms), (99.0, group.p99_ms))
    return _percentile_interval(90.0, known, group.max_ms, group.count)


def _percentile_interval(
    percent: float, known: Sequence[tuple[float, float]], max_ms: float, count: int
) -> Interval:
    """A percentile and its 95 % interval by the order statistics around its rank.

    The rank of the share p among n wavers by sqrt(n * p * (1 - p)). Between the percentiles that
    are known, latency is taken as linear in the logarithm of the share above it.

    Args:
        known: ascending percents, from 50 on, and their latencies; `percent` is one of them.
        count: latencies behind them.
    """
    value_ms = dict(known)[percent]
    if count < 2 or math.isnan(value_ms):
        return Interval()
    share = percent / 100
    wavers = 100 * t_quantile(0.95, math.inf) * math.sqrt(share * (1 - share) / count)
    low = _latency_at(max(50.0, percent - wavers), known)
    is_beyond = percent + wavers > known[-1][0]
    high = max_ms if is_beyond else _latency_at(percent + wavers, known)
    return Interval(low, value_ms, max(high, value_ms))


def _latency_at(percent: float, known: Sequence[tuple[float, float]]) -> float:
    for (below, low_ms), (above, high_ms) in itertools.pairwise(known):
        if percent <= above:
            part = math.log((100 - below) / (100 - percent)) / math.log(
                (100 - below) / (100 - above)
            )
            return low_ms + part * (high_ms - low_ms)
    return known[-1][1]
