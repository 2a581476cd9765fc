"""What a sample is too small for."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.stats.sample_size import measured_percentile, measured_rate


@given(st.integers(1, 5000), st.sampled_from((50.0, 90.0, 95.0, 99.0, 99.9)))
def test_a_percentile_that_is_the_largest_value_is_none(count: int, percent: float) -> None:
    values = np.arange(count, dtype=float)
    nearest_rank = float(values[math.ceil(round(count * percent / 100, 9)) - 1])
    shown = measured_percentile(nearest_rank, percent, count)
    if nearest_rank == values[-1]:
        assert math.isnan(shown)
    else:
        assert shown == nearest_rank


def test_one_completion_has_no_rate() -> None:
    assert math.isnan(measured_rate(0.0, 0))
    assert math.isnan(measured_rate(12.0, 1))
    assert measured_rate(12.0, 2) == 12.0
    assert math.isnan(measured_rate(0.0, 5))
