"""The series of a run, against what plain Python makes of the same completions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.stats.run import RunAccumulator
from ovbench_tui.stats.run_stats import RunSeries
from ovbench_tui.stats.timeseries.series import CAPACITY, STEP_S, SeriesRecorder

NO_GROUPS = np.zeros(0, dtype=np.uint8)


def recorded(times_s: np.ndarray, latencies_ms: np.ndarray, now_s: float) -> RunSeries:
    recorder = SeriesRecorder()
    recorder.begin(0.0)
    recorder.add(times_s, latencies_ms, 1)
    return recorder.frozen(now_s).series()


def nearest_rank(values: list[float], percent: int) -> float:
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


@given(
    gaps_s=st.lists(st.floats(0.0, 0.6), min_size=1, max_size=200),
    cuts=st.lists(st.integers(0, 200), max_size=6),
    frames=st.integers(1, 8),
)
def test_every_window_holds_what_completed_in_it(
    gaps_s: list[float], cuts: list[int], frames: int
) -> None:
    times_s = 100.0 + np.cumsum(gaps_s)
    latencies_ms = np.random.default_rng(1).lognormal(0.0, 1.0, times_s.size)
    recorder = SeriesRecorder()
    recorder.begin(100.0)
    places = [0, *sorted(cuts), times_s.size]
    for first, end in itertools.pairwise(places):
        recorder.add(times_s[first:end], latencies_ms[first:end], frames)
    now_s = float(times_s[-1]) + 0.3
    series = recorder.frozen(now_s).series()

    windows = math.floor((now_s - 100.0) / STEP_S)
    assert series.step_s == STEP_S * bool(windows)
    assert len(series.counts) == windows
    inside: list[list[float]] = [[] for _ in range(windows + 1)]
    for time_s, latency_ms in zip(times_s, latencies_ms, strict=True):
        inside[min(windows, math.floor((time_s - 100.0) / STEP_S))].append(latency_ms)
    for number, values in enumerate(inside[:windows]):
        assert series.counts[number] == len(values)
        assert series.frames[number] == frames * len(values)
        if values:
            assert series.mean_ms[number] == pytest.approx(np.mean(values))
            assert series.p50_ms[number] == pytest.approx(nearest_rank(values, 50))
            assert series.p99_ms[number] == pytest.approx(nearest_rank(values, 99))
        else:
            assert math.isnan(series.mean_ms[number])
            assert math.isnan(series.p50_ms[number])


def test_pauses_are_cut_out_and_a_window_is_filled_across_one() -> None:
    run = RunAccumulator((2,))

    def state(time_s: float, *, measuring: bool) -> None:
        run.set_state(feeding=measuring, measuring=measuring, warming=False, time_s=time_s)

    def complete(first_s: float, count: int) -> None:
        times_s = first_s + 0.01 * np.arange(count)
        run.add(times_s, np.full(count, 3.0), np.zeros(count, dtype=np.uint8))

    complete(9.0, 50)  # not measured
    state(10.0, measuring=True)
    complete(10.005, 10)
    state(10.1, measuring=False)
    complete(10.5, 100)  # what is still in flight, or disturbed
    state(20.0, measuring=True)
    complete(20.005, 40)  # 0.1 s were measured before, so 15 of them fill the first window
    state(20.41, measuring=False)

    series = run.series(99.0).series()
    assert series.counts == (25, 25)
    assert series.frames == (50, 50)
    assert series.p99_ms == (3.0, 3.0)
    assert sum(series.counts) == run.figures(99.0).count


def test_a_stall_is_empty_windows_and_not_a_gap() -> None:
    series = recorded(np.array([0.1, 1.1]), np.array([1.0, 1.0]), now_s=1.6)
    assert series.counts == (1, 0, 0, 0, 1, 0)
    assert np.isnan(series.p50_ms).tolist() == [False, True, True, True, False, True]


def test_asking_closes_nothing_for_good() -> None:
    recorder = SeriesRecorder()
    recorder.begin(0.0)
    recorder.add(np.array([0.1]), np.array([1.0]), 1)
    assert recorder.frozen(0.6).series().counts == (1, 0)
    recorder.add(np.array([0.2, 0.3]), np.array([1.0, 1.0]), 1)  # folded only now
    assert recorder.frozen(0.6).series().counts == (2, 1)


@pytest.mark.parametrize("minutes", [9, 11, 45, 200])
def test_a_long_run_has_longer_windows_and_loses_nothing(minutes: int) -> None:
    seconds = 60 * minutes
    times_s = np.arange(0.025, seconds, 0.05)
    latencies_ms = 1.0 + np.arange(times_s.size) % 5
    recorder = SeriesRecorder()
    recorder.begin(0.0)
    for part in np.array_split(np.arange(times_s.size), 97):
        recorder.add(times_s[part], latencies_ms[part], 1)
    series = recorder.frozen(seconds).series()
    size = len(series.counts)
    assert CAPACITY // 2 <= size < CAPACITY or minutes == 9
    assert series.step_s == STEP_S * 2 ** math.ceil(math.log2(max(1, seconds / STEP_S / CAPACITY)))
    assert set(series.counts) == {20 * series.step_s}
    assert sum(series.counts) == 20 * series.step_s * size
    assert series.mean_ms == pytest.approx((3.0,) * size)
    assert series.p50_ms == pytest.approx((3.0,) * size)


def test_percentiles_of_merged_windows_are_weighted_by_their_counts() -> None:
    recorder = SeriesRecorder()
    recorder.begin(0.0)
    # Of every two parts the first has three completions of 1 ms, the second one of 5 ms.
    starts_s = np.arange(CAPACITY // 2) * 2 * STEP_S
    times_s = np.sort(np.concatenate([starts_s + at for at in (0.01, 0.02, 0.03, 0.3)]))
    recorder.add(times_s, np.tile([1.0, 1.0, 1.0, 5.0], CAPACITY // 2), 1)
    series = recorder.frozen(CAPACITY * STEP_S).series()
    assert series.step_s == 2 * STEP_S
    assert set(series.counts) == {4}
    assert set(series.mean_ms) == {2.0}
    assert set(series.p99_ms) == {2.0}


def test_what_nobody_saw_is_spread_over_the_time_it_took() -> None:
    recorder = SeriesRecorder()
    recorder.begin(0.0)
    recorder.add(np.array([0.2]), np.array([1.0]), 1)
    recorder.add(np.array([1.2]), np.array([9.0]), 1, dropped=1000, frames_of_dropped=2.0)
    series = recorder.frozen(1.25).series()
    assert series.counts == (51, 250, 250, 250, 201)
    assert series.frames == (101, 500, 500, 500, 401)
    assert np.isnan(series.mean_ms).tolist() == [False, True, True, True, False]
    recorder.add(np.zeros(0), np.zeros(0), 1, dropped=7)
    assert recorder.frozen(1.25).series().counts[-1] == 201 + 7


def test_a_reset_begins_with_the_first_window_again() -> None:
    run = RunAccumulator((1,))
    run.set_state(feeding=True, measuring=True, warming=False, time_s=0.0)
    run.add(np.arange(0.0, 1.0, 0.01), np.ones(100), np.zeros(100, dtype=np.uint8))
    run.reset(5.1)
    run.add(5.1 + np.arange(0.005, 0.5, 0.01), np.ones(50), np.zeros(50, dtype=np.uint8))
    assert run.series(5.7).series().counts == (25, 25)


def test_each_shape_group_counts_its_own_frames() -> None:
    run = RunAccumulator((1, 4))
    run.set_state(feeding=True, measuring=True, warming=False, time_s=0.0)
    run.add(np.array([0.1, 0.2, 0.3]), np.ones(3), np.array([0, 1, 1], dtype=np.uint8))
    assert run.series(0.5).series().frames == (5, 4)


def test_strange_latencies_do_not_spoil_a_window() -> None:
    series = recorded(np.linspace(0.01, 0.2, 5), np.array([math.nan, 1, 1, 1, math.inf]), 0.25)
    assert series.p50_ms == (1.0,)
    assert all(map(math.isfinite, series.mean_ms + series.p99_ms))


def test_nothing_measured_is_an_empty_series() -> None:
    assert RunAccumulator((1,)).series(9.0).series() == RunSeries()
