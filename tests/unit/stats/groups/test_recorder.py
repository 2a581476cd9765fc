"""Figures of each shape group, on latencies that are known beforehand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovbench_tui.stats.groups.first_inferences import first_inferences_note, first_to_later
from ovbench_tui.stats.groups.recorder import GroupRecorder
from ovbench_tui.stats.run import RunAccumulator
from ovbench_tui.stats.run_stats import GroupStats


def add(run: RunAccumulator, begin_s: float, latencies_ms: list[float], groups: list[int]) -> None:
    times_s = begin_s + 0.01 * np.arange(1, len(groups) + 1)
    run.add(times_s, np.array(latencies_ms), np.array(groups, np.uint32))


def begin(run: RunAccumulator, time_s: float, *, warming: bool) -> None:
    run.set_state(feeding=True, measuring=not warming, warming=warming, time_s=time_s)


def test_the_first_inference_of_a_shape_is_apart_also_that_of_the_warm_up() -> None:
    run = RunAccumulator((1, 1, 1, 2))
    begin(run, 0.0, warming=True)
    add(run, 0.0, [50.0, 5.0, 60.0], [0, 0, 1])
    begin(run, 1.0, warming=False)
    add(run, 1.0, [6.0, 80.0, 7.0, 8.0, 6.0], [1, 2, 0, 2, 1])
    figures = run.figures(2.0)
    assert figures.count == 5, "a first inference counts"
    assert figures.max_ms == 80.0
    assert figures.frames == 5
    assert [group.first_ms for group in figures.groups[:3]] == [50.0, 60.0, 80.0]
    assert math.isnan(figures.groups[3].first_ms)
    assert [group.count for group in figures.groups] == [1, 2, 1, 0]
    assert [group.max_ms for group in figures.groups[:3]] == [7.0, 6.0, 8.0]
    assert first_to_later(figures.groups) == (pytest.approx(10.0, rel=0.01), 3)


def test_the_inference_before_all_others_is_the_first_of_the_first_shape() -> None:
    run = RunAccumulator((1, 1), (), (), ((0, 90.0),))
    begin(run, 0.0, warming=False)
    add(run, 0.0, [30.0, 3.0, 4.0], [1, 0, 1])
    groups = run.figures(1.0).groups
    assert [group.first_ms for group in groups] == [90.0, 30.0]
    assert [group.count for group in groups] == [1, 1]


def test_a_first_inference_stays_the_first_when_statistics_begin_again() -> None:
    run = RunAccumulator((1, 1))
    begin(run, 0.0, warming=False)
    add(run, 0.0, [30.0, 40.0, 3.0, 4.0], [0, 1, 0, 1])
    run.reset(1.0)
    add(run, 1.0, [5.0, 6.0], [0, 1])
    groups = run.figures(2.0).groups
    assert [group.first_ms for group in groups] == [30.0, 40.0]
    assert [group.count for group in groups] == [1, 1]


def test_what_nobody_saw_may_have_been_the_first() -> None:
    recorder = GroupRecorder(2)
    one, other = np.array([9.0]), np.array([8.0])
    assert recorder.take_firsts(one, np.array([0], np.uint32), 0) is not None
    assert recorder.take_firsts(other, np.array([1], np.uint32), 3) is None
    firsts = [group.first_ms for group in recorder.figures(0.0)]
    assert firsts[0] == 9.0
    assert math.isnan(firsts[1])


def test_phases_of_sequences_have_no_first() -> None:
    recorder = GroupRecorder(2, keeps_firsts=False)
    assert recorder.take_firsts(np.array([9.0]), np.array([0], np.uint32), 0) is None


def test_figures_are_as_of_a_histogram_a_group() -> None:
    """Of 256 groups, against numpy's own percentiles."""
    random = np.random.default_rng(5)
    groups = random.integers(0, 256, 100_000).astype(np.uint32)
    latencies_ms = random.lognormal(1.0, 0.5, groups.size) * (1 + groups)
    recorder = GroupRecorder(256, (75.0,), keeps_firsts=False)
    for piece in np.array_split(np.arange(groups.size), 17):
        recorder.add(latencies_ms[piece], groups[piece])
    for number, figures in enumerate(recorder.figures(0.0)):
        own_ms = latencies_ms[groups == number]
        assert figures.count == own_ms.size
        assert figures.max_ms == own_ms.max()
        assert figures.mean_ms == pytest.approx(own_ms.mean())
        expected = np.percentile(own_ms, [50, 75, 99], method="inverted_cdf")
        found = (figures.p50_ms, dict(figures.percentiles_ms)[75.0], figures.p99_ms)
        assert found == pytest.approx(expected, rel=0.005)


def test_figures_of_a_frame_may_be_older_but_never_those_at_the_end() -> None:
    recorder = GroupRecorder(64, keeps_firsts=False)
    recorder.add(np.array([1.0]), np.array([0], np.uint32))
    first = recorder.figures(10.0, fresh=False)
    recorder.add(np.array([1.0]), np.array([0], np.uint32))
    assert recorder.figures(10.5, fresh=False) is first
    assert recorder.figures(14.0, fresh=False)[0].count == 2
    recorder.add(np.array([1.0]), np.array([1], np.uint32))
    assert [group.count for group in recorder.figures(14.1)[:3]] == [2, 1, 0]


def stats(first_ms: float, p50_ms: float) -> GroupStats:
    return GroupStats(9, p50_ms, p50_ms, p50_ms, p50_ms, first_ms=first_ms)


def test_the_note_is_given_where_firsts_are_slower() -> None:
    slower = stats(8.0, 2.0), stats(6.4, 2.0), stats(90.0, 2.0), stats(math.nan, 2.0)
    assert list(first_inferences_note(slower)) == [
        "The first inference of a shape takes 4 times as long (median of 3 shapes)."
    ]
    assert not list(first_inferences_note((stats(2.1, 2.0), stats(2.2, 2.0))))
    assert not list(first_inferences_note((stats(9.0, 2.0), stats(9.0, math.nan)))), "one shape"
    assert not list(first_inferences_note(()))
