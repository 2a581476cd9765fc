"""A run's latencies as bars."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.stats.bars import MARKED, latency_bars
from ovbench_tui.stats.histogram import LogHistogram


def _histogram(values: list[float] | np.ndarray) -> LogHistogram:
    histogram = LogHistogram()
    histogram.add(np.asarray(values, dtype=np.float64))
    return histogram


def test_an_empty_histogram_has_no_bars() -> None:
    assert latency_bars(LogHistogram(), 1, 40) is None
    assert latency_bars(_histogram([1.0]), 1, 0) is None


@given(st.lists(st.floats(0.01, 1e4), min_size=1, max_size=60), st.integers(1, 200), st.booleans())
def test_every_latency_is_in_a_bar_or_told_to_be_outside(
    values: list[float], bars: int, is_log: bool
) -> None:
    found = latency_bars(_histogram(values), 1, bars, is_log=is_log)
    assert found is not None
    assert len(found.bars) == bars
    assert min(found.bars) >= 0
    assert sum(found.bars) + found.below + found.above == pytest.approx(len(values), abs=1.01)
    assert found.low_ms < found.high_ms
    assert [percent for percent, _ in found.marks] == list(MARKED)


def test_the_bars_are_where_the_latencies_are() -> None:
    values = np.concatenate((np.full(900, 2.0), np.full(100, 8.0)))
    for is_log, place in ((True, 0.0), (False, 0.0)):
        found = latency_bars(_histogram(values), 3, 50, is_log=is_log)
        assert found is not None
        assert found.run_id == 3
        assert np.argmax(found.bars) == pytest.approx(place * 50, abs=2)
        assert sum(found.bars[:3]) == pytest.approx(900)
        assert sum(found.bars[-3:]) == pytest.approx(100)
    half = {
        is_log: latency_bars(_histogram([*values, 4.0]), 3, 100, is_log=is_log).bars
        for is_log in (True, False)
    }
    # 4 is in the middle between 2 and 8 on the logarithmic scale, and at a third on the other.
    assert sum(half[True][45:55]) == pytest.approx(1)
    assert sum(half[False][30:37]) == pytest.approx(1)


def test_a_far_outlier_does_not_press_the_rest_together() -> None:
    values = np.concatenate((np.linspace(5.0, 6.0, 9999), [900.0]))
    found = latency_bars(_histogram(values), 1, 60)
    assert found is not None
    assert found.high_ms < 6.1
    assert (found.below, found.above) == (0, 1)
    assert dict(found.marks)[50.0] == pytest.approx(5.5, rel=0.01)


def test_a_bar_narrower_than_a_bin_has_its_share() -> None:
    found = latency_bars(_histogram(np.full(600, 3.0)), 1, 60)
    assert found is not None
    assert found.bars == pytest.approx([10.0] * 60, rel=0.01)
