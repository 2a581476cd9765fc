"""How two runs differ, with an interval that also holds for what runs differ by themselves.

Neighbouring windows are alike, so the interval comes from a block bootstrap. That alone is too
sure of itself: machines also change from minute to minute (clocks, neighbours, memory layout),
which shows between runs and hardly within one. Of such noise, with as much power in each octave
of time (flicker noise), any stretch of a run shows as much as two runs do. So each run is cut
into 3, 4 and 8 parts, and the interval is widened to what these differ by, scaled to whole runs
as for flicker noise.

Where the windows are so alike that they stand for two independent ones or fewer, the run is too
short to show how it varies, and nothing is decided. What shows only between runs is in no run:
for that see `repeats`.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.comparison.block_bootstrap import block_length, resampled_means
from ovbench_tui.stats.comparison.cliffs_delta import cliffs_delta
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.stats.comparison.student_t import t_quantile
from ovbench_tui.stats.run_stats import Comparison, RunSeries
from ovbench_tui.stats.timeseries.series import STEP_S

FIGURES = ("fps", "p50_ms", "p99_ms")
LEAST_WINDOWS = 8
"""With fewer nothing can be said of how a run varies."""

LEAST_COUNT_P99 = 20
"""Inferences in a window below which its p99 is nothing but its maximum of a handful."""

_LEAST_INDEPENDENT = 3.0
"""Windows that a run's are worth. With fewer, noise that takes 2.4 s to change told alike runs of
2 and 3 s apart in 23 and 21 % of all cases; with this limit it is 2 and 4 %."""

_MOST_ALIKE = 0.99
_ROUNDING = 1e-12
_PARTS = (3, 4, 8)
_WIDEST = 20.0
"""Of half an interval of a logarithm: a factor of some hundred million."""
_P99_ALIKE = 1.5
"""Beyond that the percentiles lie further apart than noise: for normal latencies, 0.14 of their
standard deviation."""
_KNOWN_FREEDOM = 6
"""Of a spread from some ten runs: their successive differences overlap."""

_Floats = npt.NDArray[np.float64]


def compare(
    baseline: RunSeries,
    run: RunSeries,
    figure: str = "fps",
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
    run_to_run: float = 0.0,
    margin: float = EQUAL_MARGIN,
) -> Comparison:
    """Compare one figure of a run with a baseline's.

    FPS is all frames over all time. p50 and p99 are the means of the windows' p50 and p99, so
    p99 is not that of the whole run: a short burst weighs as much as it lasts.

    Args:
        figure: one of `FIGURES`.
        confidence: of the interval, as a fraction.
        resamples: of the bootstrap; the same `seed` gives the same interval.
        run_to_run: what runs of one configuration are known to differ by: the standard deviation
            of the figure's logarithm; 0 = not known.
        margin: what counts as equal, as a fraction.

    Returns:
        NaN for the interval, and why, where the runs cannot bear one; 0 to infinity, and why,
        where they vary too slowly to tell anything.
    """
    if figure not in FIGURES:
        raise ValueError(f"{figure} is none of {', '.join(FIGURES)}")
    ours, theirs = _values(run, figure), _values(baseline, figure)
    windows = min(ours.size, theirs.size)
    value, base = mean_of(run, figure), mean_of(baseline, figure)
    ratio = value / base if base > 0 else math.nan
    reason = _reason(baseline, run, figure, windows, ratio)
    low = high = math.nan
    if not reason and (too_alike := _too_alike((ours, theirs), (run, baseline))):
        reason, low, high = too_alike, 0.0, math.inf
    if not reason:
        random = np.random.default_rng(seed)
        means = [
            resampled_means(side, block_length(side), resamples, random) for side in (ours, theirs)
        ]
        tail = (1 - confidence) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = np.quantile(np.log(means[0] / means[1]), (tail, 1 - tail))
        middle = math.log(ratio)
        half = max(
            _half_width(ours, theirs, confidence),
            _correlated_half(ours, theirs, confidence),
            _known_half(run_to_run, confidence),
        )
        if np.isfinite(ends).all() and half < _WIDEST:
            low = math.exp(min(float(ends[0]), middle - half))
            high = math.exp(max(float(ends[1]), middle + half))
        else:
            reason = "one of the two hardly ran for long stretches"
    return Comparison(
        figure=figure,
        ratio=ratio,
        # Taken from logarithms, each is rounded for itself.
        low=min(low, ratio),
        high=max(high, ratio),
        confidence=confidence,
        windows=windows,
        baseline=base,
        value=value,
        delta=cliffs_delta(theirs, ours),
        reason=reason,
        margin=margin,
        seconds=min(len(side.counts) * side.step_s for side in (run, baseline)),
    )


def log_spread(figures: _Floats) -> float:
    """Standard deviation of the logarithm between runs of one configuration, for `run_to_run`.

    From the differences of successive runs, so that what changed slowly over days counts little;
    NaN for fewer than two.

    Args:
        figures: one of each run, above 0, in order of time, [n].
    """
    if figures.size < 2:
        return math.nan
    steps = np.diff(np.log(figures))
    return float(np.sqrt((steps**2).mean() / 2))


def mean_of(series: RunSeries, figure: str) -> float:
    """What `compare` compares: the mean over the windows; NaN where there is none."""
    values = _values(series, figure)
    return float(values.mean()) if values.size else math.nan


def _values(series: RunSeries, figure: str) -> _Floats:
    """The windows in which the figure is known."""
    if figure == "fps":
        return np.array(series.frames, dtype=np.float64) / (series.step_s or math.nan)
    values = np.array(getattr(series, figure), dtype=np.float64)
    return values[np.isfinite(values)]


def _reason(baseline: RunSeries, run: RunSeries, figure: str, windows: int, ratio: float) -> str:
    if windows < LEAST_WINDOWS:
        least_s = LEAST_WINDOWS * max(baseline.step_s, run.step_s, STEP_S)
        few = "1 window is" if windows == 1 else f"{windows} windows are"
        return f"{few} too few, measure {least_s:g} s or longer"
    if not (math.isfinite(ratio) and ratio > 0):
        return "nothing completed in one of the two"
    if figure == "p99_ms":
        counts = [_counts(series) for series in (baseline, run)]
        if min(float(np.median(count)) for count in counts) < LEAST_COUNT_P99:
            return f"fewer than {LEAST_COUNT_P99} inferences in {STEP_S:g} s are too few for a p99"
        beyond = [_beyond_p99(count) for count in counts]
        if max(beyond) > _P99_ALIKE * min(beyond):
            return (
                "so few inferences, of one far fewer than of the other, make their p99"
                " different percentiles"
            )
    return ""


def _counts(series: RunSeries) -> _Floats:
    """Latencies behind each percentile: merged windows hold those of several parts."""
    parts = max(1, round(series.step_s / STEP_S))
    counts = np.array(series.counts, dtype=np.float64) / parts
    return counts[np.isfinite(np.array(series.p99_ms, dtype=np.float64))]


def _beyond_p99(counts: _Floats) -> float:
    """Share of all latencies that the windows' nearest-rank p99 leaves above it, expected."""
    ranks = np.ceil(np.round(0.99 * counts, 6))
    return float((1 - ranks / (counts + 1)).mean())


