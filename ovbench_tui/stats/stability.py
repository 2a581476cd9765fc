"""The verdict on a run: windows one after the other, and whether they agree."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.histogram import LogHistogram
from ovbench_tui.stats.run_stats import Verdict
from ovbench_tui.stats.sample_size import inferences_needed
from ovbench_tui.stats.trend import Trend, trend_of

FPS_TOLERANCE = 0.10
"""perf_analyzer's 10 %, here about the mean, for its windows take 5 s and these 2 s. In three
runs of mobilenet-v2 on an idle machine of two virtual CPUs, windows of 2 s varied by 5, 5 and
9 % (standard deviation); three in a row stayed within 10 % in 100, 94 and 61 % of all cases,
within 5 % in 59, 83 and 28 %."""

P99_TOLERANCE = 0.20
"""In the same runs the p99 of some 800 inferences varied by 8 %; three in a row were always
within 20 %, and within 10 % in 60 to 90 % of all cases. The 99th percentile of 662 random
numbers alone varies by 4 % where latencies spread by 30 %, by 9 % where they spread by 60 %."""

_WINDOW_S = 2.0
_WINDOW_COUNT = 10
_P99_COUNT = inferences_needed(99)
_AGREE_AT_FIRST = 3
_FPS_AGREE_AGAIN = 8
_P99_AGREE_AGAIN = 5
"""Windows for p99 are longer, so fewer must agree."""

_JUDGED = 5
_STRAY_WINDOWS = 2
_KEPT = 60
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
        fps_cv: coefficient of variation of the FPS of the last windows, at most 60.
        p99_cv: the same of their p99.
        fps_change: how far FPS has drifted over `span_s`; negative = a fall. Known only
            while the verdict is drifting.
        fps_lately: mean of the last five windows.
        windows: closed so far in this run, for FPS; `p99_windows` for p99.
        window_s: length of the last window.
        since_s: begin of the oldest window that was looked at; `span_s` from there on.
        is_fps_steady: None = too few windows to tell; `is_p99_steady` likewise.
        silent_s: seconds without a completion where there should have been some, else 0.
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


class StabilityMonitor:
    """Cuts a run into windows and judges the last of them, in constant memory.

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
        self._window_count = max(_WINDOW_COUNT, 2 * self._at_once)
        self.reset()

    def reset(self) -> None:
        """Forget everything: the statistics begin again."""
        self._fps = _Steadiness(FPS_TOLERANCE, _FPS_AGREE_AGAIN)
        self._p99 = _Steadiness(P99_TOLERANCE, _P99_AGREE_AGAIN)
        self._middles_s: deque[float] = deque(maxlen=_KEPT)
        self._begins_s: deque[float] = deque(maxlen=_KEPT)
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
        self._latencies = LogHistogram()
        self._latency_count = 0

    def add(
        self,
        times_s: npt.NDArray[np.float64],
        latencies_ms: npt.NDArray[np.float64],
        dropped: int = 0,
    ) -> None:
        """Add completions in order of time, shapes [n]; `dropped` came before them unseen."""
        if self._begin_s is not None:
            self._count += dropped
        first = 0
        while first < times_s.size:
            if self._begin_s is None:
                first = self._begin(times_s, first)
                continue
            closing = max(
                int(np.searchsorted(times_s, self._opened_s + _WINDOW_S)),
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
        silent_s = now_s - float(self._last_times_s[-1])
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
        self._middles_s.append((begin_s + end_s) / 2)
        self._begins_s.append(begin_s)
        self._fps.add(self._count * self._batch / self._window_s)
        self._begin_s = end_s
        self._opened_s = float(self._last_times_s[-1])
        self._count = 0
        if self._latency_count >= _P99_COUNT:
            self._p99.add(self._latencies.percentiles_ms((99.0,))[0])
            self._p99_windows += 1
            self._latencies = LogHistogram()
            self._latency_count = 0
        self._drift = self._look_for_drift()
        self._finding = self._find(end_s)

    def _find(self, end_s: float) -> Finding:
        return Finding(
            verdict=self._verdict(),
            fps_cv=self._fps.cv,
            p99_cv=self._p99.cv,
            fps_change=self._drift.change if self._drift else math.nan,
            fps_lately=self._fps.lately,
            windows=self._windows,
            p99_windows=self._p99_windows,
            window_s=self._window_s,
            since_s=self._begins_s[0],
            span_s=end_s - self._begins_s[0],
            is_fps_steady=self._fps.is_steady,
            is_p99_steady=self._p99.is_steady,
        )

    def _verdict(self) -> Verdict:
        if self._fps.is_steady is None:
            return Verdict.WARMING_UP
        if self._drift is not None:
            return Verdict.DRIFTING
        is_steady = self._fps.is_steady and self._p99.is_steady is not False
        return Verdict.STABLE if is_steady else Verdict.UNSTABLE

    def _look_for_drift(self) -> Trend | None:
        """Return the trend of FPS where there is one that goes on and can be told from noise."""
        if len(self._fps.values) < _TREND_WINDOWS or not _ends_differ(self._fps.values):
            return None
        times_s = np.array(self._middles_s)
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


class _Steadiness:
    """Whether the windows of one figure agree; slow to change its mind.

    Steady at first when three in a row are within the tolerance of their mean, as with
    perf_analyzer. Later one stray window is not enough to lose that: two of the last five
    must lie outside the tolerance of their median; and to win it back `agree_again` must agree.
    """

    def __init__(self, tolerance: float, agree_again: int) -> None:
        self._tolerance = tolerance
        self._agree_again = agree_again
        self._values: deque[float] = deque(maxlen=_KEPT)
        self.is_steady: bool | None = None

    @property
    def values(self) -> list[float]:
        """The last windows, oldest first."""
        return list(self._values)

    @property
    def cv(self) -> float:
        """Sample standard deviation over mean; NaN where there are fewer than three windows."""
        values = self._values
        if len(values) < _AGREE_AT_FIRST:
            return math.nan
        mean = sum(values) / len(values)
        squares = sum((value - mean) ** 2 for value in values)
        return math.sqrt(squares / (len(values) - 1)) / mean if mean else math.nan

    @property
    def lately(self) -> float:
        """Mean of the last five windows; NaN where there is none."""
        values = self.values[-_JUDGED:]
        return sum(values) / len(values) if values else math.nan

    def add(self, value: float) -> None:
        """Judge again with one more window."""
        self._values.append(value)
        if self.is_steady:
            self.is_steady = self._strays() < _STRAY_WINDOWS
        elif self._do_agree(_AGREE_AT_FIRST if self.is_steady is None else self._agree_again):
            self.is_steady = True
        elif len(self._values) >= _JUDGED:
            self.is_steady = False

    def _do_agree(self, count: int) -> bool:
        values = self.values[-count:]
        if len(values) < count:
            return False
        mean = sum(values) / count
        return all(abs(value - mean) <= self._tolerance * mean for value in values)

    def _strays(self) -> int:
        values = sorted(self.values[-_JUDGED:])
        middle = values[len(values) // 2]
        return sum(abs(value - middle) > self._tolerance * middle for value in values)
