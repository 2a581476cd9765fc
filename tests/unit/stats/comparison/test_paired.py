"""The ratio of alternating slices: its value, its interval, and how often that is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.stats.comparison.alternation import Alternation, Side
from ovbench_tui.stats.comparison.paired import LEAST_PAIRS, paired_ratio

Rates = list[float]
Floats = npt.NDArray[np.float64]


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
    logs = np.log([0.9, 1.0, 1.1, 1.3])
    ratio = paired_ratio("fps", [100.0] * 4, (100 * np.exp(logs)).tolist())
    half = 3.182446 * logs.std(ddof=1) / 2
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


Noise = Callable[[np.random.Generator, int], Floats]


def white(random: np.random.Generator, slices: int) -> Floats:
    return 0.05 * random.normal(size=slices)


def slice_long(random: np.random.Generator, slices: int) -> Floats:
    """AR(1): what slows one slice slows half of the next."""
    values = random.normal(size=slices)
    for number in range(1, slices):
        values[number] = 0.5 * values[number - 1] + 0.75**0.5 * values[number]
    return 0.05 * values


def bimodal(random: np.random.Generator, slices: int) -> Floats:
    """A neighbour takes half the processor in every fifth slice."""
    return 0.02 * random.normal(size=slices) - 0.7 * (random.random(slices) < 0.2)


def drifting(random: np.random.Generator, slices: int) -> Floats:
    return 0.02 * np.cumsum(random.normal(size=slices))


def alternated(noise: Floats, seed: int) -> tuple[Rates, Rates]:
    """Slices of two alike sides, in the order in which the worker runs them."""
    order = Alternation(seed=seed)
    sides: dict[Side, Rates] = {Side.A: [], Side.B: []}
    for value in noise:
        sides[order.side].append(100 * math.exp(value))
        order.end_slice(100, 0.5)
    return sides[Side.A], sides[Side.B]


@pytest.mark.parametrize("pairs", [4, 5, 6, 8, 13, 30])
@pytest.mark.parametrize("noise", [white, slice_long, bimodal, drifting])
def test_alike_sides_are_seldom_told_apart(noise: Noise, pairs: int) -> None:
    """Of 400 a true rate of 5 % gives more than 32 in 1 of 150 cases."""
    wrong = 0
    for seed in range(400):
        a, b = alternated(noise(np.random.default_rng(seed), 2 * pairs), seed)
        wrong += paired_ratio("fps", a, b).is_real
    assert wrong <= 32


def test_a_tenth_is_found_in_twenty_pairs() -> None:
    found = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        slower = [0.9 * rate for rate in rates(random, 20)]
        found += paired_ratio("fps", rates(random, 20), slower).high < 1
    assert found >= 95
