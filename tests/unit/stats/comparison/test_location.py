"""The centre of symmetric values: its interval by ranks, and by Student's t for a few."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from ovbench_tui.stats.comparison.location import _rank, locate


def test_up_to_five_values_it_is_students_interval() -> None:
    found = locate([1.0, 2.0, 4.0, 9.0])
    half = 3.182446 * np.std([1, 2, 4, 9], ddof=1) / 2
    assert (found.low, found.mid, found.high) == pytest.approx((4 - half, 4, 4 + half))
    single = locate([3.0])
    assert (single.low, single.mid, single.high) == (-math.inf, 3.0, math.inf)


@pytest.mark.parametrize(("count", "rank"), [(6, 1), (7, 3), (8, 4), (10, 9), (20, 53), (25, 90)])
def test_the_ranks_are_those_of_wilcoxons_table(count: int, rank: int) -> None:
    assert _rank(count, 0.95) == rank  # one above the critical value of the printed tables


def test_the_exact_ranks_go_over_into_the_normal_ones() -> None:
    exact, normal = _rank(60, 0.95), _rank(61, 0.95)
    assert 0 < normal - exact < 40


def test_it_is_exact_for_any_symmetric_values() -> None:
    """Of all choices of signs, at most 5 % leave out the true centre, 0."""
    for sizes in ([1, 2, 3, 4, 5, 6, 7, 8.5], [0.7, 0.7, 0.7, 0.01, 0.01, 0.02, 0.02, 0.03]):
        wrong = total = 0
        for signs in product((-1, 1), repeat=8):
            found = locate([sign * size for sign, size in zip(signs, sizes, strict=True)])
            wrong += found.low > 0 or found.high < 0
            total += 1
        assert wrong / total <= 0.05


def test_a_wild_value_moves_it_little() -> None:
    calm = [1.0, 1.1, 0.9, 1.05, 0.95, 1.02, 0.98, 1.01]
    found = locate([*calm, 100.0])
    assert found.mid == pytest.approx(1.0, abs=0.05)
    assert found.low > 0.9


def test_thousands_of_values_are_grouped() -> None:
    values = np.random.default_rng(1).normal(5, 1, 3600).tolist()
    found = locate(values)
    assert found.mid == pytest.approx(5, abs=0.06)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 / 60, rel=0.25)
