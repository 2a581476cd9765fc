"""Means over any stretch of time, of values that were each measured over one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovbench_tui.stats.timeseries.step_line import StepLine


def _means(line: StepLine, *edges_s: float) -> list[float]:
    return line.means(np.array(edges_s))[:, 0].tolist()


def test_a_mean_weighs_by_time() -> None:
    line = StepLine(1, 10)
    line.add(1.0, (0.2,))
    line.add(4.0, (0.6,))
    assert _means(line, 0.0, 1.0, 2.0, 4.0) == pytest.approx([0.2, 0.6, 0.6])
    assert _means(line, 0.0, 4.0) == pytest.approx([0.5])
    assert _means(line, 0.5, 1.5) == pytest.approx([0.4])


def test_cells_finer_than_a_stretch_have_its_value() -> None:
    line = StepLine(1, 10)
    line.add(1.0, (0.7,))
    assert _means(line, 0.0, 0.25, 0.5, 0.75, 1.0) == pytest.approx([0.7] * 4)


def test_what_is_not_known_is_nan_and_dilutes_nothing() -> None:
    line = StepLine(2, 10, start_s=5.0)
    line.add(6.0, (0.2, math.nan))
    line.add(7.0, (math.nan, math.nan))
    line.add(8.0, (0.4, math.nan))
    means = line.means(np.array([3.0, 5.0, 6.0, 7.0, 8.0, 9.0]))
    assert means[:, 0].tolist() == pytest.approx([math.nan, 0.2, math.nan, 0.4, math.nan], nan_ok=1)
    assert np.isnan(means[:, 1]).all()
    assert _means(line, 5.5, 7.5) == pytest.approx([0.5 * 0.2 + 0.5 * 0.4])
    assert np.isnan(StepLine(2, 4).means(np.array([0.0, 1.0]))).all()


def test_time_does_not_go_back() -> None:
    line = StepLine(1, 4)
    line.add(2.0, (0.5,))
    line.add(2.0, (0.9,))
    line.add(1.0, (0.9,))
    assert (line.start_s, line.end_s) == (0.0, 2.0)
    assert _means(line, 0.0, 2.0) == [0.5]


def test_the_whole_time_stays_in_coarser_steps() -> None:
    line = StepLine(1, 8)
    for second in range(100):
        line.add(second + 1.0, (second / 100,))
    assert (line.start_s, line.end_s) == (0.0, 100.0)
    assert _means(line, 0.0, 100.0) == pytest.approx([0.495])


def test_one_that_forgets_keeps_the_newest_by_the_step() -> None:
    line = StepLine(1, 8, forgets=True)
    for second in range(100):
        line.add(second + 1.0, (second / 100,))
    assert line.start_s >= 92.0
    assert _means(line, 97.0, 98.0, 99.0, 100.0) == pytest.approx([0.97, 0.98, 0.99])
    assert math.isnan(_means(line, 10.0, 11.0)[0])
