"""Coarse logarithmic bins of latency, small enough to keep one set for every column of time."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

LOWEST_MS = 1e-3
PER_DECADE = 30
BINS = 8 * PER_DECADE
"""From 1 µs to 100 s; neighbouring edges differ by 8 %. What lies outside is in an end bin.

With 30 bins a decade, bins 9 and 21 begin within 0.3 % of 2 and 5: rows of them have round edges.
"""

ROUND_BINS = {0: 1, 9: 2, 21: 5}
"""Bins of a decade that begin at 1, 2 and 5."""

_LOG_LOWEST = math.log10(LOWEST_MS)


def lower_edge_ms(number: float) -> float:
    """The lower edge of a bin, in ms."""
    return float(10.0 ** (_LOG_LOWEST + number / PER_DECADE))


def round_edge_ms(number: int) -> float:
    """As `lower_edge_ms`, and exactly 1, 2 or 5 times a power of ten where that is meant."""
    decade, place = divmod(number, PER_DECADE)
    if place in ROUND_BINS:
        return float(ROUND_BINS[place] * 10.0 ** (decade + round(_LOG_LOWEST)))
    return lower_edge_ms(number)


_INNER_EDGES_MS = np.array([round_edge_ms(number) for number in range(1, BINS)])


def bin_counts(ordered_ms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Count values into the bins; shape [n] in, rising, [`BINS`] out.

    Finding the edges among the values takes one call of numpy, and logarithms take six.
    """
    below = ordered_ms.searchsorted(_INNER_EDGES_MS)
    counts = np.empty(BINS, dtype=np.int64)
    counts[:-1] = below
    counts[-1] = ordered_ms.size
    counts[1:] -= below
    return counts
