"""LoadGen's early stopping, against what LoadGen itself has printed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovbench_tui.stats.histogram import LogHistogram
from ovbench_tui.stats.load.early_stopping import allowed_beyond, estimate_ms, longest_ms
from ovbench_tui.stats.sample_size import inferences_needed


@pytest.mark.parametrize(
    ("percent", "count", "discarded"),
    [
        # "Processed at least 64 queries (COUNT). Would discard DISCARDED highest latency queries."
        # of published summaries of LoadGen; it discards all that may lie beyond but one.
        (90, 64, 0),
        (90, 100, 2),
        (90, 201, 9),
        (90, 659, 47),
        (90, 708, 51),
        (90, 2048, 172),
        (90, 2116, 178),
        (90, 2145, 181),
        (90, 7469, 685),
        (90, 79_944, 7796),
        (99, 662, 0),
        (99, 1_179_125, 11_539),
    ],
)
def test_as_many_may_lie_beyond_as_loadgen_discards(
    percent: float, count: int, discarded: int
) -> None:
    assert allowed_beyond(count, percent) == discarded + 1


@pytest.mark.parametrize("percent", [90.0, 99.0])
def test_one_may_lie_beyond_from_the_sample_on_that_a_percentile_needs(percent: float) -> None:
    least = inferences_needed(percent)
    assert allowed_beyond(least, percent) == 1
    assert allowed_beyond(least - 1, percent) == 0


def test_without_a_single_late_one_459_queries_are_the_fewest_for_a_p99() -> None:
    # 0.99 ** 459 is the first power below 1 %.
    assert [allowed_beyond(count, 99) for count in (0, 1, 458, 459)] == [-1, -1, -1, 0]


def test_the_estimate_is_the_longest_that_may_not_be_left_out() -> None:
    latencies_ms = np.arange(1.0, 2049.0)
    histogram = LogHistogram()
    histogram.add(latencies_ms)
    bins = histogram.frozen().bins()
    # Of 2048 the 173rd from the end.
    assert estimate_ms(bins, 90) == pytest.approx(2048 - 172, rel=0.01)
    # Two that were never answered stand in the place of two of them.
    assert estimate_ms(bins, 90, missed=2) == pytest.approx(2048 - 170, rel=0.01)
    assert math.isnan(estimate_ms(bins[:2], 90))


def test_places_are_counted_from_the_longest() -> None:
    bins = ((1.0, 1.0, 5), (4.0, 4.0, 2), (9.0, 9.0, 1))
    assert [longest_ms(bins, place) for place in (1, 2, 3, 4, 8)] == [9.0, 4.0, 4.0, 1.0, 1.0]
    assert math.isnan(longest_ms(bins, 9))
    assert math.isnan(longest_ms(bins, 0))
