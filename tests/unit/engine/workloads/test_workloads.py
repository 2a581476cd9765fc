"""Which starts a workload makes of idle infer requests, and when it stops."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import pytest

from ovbench_tui.engine.workloads.closed_loop import ClosedLoop
from ovbench_tui.engine.workloads.rate_cap import RateCap
from ovbench_tui.engine.workloads.workload import Workload


class Requests:
    """Requests that are always idle, until a message comes in after so many starts."""

    def __init__(self, message_after: int) -> None:
        self.started_s: list[float] = []
        self.spins: list[bool] = []
        self._message_after = message_after

    def starter(self) -> Callable[[], None]:
        return lambda: self.started_s.append(perf_counter())

    def feed_while(self, go_on: Callable[[], bool], *, may_spin: bool = True) -> None:
        self.spins.append(may_spin)
        while go_on():
            self.started_s.append(perf_counter())

    def go_on(self) -> bool:
        return len(self.started_s) < self._message_after


def test_the_closed_loop_feeds_as_fast_as_it_can_until_a_message_comes_in() -> None:
    requests = Requests(message_after=5)
    assert ClosedLoop().feed(requests, requests.go_on, started=3, may_spin=False) == 3
    assert len(requests.started_s) == 5
    assert requests.spins == [False]


@pytest.mark.parametrize("workload", [ClosedLoop(), RateCap(1e6)])
def test_a_counted_run_starts_no_more_than_is_left_of_it(workload: Workload) -> None:
    requests = Requests(message_after=100)
    assert workload.feed(requests, requests.go_on, started=3, wanted=7) == 7
    assert len(requests.started_s) == 4
    assert workload.feed(requests, requests.go_on, started=7, wanted=7) == 7
    assert len(requests.started_s) == 4


@pytest.mark.parametrize("workload", [ClosedLoop(), RateCap(1e6)])
def test_a_counted_run_stops_at_a_message(workload: Workload) -> None:
    requests = Requests(message_after=2)
    assert workload.feed(requests, requests.go_on, started=3, wanted=7) == 5


def test_a_rate_cap_starts_none_before_it_is_due() -> None:
    requests = Requests(message_after=4)
    begin_s = perf_counter()
    RateCap(50).feed(requests, requests.go_on)
    assert len(requests.started_s) == 4
    for number, started_s in enumerate(requests.started_s):
        assert started_s - begin_s >= number / 50


def test_a_message_ends_the_wait_for_a_start() -> None:
    requests = Requests(message_after=2)
    answers = iter([True, True, False, False])  # the third is of the wait for the second start
    RateCap(1e-3).feed(requests, lambda: next(answers))
    assert len(requests.started_s) == 1
    assert next(answers, None) is None
