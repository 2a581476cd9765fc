"""Two configurations that were each measured several times, in runs independent of each other.

What one run cannot show (memory layout, clocks, which neighbours there are) differs from run to
run, and so it is in the spread of their figures, together with the noise within the runs. The
interval comes from that spread alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev, variance

import numpy as np

from ovbench_tui.stats.comparison.cliffs_delta import cliffs_delta
from ovbench_tui.stats.comparison.location import locate
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.stats.comparison.student_t import t_quantile
from ovbench_tui.stats.run_stats import Comparison


def compare_repeats(
    figure: str,
    baseline: Sequence[float],
    values: Sequence[float],
    confidence: float = 0.95,
    *,
    margin: float = EQUAL_MARGIN,
) -> Comparison:
    """Compare the figures of several runs with those of several runs of a baseline.

    Welch's t interval of the difference of the mean logarithms, with the degrees of freedom of
    Welch and Satterthwaite (Welch 1947, "The generalization of 'Student's' problem when several
    different population variances are involved", Biometrika 34). Where one side has a single
    run, it is taken to spread as the other side's do.

    Args:
        baseline, values: the figure of each run; one that is not known or 0 is left out.
        margin: what counts as equal, as a fraction.
    """
    sides = [[math.log(one) for one in side if 0 < one < math.inf] for side in (baseline, values)]
    runs = min(len(side) for side in sides)
    base, value = (math.exp(fmean(side)) if side else math.nan for side in sides)
    ratio = value / base
    low = high = math.nan
    reason = _reason(sides)
    if not reason:
        error, freedom = _error(sides)
        half = t_quantile(confidence, freedom) * error if error else 0.0
        low, high = ratio * math.exp(-half), ratio * math.exp(min(half, 700.0))
    return Comparison(
        figure=figure,
        ratio=ratio,
        low=low,
        high=high,
        confidence=confidence,
        windows=0,
        baseline=base,
        value=value,
        delta=cliffs_delta(*(np.array(side) for side in sides)),
        reason=reason,
        runs=runs,
        margin=margin,
    )


def _reason(sides: Sequence[Sequence[float]]) -> str:
    if not all(sides):
        return "nothing completed in one of the two"
    return "" if max(len(side) for side in sides) > 1 else "one run of each shows no spread"


def _error(sides: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Standard error of the difference of the means, and its degrees of freedom."""
    counts = [len(side) for side in sides]
    if min(counts) == 1:
        several = max(sides, key=len)
        return math.sqrt(variance(several) * sum(1 / count for count in counts)), max(counts) - 1
    squares = [variance(side) / count for side, count in zip(sides, counts, strict=True)]
    if not sum(squares):
        return 0.0, 1.0
    parts = [square**2 / (count - 1) for square, count in zip(squares, counts, strict=True)]
    return math.sqrt(sum(squares)), sum(squares) ** 2 / sum(parts)


@dataclass(frozen=True, slots=True)
class RepeatedFigure:
    """A figure of several independent runs of one configuration.

    Attributes:
        runs: in which it is known.
        value: the centre of their figures; NaN where there is none.
        low, high: the ends of its interval; NaN for fewer than two runs.
        spread: standard deviation between runs, as a fraction; NaN likewise.
    """

    runs: int = 0
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    spread: float = math.nan


def repeated(values: Sequence[float], confidence: float = 0.95) -> RepeatedFigure:
    """Put the figures of several runs together, by their logarithms (see `locate`)."""
    logs = [math.log(one) for one in values if 0 < one < math.inf]
    if len(logs) < 2:
        return RepeatedFigure(len(logs), math.exp(logs[0])) if logs else RepeatedFigure()
    found = locate(logs, confidence)
    low, mid, high = (math.exp(min(end, 700.0)) for end in (found.low, found.mid, found.high))
    return RepeatedFigure(len(logs), mid, low, high, stdev(logs))
