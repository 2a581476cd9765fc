"""The ratio of alternating slices: its value, its interval, and how often that is wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.stats.comparison.paired import LEAST_PAIRS, paired_ratio

Rates = list[float]


def rates(random: np.random.Generator, pairs: int, spread: float = 0.05) -> Rates:
    return (100 * np.exp(spread * random.normal(size=pairs))).tolist()


def test_what_drifts_alike_on_both_sides_cancels() -> None:
    drift = np.linspace(100, 40, 20)
    ratio = paired_ratio("fps", drift.tolist(), (0.9 * drift).tolist())
    assert ratio.ratio == pytest.approx(0.9)
    assert (ratio.low, ratio.high) == (pytest.approx(0.9), pytest.approx(0.9))
    assert ratio.is_real
    assert ratio.pairs == 20


def test_the_interval_of_four_pairs_is_students() -> None:
    # Nothing is trimmed of four; 3 degrees of freedom are rounded down to 2.
    logs = np.log([0.9, 1.0, 1.1, 1.3])
    ratio = paired_ratio("fps", [100.0] * 4, (100 * np.exp(logs)).tolist())
    half = 4.302653 * logs.std(ddof=1) / 2
    assert math.log(ratio.ratio) == pytest.approx(logs.mean())
    assert math.log(ratio.low) == pytest.approx(logs.mean() - half, rel=1e-5)
    assert math.log(ratio.high) == pytest.approx(logs.mean() + half, rel=1e-5)


def test_one_wild_pair_moves_nothing() -> None:
    random = np.random.default_rng(1)
    a, b = rates(random, 20), rates(random, 20)
    calm = paired_ratio("fps", a, b)
    wild = paired_ratio("fps", a, [*b[:-1], b[-1] / 50])
    assert wild.ratio == pytest.approx(calm.ratio, rel=0.02)
    assert wild.high - wild.low < 1.5 * (calm.high - calm.low)


@given(st.lists(st.tuples(st.floats(1, 1e5), st.floats(1, 1e5)), min_size=4, max_size=40))
def test_turned_round_it_is_the_reciprocal(pairs: list[tuple[float, float]]) -> None:
    a, b = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    one, other = paired_ratio("fps", a, b), paired_ratio("fps", b, a)
    assert one.ratio == pytest.approx(1 / other.ratio, rel=1e-6)
    assert one.low <= one.ratio * (1 + 1e-12)
    assert one.high >= one.ratio * (1 - 1e-12)
    assert math.log(one.low) == pytest.approx(-math.log(other.high), abs=1e-6)


def test_too_few_pairs_have_no_interval() -> None:
    assert paired_ratio("fps", (), ()).reason == "there is no whole pair yet"
    few = paired_ratio("fps", [100.0] * (LEAST_PAIRS - 1), [50.0] * (LEAST_PAIRS - 1))
    assert few.ratio == pytest.approx(0.5)
    assert math.isnan(few.low)
    assert not few.is_real
    assert "at least 4 pairs" in few.reason


def test_pairs_with_an_unknown_side_are_left_out() -> None:
    ratio = paired_ratio("p50_ms", [1.0, math.nan, 2.0, 0.0, 4.0], [2.0, 1.0, math.nan, 5.0, 8.0])
    assert (ratio.pairs, ratio.ratio) == (2, pytest.approx(2.0))


@pytest.mark.parametrize("pairs", [8, 20, 60])
@pytest.mark.parametrize("is_heavy", [False, True])
def test_alike_sides_are_seldom_told_apart(pairs: int, is_heavy: bool) -> None:
    wrong = 0
    for seed in range(400):
        random = np.random.default_rng(seed)
        a, b = rates(random, pairs), rates(random, pairs)
        if is_heavy:  # a neighbour takes half the processor in every fifth slice
            a = [rate / 2 if random.random() < 0.2 else rate for rate in a]
            b = [rate / 2 if random.random() < 0.2 else rate for rate in b]
        wrong += paired_ratio("fps", a, b).is_real
    assert wrong <= 0.07 * 400


def test_a_drifting_machine_tells_alike_sides_apart_no_more_often() -> None:
    # Slices in the order A B, B A, ...: a random walk of 2 % a slice, and what is left of it.
    wrong = 0
    for seed in range(400):
        random = np.random.default_rng(seed)
        speed = 100 * np.exp(0.02 * np.cumsum(random.normal(size=60)))
        first, second = speed[0::2], speed[1::2]
        is_turned = np.arange(30) % 2 == 1
        a, b = np.where(is_turned, second, first), np.where(is_turned, first, second)
        wrong += paired_ratio("fps", a.tolist(), b.tolist()).is_real
    assert wrong <= 0.07 * 400


def test_a_tenth_is_found_in_twenty_pairs() -> None:
    found = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        slower = [0.9 * rate for rate in rates(random, 20)]
        found += paired_ratio("fps", rates(random, 20), slower).high < 1
    assert found >= 95
