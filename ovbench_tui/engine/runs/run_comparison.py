"""Comparing the runs of a session with one of them, a little at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.comparison.compare import compare
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.stats.run_stats import Comparison, RunSeries

AGAIN_AFTER_S = 4.0
"""A run that goes on is compared again after so long: its figures hardly move faster."""

_SPENT_AT_MOST_S = 0.008
_WINDOWS = 160
_RESAMPLES = 400
"""Enough for one decimal of a percent; what is written down is compared more thoroughly."""

Compare = Callable[[RunSeries, RunSeries, str], Comparison]
SeriesOf = Callable[[int], RunSeries]


@dataclass(frozen=True, slots=True)
class _Known:
    comparison: Comparison
    made_s: float
    is_final: bool


class RunComparer:
    """Keeps the comparisons that were asked for; those between finished runs are made once.

    Each call makes what is missing until its time is up, one at least, and then again the one
    with the running run that is the oldest. The screen's thread calls, so a call must be short.

    Args:
        compare_two: of a baseline, a run and a figure.
        margin: what counts as equal, as a fraction.
    """

    def __init__(self, compare_two: Compare | None = None, *, margin: float = EQUAL_MARGIN) -> None:
        self._compare = compare_two or partial(compare_briefly, margin=margin)
        self._known: dict[tuple[int, int, str], _Known] = {}

    def against(
        self,
        baseline_id: int,
        figure: str,
        models: Sequence[tuple[int, str]],
        series_of: SeriesOf,
        now_s: float,
    ) -> tuple[tuple[int, Comparison], ...]:
        """Compare runs of the baseline's model with the baseline.

        Args:
            models: number and model of each run, the one that may still go on last.
            series_of: a run over time, by its number.
        """
        model_of = dict(models)
        if baseline_id not in model_of:
            return ()
        going_on = models[-1][0]
        keys = [
            (baseline_id, run_id, figure)
            for run_id, model in models
            if run_id != baseline_id and model == model_of[baseline_id]
        ]
        due = [key for key in keys if self._is_missing(key, going_on)]
        oldest = min(
            (key for key in keys if key not in due and going_on in key[:2]),
            key=lambda key: self._known[key].made_s,
            default=None,
        )
        if oldest is not None and now_s - self._known[oldest].made_s >= AGAIN_AFTER_S:
            due.append(oldest)
        begun_s = perf_counter()
        baseline_series = series_of(baseline_id) if due else RunSeries()
        for key in due:
            comparison = self._compare(baseline_series, series_of(key[1]), figure)
            self._known[key] = _Known(comparison, now_s, going_on not in key[:2])
            if perf_counter() - begun_s >= _SPENT_AT_MOST_S:
                break
        return tuple((key[1], known.comparison) for key in keys if (known := self._known.get(key)))

    def _is_missing(self, key: tuple[int, int, str], going_on: int) -> bool:
        """Never made, or made while one of the two went on that has ended since."""
        known = self._known.get(key)
        return known is None or (not known.is_final and going_on not in key[:2])


def compare_briefly(
    baseline: RunSeries, run: RunSeries, figure: str, *, margin: float = EQUAL_MARGIN
) -> Comparison:
    """Compare in a few milliseconds, for a screen."""
    return compare(
        coarser(baseline, _WINDOWS),
        coarser(run, _WINDOWS),
        figure,
        resamples=_RESAMPLES,
        margin=margin,
    )


def coarser(series: RunSeries, most: int) -> RunSeries:
    """Merge neighbouring windows until there are `most` of them or fewer.

    Counts and frames are summed; mean, p50 and p99 are means of the windows', weighted by their
    counts, as in `SeriesRecorder`. Windows at the end that fill no merged one are left out.
    """
    windows = len(series.counts)
    if windows <= most:
        return series
    merged = -(-windows // most)
    size = windows // merged

    def grouped(values: tuple[float, ...]) -> npt.NDArray[np.float64]:
        return np.array(values[: size * merged], dtype=np.float64).reshape(size, merged)

    counts = grouped(series.counts)

    def weighted(values: tuple[float, ...]) -> tuple[float, ...]:
        known = grouped(values)
        weights = np.where(np.isfinite(known), counts, 0.0)
        sums = (np.where(weights > 0, known, 0.0) * weights).sum(axis=1)
        totals = weights.sum(axis=1)
        return tuple((sums / np.where(totals > 0, totals, np.nan)).tolist())

    return RunSeries(
        step_s=series.step_s * merged,
        counts=tuple(counts.sum(axis=1).astype(np.int64).tolist()),
        frames=tuple(grouped(series.frames).sum(axis=1).astype(np.int64).tolist()),
        mean_ms=weighted(series.mean_ms),
        p50_ms=weighted(series.p50_ms),
        p99_ms=weighted(series.p99_ms),
    )
