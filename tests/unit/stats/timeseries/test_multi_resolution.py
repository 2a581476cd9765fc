"""The session's past: merging without losing peaks, zooming, and a day in constant memory."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.stats.timeseries.columns import Columns, group_starts, merged, merged_bins
from ovbench_tui.stats.timeseries.heat import HeatMap, HeatRows
from ovbench_tui.stats.timeseries.latency_bins import (
    BINS,
    LOWEST_MS,
    PER_DECADE,
    bin_counts,
    lower_edge_ms,
    round_edge_ms,
)
from ovbench_tui.stats.timeseries.multi_resolution import MultiResolutionSeries
from ovbench_tui.stats.timeseries.timeline import Timeline
from ovbench_tui.stats.timeseries.views import LEVELS, TimeWindow
from ovbench_tui.stats.timeseries.whole_session import WholeSession

_DAY_S = 86_400.0


def _columns(fps: list[float], first: int = 0) -> Columns:
    values = np.array(fps)
    ran = ~np.isnan(values)
    return Columns(
        first=first,
        fps=values,
        low_fps=values,
        high_fps=values,
        p50_ms=np.where(ran, 1000 / np.where(ran, values, 1.0), math.nan),
        p99_ms=np.where(ran, values, math.nan),
        count=np.where(ran, values, 0.0),
    )


def _feed(
    line: Timeline | MultiResolutionSeries, from_s: float, to_s: float, fps: float, ms: float
) -> None:
    times_s = np.arange(from_s, to_s, 1 / fps) + 0.5 / fps
    line.add(times_s, np.full(times_s.size, ms), batch=1)


def test_merged_columns_keep_the_lowest_and_the_highest() -> None:
    one = merged(_columns([10.0, 90.0, math.nan, 20.0, math.nan, math.nan, 5.0]), 2)
    assert one.low_fps[:2].tolist() == [10.0, 20.0]
    assert one.high_fps[:2].tolist() == [90.0, 20.0]
    assert one.fps[:2].tolist() == [50.0, 20.0]
    assert one.p99_ms[:2].tolist() == [90.0, 20.0]
    assert one.count.tolist() == [100.0, 20.0, 0.0, 5.0]
    assert np.isnan(one.fps[2])
    assert np.isnan(one.low_fps[2])
    # By completions: 10 of 100 ms and 90 of 11.1 ms.
    assert one.p50_ms[0] == pytest.approx((10 * 100 + 90 * 1000 / 90) / 100)


def test_groups_are_aligned_by_number() -> None:
    assert group_starts(0, 5, 2).tolist() == [0, 2, 4]
    assert group_starts(3, 5, 2).tolist() == [0, 1, 3]
    assert merged(_columns([1.0, 2.0, 3.0], first=5), 2).first == 2
    assert merged(_columns([1.0, 2.0, 3.0], first=5), 2).count.tolist() == [1.0, 5.0]


@given(
    st.lists(st.floats(1.0, 1e4) | st.just(math.nan), min_size=1, max_size=50),
    st.integers(0, 9),
)
def test_merging_twice_loses_no_more_than_merging_at_once(fps: list[float], first: int) -> None:
    columns = _columns(fps, first)
    twice, once = merged(merged(columns, 2), 3), merged(columns, 6)
    for name in ("low_fps", "high_fps", "p99_ms", "count"):
        assert np.allclose(getattr(twice, name), getattr(once, name), equal_nan=True)
    assert twice.first == once.first
    known = [value for value in fps if value == value]
    if known:
        assert np.nanmax(once.high_fps) == max(known)
        assert np.nanmin(once.low_fps) == min(known)
        assert np.nanmin(once.fps) >= min(known) * (1 - 1e-9)
        assert np.nanmax(once.fps) <= max(known) * (1 + 1e-9)


def test_bins_are_less_than_a_tenth_wide_and_hold_what_lies_outside() -> None:
    for value in (0.002, 1.0, 7.77, 99_000.0):
        place = int(np.flatnonzero(bin_counts(np.array([value])))[0])
        assert lower_edge_ms(place) * 0.999999 <= value <= lower_edge_ms(place + 1) * 1.000001
        assert lower_edge_ms(place + 1) / lower_edge_ms(place) == pytest.approx(1.08, abs=0.01)
    ends = bin_counts(np.array([0.0, LOWEST_MS / 10, 1e9]))
    assert (ends[0], ends[-1], ends.size) == (2, 1, BINS)
    for decade in range(-3, 2):
        begins = bin_counts(np.array([1.0, 2.0, 5.0]) * 10.0**decade)
        first = (decade + 3) * PER_DECADE
        assert np.flatnonzero(begins).tolist() == [first, first + 9, first + 21]
    values = np.sort(np.random.default_rng(3).lognormal(1.0, 2.0, 500))
    edges = [0.0, *(round_edge_ms(number) for number in range(1, BINS)), math.inf]
    assert bin_counts(values).tolist() == np.histogram(values, edges)[0].tolist()


def test_what_a_timeline_forgot_is_told_as_nothing() -> None:
    line = Timeline(0.0, capacity=16)
    line.set_feeding(True, 0.0)
    _feed(line, 0.0, 20.0, 100.0, 5.0)
    line.advance(20.0)
    assert line.oldest_column == 25
    found = line.between(20, 30)
    assert found.first == 20
    assert np.isnan(found.fps[:5]).all()
    assert found.fps[5:].tolist() == pytest.approx([100.0] * 5)
    assert line.bins_between(20, 30).sum(axis=1).tolist() == [0] * 5 + [50] * 5


def test_a_long_silence_is_skipped_and_not_written_down() -> None:
    line = Timeline(0.0, capacity=16)
    line.set_feeding(True, 0.0)
    _feed(line, 0.0, 2.0, 100.0, 5.0)
    line.set_feeding(False, 2.0)
    line.advance(1e6)
    assert line.open_column == 2_000_000
    assert np.isnan(line.last(100).fps).all()
    assert not line.bins_between(line.open_column - 100, line.open_column).any()
    line.set_feeding(True, 1e6)
    _feed(line, 1e6, 1e6 + 1, 100.0, 5.0)
    line.advance(1e6 + 1)
    assert line.last(2).fps.tolist() == pytest.approx([100.0, 100.0])


@pytest.mark.parametrize("batch", [1, 9])
def test_the_whole_session_is_merged_in_pairs_and_keeps_its_peaks(batch: int) -> None:
    line = Timeline(0.0)
    whole = WholeSession(line, capacity=16, batch=batch)
    line.set_feeding(True, 0.0)
    for second in range(100):
        fps, ms = (400.0, 3.0) if second == 33 else (100.0, 10.0)
        if second == 50:
            fps, ms = 20.0, 250.0
        _feed(line, second, second + 1, fps, ms)
        line.advance(second + 1.0)
        whole.take_in()
    assert whole.parts == 16
    assert whole.column_s == 8.0
    columns = whole.between(0, whole.size)
    assert columns.size == whole.size == 13
    assert np.nanmax(columns.high_fps) == pytest.approx(400.0)
    assert np.nanmin(columns.low_fps) == pytest.approx(20.0)
    assert np.nanmax(columns.p99_ms) == 250.0
    assert columns.count.sum() == 98 * 100 + 400 + 20
    assert whole.bins_between(0, whole.size).sum() == columns.count.sum()


def test_the_newest_column_of_the_whole_session_grows() -> None:
    line = Timeline(0.0)
    whole = WholeSession(line, capacity=4, batch=1)
    line.set_feeding(True, 0.0)
    _feed(line, 0.0, 4.0, 100.0, 5.0)
    line.advance(4.0)
    whole.take_in()
    assert (whole.parts, whole.size) == (4, 2)
    _feed(line, 4.0, 4.5, 200.0, 5.0)
    line.advance(4.5)
    whole.take_in()
    assert whole.between(0, 9).count.tolist() == [200.0, 200.0, 100.0]


def _day() -> MultiResolutionSeries:
    """A day by a fake clock: a burst every five minutes, one of them slow, and nothing else."""
    chronicle = MultiResolutionSeries(0.0)
    for burst in range(int(_DAY_S / 300)):
        begin_s = burst * 300.0
        chronicle.set_feeding(True, begin_s)
        _feed(chronicle, begin_s, begin_s + 2, 50.0, 900.0 if burst == 100 else 20.0)
        chronicle.set_feeding(False, begin_s + 2)
        chronicle.advance(begin_s + 300)
    return chronicle


@pytest.fixture(scope="module")
def day() -> MultiResolutionSeries:
    return _day()


def _bytes(chronicle: MultiResolutionSeries) -> int:
    """What the arrays take, and all that could grow beside them."""
    parts = (chronicle._line, chronicle._fine, chronicle._whole)
    arrays = [value for part in parts for value in vars(part).values()]
    arrays += list(chronicle._whole._figures.values())
    assert all(len(value) < 5000 for value in arrays if isinstance(value, (list, dict, tuple)))
    return sum(value.nbytes for value in arrays if isinstance(value, np.ndarray))


def test_a_day_takes_no_more_memory_than_a_moment(day: MultiResolutionSeries) -> None:
    assert _bytes(day) == _bytes(MultiResolutionSeries(0.0)) < 8e6


def test_a_day_is_seen_whole_and_its_one_slow_moment_too(day: MultiResolutionSeries) -> None:
    whole = day.window(TimeWindow(144, math.inf))
    assert whole.columns.first == 0
    assert whole.columns.size <= 144
    assert whole.columns.size * whole.column_s == pytest.approx(_DAY_S, rel=0.02)
    assert whole.columns.count.sum() == 288 * 100
    assert np.nanmax(whole.columns.p99_ms) == 900.0
    slow = int(np.nanargmax(whole.columns.p99_ms))
    assert slow == int(100 * 300 / whole.column_s)
    heat = day.heat(TimeWindow(144, math.inf), rows=12)
    assert heat.column_s == 2 * whole.column_s
    assert heat.edges_ms[0] <= 20.0
    top = next(n for n, edge in enumerate(heat.edges_ms[1:]) if edge > 900.0)
    assert heat.rows[top].count(0) == len(heat.rows[top]) - 1
    assert heat.rows[top][slow // 2] > 0


def test_the_last_hour_of_a_day_is_fine_and_what_was_before_is_coarse(
    day: MultiResolutionSeries,
) -> None:
    half_hour = day.window(TimeWindow(144, 1800 / 144))
    assert half_hour.column_s == 12.5
    assert half_hour.columns.size == 144
    before = day.window(TimeWindow(144, 1800 / 144, end_s=_DAY_S / 2))
    assert before.column_s >= 12.5
    end_s = (before.columns.first + before.columns.size) * before.column_s
    assert end_s == pytest.approx(_DAY_S / 2, abs=before.column_s)
    assert before.columns.count.sum() > 0


@pytest.fixture
def minutes() -> MultiResolutionSeries:
    """Five minutes at 100 FPS; one stall of a tenth of a second, and one long inference."""
    chronicle = MultiResolutionSeries(0.0)
    chronicle.set_feeding(True, 0.0)
    for second in range(300):
        _feed(chronicle, second, second + 1, 100.0, 7.0)
        if second == 280:
            chronicle.add(np.array([281.0]), np.array([300.0]), 1)
        chronicle.advance(second + 1.0)
    return chronicle


@pytest.mark.parametrize("seconds", [10, 30, 60, 300])
def test_each_span_is_about_as_long_as_asked_for(
    minutes: MultiResolutionSeries, seconds: int
) -> None:
    shown = minutes.window(TimeWindow(144, seconds / 144))
    assert shown.columns.size * shown.column_s == pytest.approx(seconds, rel=0.26)
    end_s = (shown.columns.first + shown.columns.size) * shown.column_s
    assert end_s == pytest.approx(300.0, abs=shown.column_s)
    is_in_sight = shown.columns.first * shown.column_s < 281
    assert (np.nanmax(shown.columns.p99_ms) == 300.0) == is_in_sight


def test_a_frozen_window_stays_where_it_is(minutes: MultiResolutionSeries) -> None:
    window = TimeWindow(20, 0.5, end_s=200.0)
    before = minutes.window(window)
    assert (before.columns.first + before.columns.size) * before.column_s == 200.0
    _feed(minutes, 300.0, 310.0, 50.0, 9.0)
    minutes.advance(310.0)
    assert minutes.window(window) is before
    live = minutes.window(TimeWindow(20))
    assert live.columns.p50_ms[-1] == 9.0


def test_nothing_is_made_anew_without_a_new_column(minutes: MultiResolutionSeries) -> None:
    window = TimeWindow(144, 300 / 144)
    assert minutes.window(window) is minutes.window(window)
    heat = minutes.heat(window, 9)
    assert minutes.heat(window, 9) is heat
    minutes.advance(300.5)
    assert minutes.heat(window, 9) is not heat
    assert minutes.window(window).is_open


@pytest.mark.parametrize("seconds", [10, 60, 300])
def test_a_heat_map_grown_step_by_step_is_the_same_as_one_made_at_once(seconds: int) -> None:
    stepwise = MultiResolutionSeries(0.0)
    at_once = MultiResolutionSeries(0.0)
    rng = np.random.default_rng(1)
    window = TimeWindow(60, seconds / 60)
    for chronicle in (stepwise, at_once):
        chronicle.set_feeding(True, 0.0)
    for frame in range(400):
        times_s = (frame + np.sort(rng.random(30))) / 4
        latencies_ms = rng.lognormal(2.0, 0.3, 30)
        for chronicle in (stepwise, at_once):
            chronicle.add(times_s, latencies_ms, 1)
            chronicle.advance((frame + 1) / 4)
        stepwise.heat(window, 10)
    grown = stepwise.heat(window, 10)
    # How the rows were fitted may differ, for they are held: the counts must not.
    at_once._heat._scale = stepwise._heat._scale
    assert repr(grown) == repr(at_once.heat(window, 10))  # NaN and all


def test_a_far_outlier_is_in_the_top_row_and_told() -> None:
    bins = np.zeros((4, BINS), dtype=np.uint16)
    bins[:, 90] = 500
    bins[2, 210] = 1
    heat = HeatMap().of(
        lambda first, end: bins[first:end],
        "source",
        first=0,
        end=4,
        group=1,
        is_open=False,
        column_s=1.0,
        rows=5,
    )
    assert len(heat.rows) == 5
    assert heat.edges_ms[-1] < lower_edge_ms(210)
    assert [row[2] > 0 for row in heat.rows] == [False, False, True, False, True]
    assert heat.most == 500
    assert heat.beyond_ms == pytest.approx(lower_edge_ms(211))
    assert max(heat.rows[-1]) <= LEVELS


@pytest.mark.parametrize("rows", [1, 3, 5, 10, 24])
@given(lowest=st.integers(0, BINS - 1), width=st.integers(1, BINS))
def test_rows_begin_at_round_latencies(rows: int, lowest: int, width: int) -> None:
    highest = min(BINS, lowest + width) - 1
    scale = HeatRows()
    scale.fit(lowest, highest, rows)
    assert scale.edges[0] <= lowest
    assert scale.edges[-1] > highest
    assert 1 <= len(scale.edges) - 1 <= rows
    labels = [edge for edge in map(round_edge_ms, scale.edges[:-1]) if f"{edge:.4e}"[:6] in ROUND]
    assert len(labels) >= min(2, rows, len(scale.edges) - 1)


ROUND = ("1.0000", "2.0000", "5.0000")


@pytest.mark.parametrize(
    ("lowest_ms", "highest_ms", "rows", "edges_ms"),
    [
        (1.3, 40.0, 6, [1, 2, 5, 10, 20, 50, 100]),
        (1.3, 90.0, 4, [1, 10**0.5, 10, 10**1.5, 100]),
        (0.002, 2e4, 10, [0.001, 0.01, 0.1, 1, 10, 100, 1e3, 1e4, 1e5]),
    ],
)
def test_rows_of_a_range(
    lowest_ms: float, highest_ms: float, rows: int, edges_ms: list[float]
) -> None:
    lowest, highest = (
        int(np.flatnonzero(bin_counts(np.array([ms])))[0]) for ms in (lowest_ms, highest_ms)
    )
    scale = HeatRows()
    scale.fit(lowest, highest, rows)
    assert [round_edge_ms(edge) for edge in scale.edges] == pytest.approx(edges_ms)


def test_rows_stay_while_they_will_do() -> None:
    scale = HeatRows()
    scale.fit(95, 150, 10)
    edges = scale.edges
    for lowest, highest in ((96, 148), (97, 150), (95, 146)):
        scale.fit(lowest, highest, 10)
        assert scale.edges == edges
    scale.fit(95, 105, 10)
    assert scale.edges != edges


def test_without_latencies_there_are_no_rows() -> None:
    heat = MultiResolutionSeries(0.0).heat(TimeWindow(20), 10)
    assert heat.rows == ()
    assert heat.most == 0


def test_merged_bins_add_up() -> None:
    bins = np.arange(12, dtype=np.uint16).reshape(6, 2)
    assert merged_bins(bins, 1, 3).tolist() == [[2, 4], [18, 21], [10, 11]]
