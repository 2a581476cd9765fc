"""The verdict on a run: windows one after the other, and whether they agree."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.histogram import LogHistogram
from ovbench_tui.stats.sample_size import inferences_needed
from ovbench_tui.stats.stalls import Stalls, StallWatch
from ovbench_tui.stats.steadiness import Steadiness, Steady, Verdict
from ovbench_tui.stats.steps import Step, find_step

FPS_TOLERANCE = 0.10
"""perf_analyzer's 10 %, here about the mean, for its windows take 5 s and these 2 s. In three
runs of mobilenet-v2 on an idle machine of two virtual CPUs, windows of 2 s varied by 5, 5 and
9 % (standard deviation); three in a row stayed within 10 % in 100, 94 and 61 % of all cases,
within 5 % in 59, 83 and 28 %."""

P99_TOLERANCE = 0.20
"""In the same runs the p99 of some 800 inferences varied by 8 %; three in a row were always
within 20 %, and within 10 % in 60 to 90 % of all cases. The 99th percentile of 662 random
numbers alone varies by 4 % where latencies spread by 30 %, by 9 % where they spread by 60 %."""

WINDOW_S = 2.0
WINDOW_COUNT = 10
_P99_COUNT = inferences_needed(99)
STALL_SHARE = 0.05
"""Of its time a run may stand still."""

_STEP_WEIGHT = 0.02
"""A step that moves the mean by less is reported, and spoils nothing."""

_MOST_AT_ONCE = 256
_SILENCE_S = 3.0

_TREND_WINDOWS = 10
_TREND_Z = 2.58
_TREND_TAU = 0.5
_TREND_CHANGE = 0.05
_TREND_TO_SCATTER = 2.0
_TREND_HALF = 0.2
_LOOSER = 0.6


@dataclass(frozen=True, slots=True)
class Finding:
    """What the windows of a run show; ratios are fractions, NaN = not known yet.

    Attributes:
        fps_cv: coefficient of variation of the FPS of all windows, as the verdict is of all and
            the mean, too.
        p99_cv: the same of their p99.
        fps_change: how far FPS has drifted over `span_s`; negative = a fall. Known only
            while the verdict is drifting.
        fps_lately: mean of the last five windows.
        windows: closed so far in this run, for FPS; `p99_windows` for p99.
        window_s: length of the last window.
        since_s: begin of the first window; `span_s` from there on.
        is_fps_steady: None = too few windows to tell; `is_p99_steady` likewise.
        silent_s: seconds without a completion where there should have been some, else 0.
        stalls: where the run stood still between completions.
        step: where FPS changed its level at once, at `step_s` from the begin; None = nowhere.
    """

    verdict: Verdict = Verdict.WARMING_UP
    fps_cv: float = math.nan
    p99_cv: float = math.nan
    fps_change: float = math.nan
    fps_lately: float = math.nan
    windows: int = 0
    p99_windows: int = 0
    window_s: float = math.nan
    since_s: float = math.nan
    span_s: float = 0.0
    is_fps_steady: bool | None = None
    is_p99_steady: bool | None = None
    silent_s: float = 0.0
    stalls: Stalls = field(default_factory=Stalls)
    step: Step | None = None
    step_s: float = math.nan

    @property
    def fps(self) -> Steady | None:
        """What FPS does; None = too few windows to tell."""
        if self.is_fps_steady is None:
            return None
        if self.silent_s or self.stalls.share >= STALL_SHARE:
            return Steady.STALLED
        if self.verdict is Verdict.DRIFTING:
            return Steady.DRIFTING
        if self.step is not None and self.step.weight >= _STEP_WEIGHT:
            return Steady.STEPPED
        return Steady.STEADY if self.is_fps_steady else Steady.UNSTEADY

    @property
    def p99(self) -> Steady | None:
        """What p99 does; None = too few windows to tell."""
        if self.is_p99_steady is None:
            return None
        return Steady.STEADY if self.is_p99_steady else Steady.UNSTEADY


class StabilityMonitor:
    """Cuts a run into windows and judges them all, in constant memory.

    A window for FPS lasts at least two seconds and holds at least 10 completions (or twice
    `concurrency`), so that a slow model's windows grow. A window for p99 is made of whole
    windows, and holds as many completions as a p99 needs; a run too slow for that is judged
    by its FPS alone.

    Args:
        batch: frames an inference.
        concurrency: infer requests that run, and may complete, at the same time.
    """

    def __init__(self, batch: float, concurrency: int = 1) -> None:
        self._batch = batch
        self._at_once = max(1, min(concurrency, _MOST_AT_ONCE))
        self._window_count = max(WINDOW_COUNT, 2 * self._at_once)
        self.reset()

    def reset(self) -> None:
        """Forget everything: the statistics begin again."""
        self._fps = Steadiness(FPS_TOLERANCE)
        self._p99 = Steadiness(P99_TOLERANCE)
        self._stalls = StallWatch()
        self._since_s = math.nan
        self._aside_s = 0.0
        self._left_s = math.nan
        self._windows = 0
        self._p99_windows = 0
        self._window_s = math.nan
        self._drift: Trend | None = None
        self._finding = Finding()
        self.interrupt()

    def interrupt(self) -> None:
        """Something else happened (a pause, a compile): no window spans it."""
        self._last_times_s = np.empty(0)
        self._begin_s: float | None = None
        self._opened_s = 0.0
        self._count = 0
        self._restart_latencies()
        self._stalls.interrupt()

    def _restart_latencies(self) -> None:
        self._latencies = LogHistogram()
        self._latency_count = 0
        self._p99_begin_s = math.nan

    def leave(self, time_s: float) -> None:
        """It is another run's turn; after `resume` the windows go on as if no time had passed."""
        self._left_s = time_s

    def resume(self, time_s: float) -> None:
        """It is this run's turn again."""
        if not math.isnan(self._left_s):
            self._aside_s += time_s - self._left_s
            self._left_s = math.nan

    def add(
        self,
        times_s: npt.NDArray[np.float64],
        latencies_ms: npt.NDArray[np.float64],
        dropped: int = 0,
        others_ms: npt.NDArray[np.float64] | None = None,
    ) -> None:
        """Add completions in order of time, shapes [n]; `dropped` came before them unseen.

        Args:
            others_ms: latencies of inferences of another kind that ran in between, which are
                among the dropped; they are only in the way.
        """
        unseen = dropped - (0 if others_ms is None else others_ms.size)
        times_s = times_s - self._aside_s
        if self._begin_s is not None:
            self._count += dropped
        self._stalls.add(times_s, latencies_ms, is_whole=not unseen, others_ms=others_ms)
        first = 0
        while first < times_s.size:
            if self._begin_s is None:
                first = self._begin(times_s, first)
                continue
            closing = max(
                int(times_s.searchsorted(self._opened_s + WINDOW_S)),
                first + self._window_count - self._count - 1,
                first,
            )
            end = min(closing + 1, times_s.size)
            self._remember(times_s[first:end])
            self._count += end - first
            # Single precision is ample for bins of 0.9 %, and its logarithms cost a third.
            part_ms: Any = latencies_ms[first:end].astype(np.float32)
            self._latencies.add(part_ms)
            self._latency_count += end - first
            first = end
            if closing < times_s.size:
                self._close()

    def judge(self, now_s: float) -> Finding:
        """Give the verdict at `now_s`, `perf_counter` seconds as the completions' times."""
        if self._begin_s is None or not self._windows:
            return self._finding
        if not math.isnan(self._left_s):
            return self._finding  # it is not its turn
        silent_s = now_s - self._aside_s - float(self._last_times_s[-1])
        if silent_s <= max(_SILENCE_S, self._window_s):
            return self._finding
        return replace(self._finding, verdict=Verdict.UNSTABLE, silent_s=silent_s)

    def _begin(self, times_s: npt.NDArray[np.float64], first: int) -> int:
        """Take the completions that mark the begin of the first window."""
        end = first + self._at_once - self._last_times_s.size
        self._remember(times_s[first:end])
        if self._last_times_s.size == self._at_once:
            self._begin_s = float(self._last_times_s.mean())
            self._opened_s = float(self._last_times_s[-1])
        return min(end, times_s.size)

    def _remember(self, times_s: npt.NDArray[np.float64]) -> None:
        if times_s.size < self._at_once:
            times_s = np.concatenate((self._last_times_s, times_s))
        self._last_times_s = times_s[-self._at_once :].copy()

    def _close(self) -> None:
        # Requests that run together complete in bursts. The mean time of the last so many
        # completions is the same wherever in a burst the window is cut.
        end_s = float(self._last_times_s.mean())
        begin_s = self._begin_s
        if begin_s is None or not end_s > begin_s:
            return
        self._window_s = end_s - begin_s
        self._windows += 1
        if math.isnan(self._since_s):
            self._since_s = begin_s + self._aside_s
        self._fps.add(self._count * self._batch / self._window_s, begin_s, end_s)
        self._begin_s = end_s
        self._opened_s = float(self._last_times_s[-1])
        self._count = 0
        if math.isnan(self._p99_begin_s):
            self._p99_begin_s = begin_s
        if self._latency_count >= _P99_COUNT:
            self._p99.add(self._latencies.percentiles_ms((99.0,))[0], self._p99_begin_s, end_s)
            self._p99_windows += 1
            self._restart_latencies()
        self._drift = self._look_for_drift()
        self._finding = self._find(end_s)

    def _find(self, end_s: float) -> Finding:
        step = find_step(np.array(self._fps.values)) if self._drift is None else None
        stalls = self._stalls.found
        step_s = math.nan
        if step is not None:
            step_s = float(self._fps.begins_s[step.place]) - float(self._fps.begins_s[0])
        return Finding(
            verdict=self._verdict(step, stalls),
            fps_cv=self._fps.cv,
            p99_cv=self._p99.cv,
            fps_change=self._drift.change if self._drift else math.nan,
            fps_lately=self._fps.lately,
            windows=self._windows,
            p99_windows=self._p99_windows,
            window_s=self._window_s,
            since_s=self._since_s,
            span_s=end_s + self._aside_s - self._since_s,
            is_fps_steady=self._fps.is_steady,
            is_p99_steady=self._p99.is_steady,
            stalls=stalls,
            step=step,
            step_s=step_s,
        )

    def _verdict(self, step: Step | None, stalls: Stalls) -> Verdict:
        if self._fps.is_steady is None:
            return Verdict.WARMING_UP
        if self._drift is not None:
            return Verdict.DRIFTING
        if stalls.share >= STALL_SHARE or (step is not None and step.weight >= _STEP_WEIGHT):
            return Verdict.UNSTABLE
        is_steady = self._fps.is_steady and self._p99.is_steady is not False
        return Verdict.STABLE if is_steady else Verdict.UNSTABLE

    def _look_for_drift(self) -> Trend | None:
        """Return the trend of FPS where there is one that goes on and can be told from noise."""
        if len(self._fps.values) < _TREND_WINDOWS or not _ends_differ(self._fps.values):
            return None
        times_s = np.array(self._fps.middles_s)
        values = np.array(self._fps.values)
        ease = _LOOSER if self._drift is not None else 1.0
        whole = trend_of(times_s, values)
        if (
            abs(whole.z) < _TREND_Z
            or abs(whole.tau) < _TREND_TAU * ease
            or abs(whole.change) < _TREND_CHANGE * ease
            or abs(whole.change) < _TREND_TO_SCATTER * ease * whole.scatter
            or whole.scatter > FPS_TOLERANCE
        ):
            return None
        # A single step is no drift: both halves must take part.
        middle = values.size // 2
        for part in (slice(None, middle), slice(middle, None)):
            half = trend_of(times_s[part], values[part])
            if half.change / whole.change < _TREND_HALF * ease:
                return None
        return whole


