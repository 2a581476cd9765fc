"""Means of resampled series whose neighbours are alike: the circular block bootstrap.

Blocks of neighbours are drawn, not single values, so that a resample keeps what neighbours
have in common (Politis & Romano 1992, "A circular block-resampling procedure for stationary
data").
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

_LEAST_LAGS = 5
_BAND = 2.0
_CONSTANT = 1e-12
"""Of the values: less is rounding."""


def block_length(values: npt.NDArray[np.float64]) -> int:
    """Choose the length of the blocks from the series' own autocorrelation.

    The rule is that of Politis & White (2004), "Automatic block-length selection for the
    dependent bootstrap", Econometric Reviews 23, with the correction of Patton, Politis &
    White (2009), Econometric Reviews 28, for the circular bootstrap: with the autocorrelations
    R(k), weighted by a flat-top window up to twice the lag after which none stands out,
    b = (2 G^2 / D)^(1/3) n^(1/3), G = sum of |k| R(k), D = 4/3 (sum of R(k))^2.

    Args:
        values: [n], n of 2 or more.

    Returns:
        From 1 to a third of n, and at most 3 sqrt(n).
    """
    count = values.size
    correlations = _correlations(values, _most_lags(count))
    if correlations is None:
        return 1
    half = _last_lag(np.abs(correlations), count)
    lags = np.arange(1, min(2 * half, correlations.size - 1) + 1)
    weights = np.minimum(1.0, 2.0 * (1.0 - lags / (2 * half))) * correlations[lags]
    long_run = 1.0 + 2.0 * weights.sum()
    slope = 2.0 * (lags * weights).sum()
    most = max(1, math.ceil(min(3 * math.sqrt(count), count / 3)))
    if long_run <= 0:
        return 1
    length: float = (2 * slope**2 / (4 / 3 * long_run**2)) ** (1 / 3) * count ** (1 / 3)
    return min(max(1, math.ceil(length)), most)


def resampled_means(
    values: npt.NDArray[np.float64], block: int, resamples: int, random: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Mean of each resample, [resamples].

    Args:
        values: [n]; the series is closed to a ring, so that each value is drawn as often.
        block: length of the blocks; the last of a resample is cut, so that n values are drawn.
    """
    count = values.size
    whole, rest = divmod(count, block)
    # Sums of blocks are differences of running sums, so nothing as large as n x resamples is made.
    running = np.concatenate(([0.0], np.cumsum(np.concatenate((values, values[:block])))))
    sums = np.zeros(resamples)
    if whole:
        starts = random.integers(0, count, (whole, resamples), dtype=np.int32)
        sums += (running[block:] - running[:-block])[starts].sum(axis=0)
    if rest:
        starts = random.integers(0, count, resamples, dtype=np.int32)
        sums += running[starts + rest] - running[starts]
    return sums / count


def _most_lags(count: int) -> int:
    return min(count - 1, math.ceil(math.sqrt(count)) + _quiet_lags(count))


def _quiet_lags(count: int) -> int:
    """Lags in a row that must not stand out."""
    return max(_LEAST_LAGS, math.ceil(math.sqrt(math.log10(count))))


def _correlations(values: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.float64] | None:
    """Biased autocorrelations of the lags 0 to `most`; None where nothing varies."""
    centred = values - values.mean()
    largest = float(np.abs(centred).max())
    if largest <= _CONSTANT * float(np.abs(values).max()):
        return None
    centred /= largest
    products = [centred[lag:] @ centred[: centred.size - lag] for lag in range(most + 1)]
    correlations: npt.NDArray[np.float64] = np.array(products) / products[0]
    return correlations


def _last_lag(correlations: npt.NDArray[np.float64], count: int) -> int:
    """The lag after which the next few all lie within the band of noise; 1 or more."""
    standing_out = correlations >= _BAND * math.sqrt(math.log10(count) / count)
    quiet = _quiet_lags(count)
    for lag in range(1, correlations.size - quiet):
        if not standing_out[lag + 1 : lag + 1 + quiet].any():
            return lag
    found = np.flatnonzero(standing_out[1:])
    return int(found[-1]) + 1 if found.size else 1
