"""Whose turn it is, and when a turn is over."""

from __future__ import annotations

import pytest

from ovbench_tui.engine.worker import alternation
from ovbench_tui.engine.worker.alternation import LEAST_COUNT, Alternation, Side, SliceEnd


def _order(turns: int) -> str:
    order = Alternation()
    sides = []
    for _ in range(turns):
        sides.append(order.side.value)
        order.end_slice(100, 0.5)
    return "".join(sides)


def test_every_other_pair_is_turned_round() -> None:
    assert _order(8) == "ABBAABBA"


def test_a_pair_that_is_begun_again_keeps_its_number_and_its_order() -> None:
    order = Alternation()
    for _ in range(3):
        order.end_slice(100, 0.5)
    assert (order.pair, order.side) == (1, Side.A)
    order.begin_pair_again()
    assert (order.pair, order.side) == (1, Side.B)
    order.begin_pair_again()
    assert (order.pair, order.side) == (1, Side.B)


def test_slices_are_as_long_as_the_slower_side_needs() -> None:
    order = Alternation(0.5)
    assert order.length_s == 0.5
    order.end_slice(1000, 0.5)
    order.end_slice(4, 2.0)
    assert order.length_s == pytest.approx(LEAST_COUNT * 0.5)
    order.end_slice(20, 2.0)  # it has become fast again
    assert order.length_s == pytest.approx(1.0)
    order.end_slice(1000, 0.5)
    order.end_slice(0, 10.0)
    assert order.length_s == 30.0


class Clock:
    now_s = 10.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(alternation, "perf_counter", clock)
    return clock


class Total:
    count = 50

    def __call__(self) -> int:
        return self.count


def test_a_slice_ends_with_a_whole_round_after_its_time(clock: Clock) -> None:
    total = Total()
    end = SliceEnd(total, 50, 10.0, length_s=0.5, round_size=8)
    total.count = 50 + 40
    assert not end.is_over
    clock.now_s = 10.6
    total.count = 50 + 41
    assert not end.is_over  # 41 of 48
    total.count = 50 + 47
    assert not end.is_over
    total.count = 50 + 48
    assert end.is_over


def test_a_slice_waits_for_enough_inferences_but_not_for_minutes(clock: Clock) -> None:
    total = Total()
    end = SliceEnd(total, 50, 10.0, length_s=0.5, round_size=1)
    clock.now_s, total.count = 15.0, 50 + LEAST_COUNT - 1
    assert not end.is_over
    total.count += 1
    assert end.is_over
    slow = SliceEnd(total, total.count, 10.0, length_s=0.5, round_size=1)
    clock.now_s = 50.0
    assert not slow.is_over  # nothing at all has completed
    total.count += 1
    assert slow.is_over