def _half_width(ours: _Floats, theirs: _Floats, confidence: float) -> float:
    """Half an interval of the ratio's logarithm, from what parts of each run differ by.

    In flicker noise the variance of `parts` neighbouring means is their Allan variance times
    parts ln(parts) / (2 (parts - 1) ln 2), whatever the length of a part (Barnes 1969, "Tables
    of bias functions", NBS Technical Note 375). Two runs one after the other are two such
    means, so their difference varies by twice the Allan variance. In white noise it would be
    less than that.
    """
    widths = []
    for parts in _PARTS:
        variance = (_variance_of_parts(ours, parts) + _variance_of_parts(theirs, parts)) / 2
        bias = parts * math.log(parts) / (2 * (parts - 1) * math.log(2))
        widths.append(t_quantile(confidence, 2 * (parts - 1)) * math.sqrt(2 * variance / bias))
    return max(widths)


def _independent(values: _Floats) -> float:
    """How many independent windows these are worth, as an AR(1) series: n (1 - r) / (1 + r).

    The correlation r of neighbours is estimated too low by (1 + 3 r) / n, which is put right
    (Kendall 1954, "Note on bias in the estimation of autocorrelation", Biometrika 41).
    """
    count = values.size
    errors = values - values.mean()
    squares = float(errors @ errors)
    if squares <= count * (_ROUNDING * float(np.abs(values).max())) ** 2:
        return float(count)
    alike = float(errors[1:] @ errors[:-1]) / squares
    alike = min(max((count * alike + 1) / (count - 3), 0.0), _MOST_ALIKE)
    return count * (1 - alike) / (1 + alike)


def _too_alike(sides: tuple[_Floats, _Floats], runs: tuple[RunSeries, RunSeries]) -> str:
    """Why a run is too short for how slowly it varies; '' = it is not."""
    short = []
    for values, run in zip(sides, runs, strict=True):
        independent = _independent(values)
        if independent < _LEAST_INDEPENDENT:
            lasted_s = values.size * run.step_s
            short.append((lasted_s * 2 * _LEAST_INDEPENDENT / independent, lasted_s))
    if not short:
        return ""
    wanted_s, lasted_s = max(short)  # whichever of the two needs more
    return (
        f"{lasted_s:.3g} s are too short for how slowly a run varies,"
        f" measure {_rounded_up(wanted_s):g} s or longer"
    )


def _rounded_up(seconds: float) -> float:
    """To one digit: it is a rough estimate."""
    step = 10.0 ** math.floor(math.log10(max(seconds, 1.0)))
    return math.ceil(seconds / step) * step


def _correlated_half(ours: _Floats, theirs: _Floats, confidence: float) -> float:
    """Half an interval from the spread of windows that are alike as in an AR(1) series.

    Few windows that are alike spread less than the noise does, by 1 - 1 / independent ones.
    """
    total = weight = 0.0
    for values in (ours, theirs):
        independent = _independent(values)
        relative = float(np.var(values, ddof=1)) / float(values.mean()) ** 2
        square = relative / (1 - 1 / independent) / independent
        total += square
        weight += square**2 / (independent - 1)
    if not total:
        return 0.0
    # Rounded down to tenths: the quantile is kept for the next time.
    freedom = max(1.0, math.floor(10 * total**2 / weight) / 10)
    return t_quantile(confidence, freedom) * math.sqrt(total)


def _variance_of_parts(values: _Floats, parts: int) -> float:
    """Sample variance of the means of equal parts, relative to the whole mean."""
    edges = np.linspace(0, values.size, parts + 1).round().astype(np.int64)
    sums = np.add.reduceat(values, edges[:-1])
    return float(np.var(sums / np.diff(edges), ddof=1)) / float(values.mean()) ** 2


def _known_half(run_to_run: float, confidence: float) -> float:
    """Half an interval for a spread between runs that is known from many of them."""
    if not run_to_run > 0:
        return 0.0
    return t_quantile(confidence, _KNOWN_FREEDOM) * math.sqrt(2) * run_to_run
