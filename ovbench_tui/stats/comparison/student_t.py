"""Quantiles of Student's t distribution, which numpy does not have."""

from __future__ import annotations

import math


def t_quantile(confidence: float, freedom: int) -> float:
    """How many standard errors to each side hold `confidence` of the distribution.

    The distribution function is Abramowitz & Stegun 26.7.4, which is exact and finite for even
    degrees of freedom.

    Args:
        confidence: two-sided, as in 0.95.
        freedom: degrees of freedom, even.
    """
    if freedom < 2 or freedom % 2:
        raise ValueError("an even number of degrees of freedom is needed")
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        angle = (low + high) / 2
        if _inside(angle, freedom) < confidence:
            low = angle
        else:
            high = angle
    return math.sqrt(freedom) * math.tan((low + high) / 2)


def _inside(angle: float, freedom: int) -> float:
    """Probability of less than sqrt(freedom) tan(angle) to each side."""
    square = math.cos(angle) ** 2
    term = total = 1.0
    for power in range(1, freedom // 2):
        term *= square * (2 * power - 1) / (2 * power)
        total += term
    return math.sin(angle) * total
