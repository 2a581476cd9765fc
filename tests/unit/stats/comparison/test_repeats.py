"""Configurations that were measured several times each."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovbench_tui.stats.comparison.repeats import compare_repeats
from ovbench_tui.stats.comparison.student_t import t_quantile


def test_it_is_welchs_interval() -> None:
    a, b = [1.0, 1.1, 1.3, 0.9], [2.0, 2.1, 1.9]
    found = compare_repeats("fps", [math.exp(one) for one in a], [math.exp(one) for one in b])
    squares = np.var(a, ddof=1) / 4, np.var(b, ddof=1) / 3
    freedom = sum(squares) ** 2 / (squares[0] ** 2 / 3 + squares[1] ** 2 / 2)
    assert freedom == pytest.approx(4.85, abs=0.01)
    half = t_quantile(0.95, freedom) * math.sqrt(sum(squares))
    assert math.log(found.ratio) == pytest.approx(2.0 - 1.075)
    assert math.log(found.high) == pytest.approx(math.log(found.ratio) + half)
    assert math.log(found.low) == pytest.approx(math.log(found.ratio) - half)
    assert found.runs == 3
    assert found.baseline == pytest.approx(math.exp(1.075))
    assert found.delta == 1.0


def test_a_single_run_borrows_the_spread_of_the_other_side() -> None:
    several = [100.0, 103.0, 98.0, 101.0]
    one = compare_repeats("fps", several, [90.0])
    half = 3.182446 * np.std(np.log(several), ddof=1) * math.sqrt(1 + 1 / 4)
    assert math.log(one.high / one.ratio) == pytest.approx(half, rel=1e-5)
    assert one.runs == 1


def test_what_has_no_spread_has_no_interval() -> None:
    single = compare_repeats("fps", [100.0], [90.0])
    assert single.ratio == pytest.approx(0.9)
    assert math.isnan(single.low)
    assert single.reason
    nothing = compare_repeats("p99_ms", [100.0, 101.0], [math.nan, 0.0])
    assert math.isnan(nothing.ratio)
    assert nothing.reason
    alike = compare_repeats("fps", [100.0, 100.0], [90.0, 90.0])
    assert alike.low == alike.high == pytest.approx(0.9)


@pytest.mark.parametrize("counts", [(2, 2), (3, 3), (5, 5), (1, 4), (3, 8)])
def test_runs_that_differ_by_themselves_are_seldom_told_apart(counts: tuple[int, int]) -> None:
    wrong = 0
    for seed in range(400):
        random = np.random.default_rng(seed)
        a, b = (100 * np.exp(0.02 * random.normal(size=count)) for count in counts)
        wrong += compare_repeats("fps", a.tolist(), b.tolist()).is_real
    assert wrong <= 32  # a rate of 5 % gives more in 1 of 150 cases
