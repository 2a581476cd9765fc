"""When a turn is over."""

from __future__ import annotations

import pytest

from ovbench_tui.engine.worker import slice_end
from ovbench_tui.engine.worker.slice_end import SliceEnd
from ovbench_tui.stats.comparison.alternation import LEAST_COUNT


class Clock:
    now_s = 10.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(slice_end, "perf_counter", clock)
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
