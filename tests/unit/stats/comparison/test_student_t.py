"""Quantiles of Student's t against printed tables and closed forms."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.stats.comparison.student_t import t_quantile


@pytest.mark.parametrize(
    ("freedom", "confidence", "expected"),
    [
        (1, 0.95, 12.70620),
        (2, 0.95, 4.30265),
        (3, 0.95, 3.18245),
        (5, 0.95, 2.57058),
        (6, 0.95, 2.44691),
        (14, 0.95, 2.14479),
        (15, 0.95, 2.13145),
        (16, 0.95, 2.11991),
        (29, 0.95, 2.04523),
        (30, 0.95, 2.04227),
        (120, 0.95, 1.97993),
        (6, 0.99, 3.70743),
        (7, 0.99, 3.49948),
        (1, 0.999, 636.61925),
        (9, 0.9, 1.83311),
        (3, 0.5, 0.76489),
        (math.inf, 0.95, 1.95996),
    ],
)
def test_it_agrees_with_the_tables(freedom: float, confidence: float, expected: float) -> None:
    assert t_quantile(confidence, freedom) == pytest.approx(expected, abs=0.00001)


@given(st.floats(0.01, 0.999))
def test_one_and_two_degrees_have_closed_forms(confidence: float) -> None:
    assert t_quantile(confidence, 1) == pytest.approx(math.tan(math.pi * confidence / 2), rel=1e-8)
    two = confidence * math.sqrt(2 / (1 - confidence**2))
    assert t_quantile(confidence, 2) == pytest.approx(two, rel=1e-8)


def _density(t: float, freedom: float) -> float:
    log = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    power = (1 + t * t / freedom) ** (-(freedom + 1) / 2)
    return math.exp(log) / math.sqrt(math.pi * freedom) * power


@pytest.mark.parametrize("freedom", [0.8, 1.5, 2.5, 3.7, 12.25, 88.1])
@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_fractional_degrees_hold_the_share_that_the_density_does(
    freedom: float, confidence: float
) -> None:
    end, steps = t_quantile(confidence, freedom), 20_000
    inside = 0.0
    for number in range(steps):  # the density's integral, by the midpoint rule
        inside += _density(end * (number + 0.5) / steps, freedom)
    assert 2 * inside * end / steps == pytest.approx(confidence, abs=1e-5)


@given(st.floats(0.5, 1e6), st.floats(0.5, 0.999))
def test_more_degrees_or_less_confidence_are_narrower(freedom: float, confidence: float) -> None:
    here = t_quantile(confidence, freedom)
    assert t_quantile(confidence, freedom * 1.1) <= here * (1 + 1e-9)
    assert t_quantile(confidence - 0.1, freedom) < here
    assert here >= NormalDist().inv_cdf((1 + confidence) / 2) * (1 - 1e-6)


@pytest.mark.parametrize(("confidence", "freedom"), [(0.95, 0), (0.95, -1), (1.0, 5), (0.0, 5)])
def test_what_has_no_quantile_is_refused(confidence: float, freedom: float) -> None:
    with pytest.raises(ValueError, match=r"degrees|confidence"):
        t_quantile(confidence, freedom)
