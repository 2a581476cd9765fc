"""Quantiles of Student's t distribution, which numpy does not have."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_NORMAL_FROM = 1e7
"""Degrees of freedom from which t and the normal distribution agree to seven digits."""

_TINY = 1e-300
_PRECISION = 1e-15
_PRECISION_OF_T = 1e-12
_MOST_TERMS = 10_000
"""The fraction takes some sqrt(freedom) terms."""


@lru_cache(maxsize=1024)
def t_quantile(confidence: float, freedom: float) -> float:
    """How many standard errors to each side hold `confidence` of the distribution.

    The share within t is 1 - I_x(freedom / 2, 1 / 2) with x = freedom / (freedom + t^2), where I
    is the regularised incomplete beta function (Abramowitz & Stegun 26.7.1; DLMF 8.17). It rises
    with t, so t is found by bisection.

    Args:
        confidence: two-sided, above 0 and below 1, as in 0.95.
        freedom: degrees of freedom, above 0; need not be whole. Infinity is the normal
            distribution.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} is not between 0 and 1")
    if not freedom > 0:
        raise ValueError(f"{freedom} degrees of freedom are not above 0")
    if freedom >= _NORMAL_FROM:
        return NormalDist().inv_cdf((1 + confidence) / 2)
    low, high = 0.0, 1.0
    while math.isfinite(high * high) and t_inside(high, freedom) < confidence:
        low, high = high, 2 * high
    if not math.isfinite(high * high):
        return math.inf
    while high - low > _PRECISION_OF_T * high:
        middle = (low + high) / 2
        if t_inside(middle, freedom) < confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def t_inside(t: float, freedom: float) -> float:
    """Probability of less than `t`, of 0 or more, to each side."""
    square = t * t
    whole = freedom + square
    # Either form holds everywhere, but the fraction converges fast only below its mean.
    if square / whole < 1.5 / (freedom / 2 + 2.5):
        return _regularised_beta(square / whole, freedom / whole, 0.5, freedom / 2)
    return 1.0 - _regularised_beta(freedom / whole, square / whole, freedom / 2, 0.5)


def _regularised_beta(x: float, rest: float, a: float, b: float) -> float:
    """I_x(a, b) by its continued fraction, DLMF 8.17.22, evaluated by Lentz's method.

    Args:
        x: from 0 to (a + 1) / (a + b + 2); `rest` is 1 - x, which may be too small to subtract.
    """
    if x <= 0:
        return 0.0
    log_front = (
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest)
    )
    numerator, denominator = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1))
    fraction = denominator
    for term in range(1, _MOST_TERMS):
        even = term * (b - term) * x / ((a + 2 * term - 1) * (a + 2 * term))
        odd = -(a + term) * (a + b + term) * x / ((a + 2 * term) * (a + 2 * term + 1))
        for factor in (even, odd):
            denominator = 1.0 / _away_from_zero(1.0 + factor * denominator)
            numerator = _away_from_zero(1.0 + factor / numerator)
            change = numerator * denominator
            fraction *= change
        if abs(change - 1.0) <= _PRECISION:
            break
    return math.exp(log_front) * fraction / a


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
