"""Whose turn it is, and how long it is."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ovbench_tui.stats.comparison.alternation import LEAST_COUNT, Alternation, Side


def _order(turns: int, seed: int | None = None) -> str:
    order = Alternation(seed=seed)
    sides = []
    for _ in range(turns):
        sides.append(order.side.value)
        order.end_slice(100, 0.5)
    return "".join(sides)


def test_a_pair_has_both_sides_and_chance_decides_which_comes_first() -> None:
    turns = _order(800, seed=1)
    pairs = [turns[place : place + 2] for place in range(0, 800, 2)]
    assert set(pairs) == {"AB", "BA"}
    # 400 tosses: 4 standard deviations to either side.
    assert abs(pairs.count("AB") - 200) < 40
    alike = sum(one == other for one, other in pairwise(pairs))
    assert abs(alike - 200) < 40
    assert _order(800) != _order(800)


@pytest.mark.parametrize("seed", range(8))
def test_a_pair_that_is_begun_again_keeps_its_number_and_its_order(seed: int) -> None:
    order = Alternation(seed=seed)
    for _ in range(2):
        order.end_slice(100, 0.5)
    first = order.side
    order.end_slice(100, 0.5)
    assert (order.pair, order.side) == (1, Side.B if first is Side.A else Side.A)
    order.begin_pair_again()
    assert (order.pair, order.side) == (1, first)
    order.begin_pair_again()
    assert (order.pair, order.side) == (1, first)


def test_slices_are_as_long_as_the_slower_side_needs() -> None:
    seed = next(seed for seed in range(100) if _order(6, seed) == "ABBAAB")
    order = Alternation(0.5, seed)
    assert order.length_s == 0.5
    order.end_slice(1000, 0.5)
    order.end_slice(4, 2.0)
    assert order.length_s == pytest.approx(LEAST_COUNT * 0.5)
    order.end_slice(20, 2.0)  # it has become fast again
    assert order.length_s == pytest.approx(1.0)
    order.end_slice(1000, 0.5)
    order.end_slice(0, 10.0)
    assert order.length_s == 30.0
