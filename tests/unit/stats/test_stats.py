"""Statistics against numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovbench_tui.stats.histogram import LogHistogram
from ovbench_tui.stats.rate import RateWindow, completion_rate
from ovbench_tui.stats.run import PERCENTS, RunAccumulator
from ovbench_tui.stats.timeseries.timeline import Timeline

latencies = st.lists(st.floats(2e-4, 5e7), min_size=1, max_size=400)


@given(values=latencies, cut=st.integers(0, 400))
def test_percentiles_are_within_half_a_percent_of_the_exact_ones(
    values: list[float], cut: int
) -> None:
    histogram = LogHistogram()
    for part in (values[:cut], values[cut:]):
        histogram.add(np.array(part, dtype=np.float64))
    exact = np.percentile(values, PERCENTS, method="inverted_cdf")
    assert histogram.percentiles_ms(PERCENTS) == pytest.approx(exact, rel=0.005)
    assert histogram.count == len(values)
    assert histogram.min_ms == min(values)
    assert histogram.max_ms == max(values)
    assert histogram.mean_ms == pytest.approx(np.mean(values), rel=1e-9)


@pytest.mark.parametrize("scale", [0.002, 0.06, 4.0, 950.0])
def test_percentiles_of_a_long_run(scale: float) -> None:
    values = np.random.default_rng(1).lognormal(math.log(scale), 0.3, 100_000)
    histogram = LogHistogram()
    for part in np.split(values, 50):
        histogram.add(part)
    percents = (0.1, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0)
    exact = np.percentile(values, percents, method="inverted_cdf")
    assert histogram.percentiles_ms(percents) == pytest.approx(exact, rel=0.005)


def test_nearest_rank_is_benchmark_apps() -> None:
    values = np.arange(1.0, 1001.0)
    histogram = LogHistogram()
    histogram.add(values)
    for percent in (10.0, 50.0, 99.0, 99.9):
        rank = math.ceil(round(len(values) * percent / 100, 6))
        assert histogram.percentiles_ms((percent,))[0] == pytest.approx(values[rank - 1], rel=0.005)


def test_latencies_over_a_limit_are_counted() -> None:
    run = RunAccumulator((1,))
    run.set_state(feeding=True, measuring=True, warming=False, time_s=0.0)
    latencies_ms = np.array([5.0, 19.0, 21.0, 90.0, 20.0])
    run.add(np.arange(5) / 10, latencies_ms, np.zeros(5, np.uint32))
    assert [run.figures(1.0, limit).over_limit for limit in (0.0, 4.0, 20.0, 91.0)] == [0, 5, 2, 0]


def test_an_empty_histogram_knows_nothing() -> None:
    histogram = LogHistogram()
    histogram.add(np.array([]))
    assert histogram.count == 0
    assert all(math.isnan(value) for value in histogram.percentiles_ms((50.0, 99.0)))
    assert math.isnan(histogram.mean_ms)


def test_strange_latencies_do_not_spoil_the_others() -> None:
    histogram = LogHistogram()
    histogram.add(np.array([math.nan, -1.0, 0.0, math.inf, 5.0, 5.0, 5.0, 5.0, 5.0]))
    assert histogram.count == 9
    assert histogram.percentiles_ms((90.0,))[0] == pytest.approx(5.0, rel=0.005)


def test_a_rate_does_not_saw_between_two_completions_but_falls_in_a_stall() -> None:
    for now_s in (10.0, 10.5, 11.9):
        assert completion_rate(10, 0.0, 10.0, now_s) == pytest.approx(1.0)
    assert completion_rate(10, 0.0, 10.0, 22.0) == pytest.approx(0.5)
    assert completion_rate(0, 0.0, 0.0, 5.0) == 0.0


@given(period_s=st.floats(0.0001, 0.9), frame_s=st.floats(0.05, 0.5))
@settings(max_examples=60)
def test_the_window_finds_a_steady_rate(period_s: float, frame_s: float) -> None:
    window = RateWindow()
    window.add(0.0, 0)
    now_s = 0.0
    for frame in range(1, int(14 / frame_s)):
        now_s = frame * frame_s
        count = int(now_s / period_s + 1e-9)
        window.add(count * period_s, count)
    assert window.rate(now_s) == pytest.approx(1 / period_s, rel=0.01)
    assert window.is_full


def test_the_window_forgets_what_is_older_than_it_needs() -> None:
    window = RateWindow()
    window.add(0.0, 0)
    for frame in range(1, 41):  # 10 s at 100 a second, then 3 s at 400 a second
        window.add(frame * 0.25, frame * 25)
    for frame in range(1, 13):
        window.add(10 + frame * 0.25, 1000 + frame * 100)
    assert window.rate(13.0) == pytest.approx(400.0)


def feed(
    accumulator: RunAccumulator, start_s: float, end_s: float, fps: float, latency_ms: float
) -> None:
    times_s = np.arange(start_s + 1 / fps, end_s + 1e-9, 1 / fps)
    for part in np.array_split(times_s, 8):
        accumulator.add(part, np.full(part.size, latency_ms), np.zeros(part.size, np.uint8))


def test_a_run_counts_only_what_is_measured() -> None:
    run = RunAccumulator(batches=(2,))
    run.set_state(feeding=True, measuring=False, warming=True, time_s=0.0)
    feed(run, 0.0, 1.0, 100, 50.0)
    run.set_state(feeding=True, measuring=True, warming=False, time_s=1.0)
    feed(run, 1.0, 3.0, 100, 4.0)
    run.set_state(feeding=True, measuring=False, warming=False, time_s=3.0)  # a compile
    feed(run, 3.0, 5.0, 20, 90.0)
    run.set_state(feeding=False, measuring=False, warming=False, time_s=5.0)  # paused
    run.set_state(feeding=True, measuring=True, warming=False, time_s=9.0)
    feed(run, 9.0, 11.0, 100, 8.0)
    figures = run.figures(11.0)
    assert figures.count == 400
    assert figures.elapsed_s == pytest.approx(4.0)
    assert figures.fps_mean == pytest.approx(200.0, rel=0.001)
    assert figures.fps_now == pytest.approx(200.0, rel=0.001)
    assert figures.warmup_count == 100
    assert figures.warmup_s == pytest.approx(1.0)
    assert (figures.min_ms, figures.max_ms) == (4.0, 8.0)
    assert figures.mean_ms == pytest.approx(6.0)
    assert figures.p50_ms == pytest.approx(4.0, rel=0.005)
    assert figures.p99_ms == pytest.approx(8.0, rel=0.005)


def test_dropped_latencies_count_for_the_rate() -> None:
    run = RunAccumulator(batches=(1,))
    run.set_state(feeding=True, measuring=True, warming=False, time_s=0.0)
    run.add(np.array([1.9, 2.0]), np.ones(2), np.zeros(2, np.uint8), dropped=998)
    figures = run.figures(2.0)
    assert (figures.count, figures.dropped) == (1000, 998)
    assert figures.fps_mean == pytest.approx(500.0)


def test_reset_begins_again_and_keeps_the_warm_up() -> None:
    run = RunAccumulator(batches=(1,))
    run.set_state(feeding=True, measuring=False, warming=True, time_s=0.0)
    feed(run, 0.0, 1.0, 10, 5.0)
    run.set_state(feeding=True, measuring=True, warming=False, time_s=1.0)
    feed(run, 1.0, 3.0, 400, 5.0)
    assert run.figures(3.0).fps_peak == pytest.approx(400, rel=0.01)
    run.reset(3.0)
    feed(run, 3.0, 5.0, 100, 7.0)
    figures = run.figures(5.0)
    assert figures.count == 200
    assert figures.fps_mean == pytest.approx(100, rel=0.01)
    assert figures.fps_peak == pytest.approx(100, rel=0.01)
    assert figures.min_ms == 7.0
    assert figures.warmup_count == 10


def test_the_timeline_draws_what_ran_and_leaves_gaps() -> None:
    line = Timeline(start_s=100.0)
    line.set_feeding(True, 100.5)
    times_s = np.arange(100.5, 103.0, 0.01) + 0.005
    latencies_ms = np.where(np.arange(times_s.size) % 50 == 0, 40.0, 10.0)
    line.add(times_s, latencies_ms, batch=3)
    line.set_feeding(False, 103.0)
    line.advance(104.6)
    last = line.last(100)
    assert last.first == 0
    assert line.open_column == 9
    assert np.isnan(last.fps)[[0, 6, 7, 8]].all()
    assert last.fps[1:6] == pytest.approx([300.0] * 5)
    assert last.p50_ms[1:6].tolist() == [10.0] * 5
    assert last.p99_ms[1:6].tolist() == [40.0] * 5
    assert line.last(3).first == 6


def test_a_slow_model_draws_a_line() -> None:
    line = Timeline(start_s=0.0)
    line.set_feeding(True, 0.0)
    line.add(np.arange(1.0, 30.0, 0.8), np.full(37, 800.0), batch=1)
    line.advance(30.0)
    last = line.last(60)
    assert np.isnan(last.fps[:2]).all()
    assert last.fps[20:] == pytest.approx([1.25] * 40, rel=0.12)
    assert set(last.p50_ms[3:]) == {800.0}


def test_a_run_is_not_smoothed_over_the_one_before() -> None:
    line = Timeline(start_s=0.0)
    line.set_feeding(True, 0.0)
    line.add(np.arange(0.5, 10.0, 1.0), np.full(10, 1000.0), batch=1)
    line.begin_run(10.0)
    line.add(np.arange(10.0, 11.0, 0.05), np.full(20, 50.0), batch=1)
    line.advance(11.0)
    assert line.last(2).fps == pytest.approx((20.0, 20.0))


@pytest.mark.parametrize("column_s", [0.5, 1 / 16])
@pytest.mark.parametrize("rate", [3.0, 10.0, 17.0, 20.0, 60.0, 200.0])
@pytest.mark.parametrize("begin_s", [0.0, 0.09, 0.23, 0.33, 0.38])
def test_a_capped_run_does_not_begin_with_a_peak(
    column_s: float, rate: float, begin_s: float
) -> None:
    line = Timeline(0.0, column_s, trailing=round(10 / column_s))
    line.set_feeding(True, begin_s)
    line.add(np.arange(begin_s + 0.004, 10.0, 1 / rate), np.full(10_000, 4.0), batch=1)
    line.advance(10.0)
    fps = line.last(1000).fps
    # Half a second holds one completion more or less, depending on where it begins.
    assert np.nanmax(fps[: round(1.5 / column_s)]) <= max(rate * 1.08, rate + 2)
    assert np.nanmean(fps) == pytest.approx(rate, rel=0.1)


def test_a_gap_in_the_middle_of_a_column_does_not_look_like_a_fall() -> None:
    line = Timeline(start_s=0.0)
    line.set_feeding(True, 0.0)
    line.add(np.arange(0.0, 0.8, 0.001) + 0.0005, np.full(800, 1.0), batch=1)
    line.set_feeding(False, 0.8)
    line.set_feeding(True, 2.25)
    line.add(np.arange(2.25, 3.0, 0.001) + 0.0005, np.full(750, 1.0), batch=1)
    line.advance(3.0)
    fps = line.last(6).fps
    assert fps[:2] == pytest.approx((1000.0, 1000.0))
    assert np.isnan(fps[2:4]).all()
    assert fps[4:] == pytest.approx((1000.0, 1000.0))


def test_the_timeline_forgets_only_what_it_has_no_room_for() -> None:
    line = Timeline(start_s=0.0, capacity=16)
    line.set_feeding(True, 0.0)
    line.add(np.arange(0.0, 50.0, 0.01) + 0.005, np.arange(5000.0), batch=1)
    line.advance(50.0)
    line.add_unseen(25, 1)
    line.advance(50.5)
    last = line.last(1000)
    assert (last.first, len(last.fps)) == (101 - 15, 15)
    assert last.fps[:-1] == pytest.approx([100.0] * 14)
    assert last.fps[-1] == pytest.approx(50.0)


def test_a_fast_model_that_stalls_falls_to_zero_at_once() -> None:
    line = Timeline(start_s=0.0)
    line.set_feeding(True, 0.0)
    line.add(np.arange(0.0, 2.0, 0.01) + 0.005, np.full(200, 9.0), batch=1)
    line.advance(3.5)
    assert line.last(5).fps == pytest.approx((100.0, 100.0, 0.0, 0.0, 0.0))


def test_shape_groups_have_figures_and_frames_of_their_own() -> None:
    run = RunAccumulator(batches=(1, 4), percents=(75.0,))
    run.set_state(feeding=True, measuring=True, warming=False, time_s=0.0)
    times_s = np.linspace(0.1, 10.0, 100)
    groups = np.array([0, 1] * 50, np.uint8)
    run.add(times_s, np.where(groups == 0, 2.0, 8.0), groups)
    figures = run.figures(10.0)
    assert (figures.count, figures.frames) == (100, 250)
    assert figures.fps_mean == pytest.approx(25.0, rel=0.02)
    assert [group.count for group in figures.groups] == [49, 49], "the firsts are apart"
    assert [group.first_ms for group in figures.groups] == [2.0, 8.0]
    assert [group.p50_ms for group in figures.groups] == pytest.approx([2.0, 8.0], rel=0.005)
    assert dict(figures.percentiles_ms)[75.0] == pytest.approx(8.0, rel=0.005)


def test_the_bins_of_a_histogram_hold_every_value() -> None:
    histogram = LogHistogram()
    values = np.array([0.01, 1.0, 1.0, 250.0])
    histogram.add(values)
    bins = histogram.frozen().bins()
    assert sum(count for _, _, count in bins) == 4
    for value in values:
        assert any(lower <= value * 1.0000001 and value <= upper for lower, upper, _ in bins)