def _ends_differ(values: list[float]) -> bool:
    """Whether a trend is worth looking for, which takes longer: thirds that differ a little."""
    third = len(values) // 3
    first, last = sum(values[:third]), sum(values[-third:])
    return abs(last - first) > _TREND_CHANGE * _LOOSER / 2 * first


@dataclass(frozen=True, slots=True)
class Trend:
    """What a series does over its whole length.

    Attributes:
        change: of the fitted line from its first to its last moment, as a fraction of the
            median; negative = a fall.
        tau: Kendall's tau against time, -1 to 1: how monotone the series is.
        z: of the Mann-Kendall test; its size is above 2.58 by chance in 1 % of all series
            without a trend.
        scatter: standard deviation about the line, as a fraction of the median.
    """

    change: float = 0.0
    tau: float = 0.0
    z: float = 0.0
    scatter: float = 0.0


def trend_of(times_s: npt.NDArray[np.float64], values: npt.NDArray[np.float64]) -> Trend:
    """Fit a line by Theil and Sen, and test for a trend by Mann and Kendall.

    Both look at all pairs of windows and at ranks or medians only, so that one window that
    went wrong makes no trend.

    Args:
        times_s: shape [n], rising; values: shape [n]. Fewer than 3 values have no trend.
    """
    count = values.size
    if count < 3:
        return Trend()
    middle = float(np.median(values))
    if not middle:
        return Trend()
    earlier, later = np.triu_indices(count, 1)
    steps = values[later] - values[earlier]
    spans_s = times_s[later] - times_s[earlier]
    slope = float(np.median(steps / np.maximum(spans_s, 1e-9)))
    score = float(np.sign(steps).sum())
    spread = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    about_line = values - slope * times_s
    return Trend(
        change=slope * float(times_s[-1] - times_s[0]) / middle,
        tau=2 * score / (count * (count - 1)),
        z=math.copysign(max(0.0, abs(score) - 1), score) / spread,
        scatter=float(about_line.std()) / abs(middle),
    )
