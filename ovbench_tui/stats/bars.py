"""The latencies of a run as bars: a fine histogram read at the edges that a screen has."""

from __future__ import annotations

import math

import numpy as np

from ovbench_tui.stats.histogram import LogHistogram
from ovbench_tui.stats.timeseries.views import LatencyBars

MARKED = (50.0, 90.0, 99.0, 99.9)
_OUTSIDE = 0.0005
_NEAR = 1.5


def latency_bars(
    histogram: LogHistogram, run_id: int, bars: int, *, is_log: bool = True
) -> LatencyBars | None:
    """Spread a histogram over `bars` bars; None while it is empty.

    The scale leaves out a half per mille at either end where that makes it much shorter; what
    is left out is counted. A bar narrower than a bin of the histogram gets its share of it.
    """
    frozen = histogram.frozen()
    if not frozen.counts.size or bars < 1:
        return None
    lower_ms, upper_ms = frozen.edges_ms()
    filled = np.cumsum(frozen.counts)
    count = int(filled[-1])
    x = np.column_stack((lower_ms, upper_ms)).ravel()
    y = np.column_stack((filled - frozen.counts, filled)).ravel().astype(np.float64)
    low_ms, high_ms = float(lower_ms[0]), float(upper_ms[-1])
    usual_low_ms = float(lower_ms[np.searchsorted(filled, count * _OUTSIDE)])
    usual_high_ms = float(upper_ms[np.searchsorted(filled, count * (1 - _OUTSIDE))])
    if high_ms > usual_high_ms * _NEAR:
        high_ms = usual_high_ms
    if low_ms < usual_low_ms / _NEAR:
        low_ms = usual_low_ms
    if is_log:
        edges_ms = np.exp(np.linspace(math.log(low_ms), math.log(high_ms), bars + 1))
    else:
        edges_ms = np.linspace(low_ms, high_ms, bars + 1)
    edges_ms[0], edges_ms[-1] = low_ms, high_ms
    until = np.interp(edges_ms, x, y)
    return LatencyBars(
        run_id=run_id,
        count=count,
        is_log=is_log,
        low_ms=low_ms,
        high_ms=high_ms,
        bars=tuple(np.diff(until).tolist()),
        marks=tuple(zip(MARKED, histogram.percentiles_ms(MARKED), strict=True)),
        below=round(float(until[0])),
        above=count - round(float(until[-1])),
    )
