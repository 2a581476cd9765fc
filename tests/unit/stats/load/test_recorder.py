"""What an open loop counts, over the measured stretches only."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovbench_tui.stats.load.counts import LoadCounts
from ovbench_tui.stats.run import RunAccumulator
from ovbench_tui.stats.run_stats import LoadStats


def accumulator() -> RunAccumulator:
    return RunAccumulator((2,), is_open_loop=True)


def change(run: RunAccumulator, time_s: float, measuring: bool, counts: LoadCounts) -> None:
    run.set_state(feeding=True, measuring=measuring, warming=False, time_s=time_s, load=counts)


def complete(run: RunAccumulator, at_s: float, latency_ms: float, wait_ms: float) -> None:
    run.add(
        np.array([at_s]),
        np.array([latency_ms]),
        np.array([0], np.uint32),
        0,
        np.array([wait_ms], np.float32),
    )


def figures(run: RunAccumulator, now_s: float) -> LoadStats:
    load = run.figures(now_s).load
    assert load is not None
    return load


def test_a_closed_loop_has_none() -> None:
    assert RunAccumulator((1,)).figures(1.0).load is None


def test_what_is_counted_outside_of_what_is_measured_is_left_out() -> None:
    run = accumulator()
    complete(run, 0.5, 9.0, 4.0)  # warm-up
    change(run, 1.0, True, LoadCounts(offered=100, refused=10))
    complete(run, 1.5, 7.5, 2.5)
    run.note_load(LoadCounts(offered=104, refused=11, waiting=2, most_waiting=3))
    live = figures(run, 3.0)
    assert (live.offered, live.served, live.refused, live.unserved) == (4, 1, 1, 2)
    assert (live.offered_per_s, live.served_per_s, live.dropped_per_s) == (2.0, 0.5, 0.5)
    assert (live.queue_now, live.queue_max) == (2, 3)
    change(run, 3.0, False, LoadCounts(offered=105, refused=11, most_waiting=3))
    run.note_load(LoadCounts(offered=900))  # fed, and not measured
    change(run, 5.0, True, LoadCounts(offered=900, refused=11, expired=7))
    complete(run, 5.5, 3.0, 0.5)
    change(run, 6.0, False, LoadCounts(offered=905, refused=11, expired=8, waited_ns=10**9))
    whole = figures(run, 9.0)
    assert (whole.offered, whole.served, whole.refused, whole.expired) == (10, 2, 1, 1)
    assert whole.dropped == 2
    assert whole.unserved == 6
    assert whole.waiting.count == whole.service.count == 2
    assert whole.waiting.mean_ms == pytest.approx(1.5)
    assert whole.service.mean_ms == pytest.approx(3.75)
    assert whole.queue_now == 0
    assert run.slowest_ms == pytest.approx(5.0)


def test_the_mean_queue_is_the_time_waited_over_the_time_measured() -> None:
    run = accumulator()
    change(run, 0.0, True, LoadCounts(waited_ns=5 * 10**9))
    run.note_load(LoadCounts(waited_ns=8 * 10**9))
    assert figures(run, 2.0).queue_mean == 1.5


def test_how_late_the_feeder_woke_is_of_its_sleeps() -> None:
    run = accumulator()
    change(run, 0.0, True, LoadCounts(sleeps=3, late_ns=900_000, latest_ns=500_000))
    assert math.isnan(figures(run, 1.0).late_mean_ms)
    run.note_load(LoadCounts(sleeps=5, late_ns=940_000, latest_ns=500_000))
    late = figures(run, 1.0)
    assert late.late_mean_ms == pytest.approx(0.02)
    assert late.late_max_ms == 0.5


def test_the_maxima_are_of_the_measured_stretches_whoever_counts_in_between() -> None:
    run = accumulator()
    change(run, 0.0, True, LoadCounts(most_waiting=0))
    change(run, 1.0, False, LoadCounts(sleeps=1, most_waiting=4, latest_ns=3_000_000))
    run.note_load(LoadCounts(sleeps=9, most_waiting=90, latest_ns=90_000_000))  # of the other side
    assert (figures(run, 1.0).queue_max, figures(run, 1.0).late_max_ms) == (4, 3.0)
    change(run, 2.0, True, LoadCounts(sleeps=9))
    run.note_load(LoadCounts(sleeps=10, most_waiting=2, latest_ns=5_000_000))
    assert (figures(run, 2.5).queue_max, figures(run, 2.5).late_max_ms) == (4, 5.0)
    run.reset(3.0)
    run.note_load(LoadCounts(sleeps=11, most_waiting=2, latest_ns=5_000_000))
    assert figures(run, 3.5).queue_max == 2


def test_statistics_that_begin_again_count_from_there() -> None:
    run = accumulator()
    change(run, 0.0, True, LoadCounts(offered=10))
    complete(run, 0.5, 7.5, 2.5)
    run.note_load(LoadCounts(offered=30))
    run.reset(1.0)
    assert figures(run, 1.0).offered == 0
    assert figures(run, 1.0).waiting.count == 0
    run.note_load(LoadCounts(offered=34))
    assert figures(run, 2.0).offered == 4
    # One that was offered before may complete after: no count falls below nothing.
    for number in range(6):
        complete(run, 1.5 + number / 10, 7.5, 2.5)
    assert figures(run, 3.0).unserved == 0
