"""Whether memory grows: right on leaks that are known, silent where there is none."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from ovbench_tui.stats.memory_trend import BLOCKS, MemoryTrend, memory_trend
from ovbench_tui.stats.timeseries.run_machine import MachineMoment, RunMachine

NAN = math.nan
SECONDS = 120


def trend_of(looks_mib: npt.ArrayLike) -> MemoryTrend:
    """The verdict on a memory that is looked at every second."""
    machine = RunMachine()
    for second, rss_mib in enumerate(np.asarray(looks_mib).tolist(), start=1):
        machine.add(float(second), MachineMoment(NAN, NAN, NAN, NAN, None, rss_mib))
    found = machine.memory_trend()
    assert found is not None
    return found


def test_the_slope_and_its_interval_are_students() -> None:
    # Of the increments 1, 2, 3, 2, 2: mean 2, standard deviation 0.7071, t 6.325 with 4 degrees
    # of freedom, of which 2.776 standard errors to each side hold 95 %, and 0.00320 lie beyond.
    found = memory_trend([0.0, 1.0, 3.0, 6.0, 8.0, 10.0], 60.0)
    assert found is not None
    assert found.mib_per_minute == pytest.approx(12.0)
    assert (found.low, found.high) == pytest.approx((6.732, 17.268), abs=1e-3)
    assert found.p_value == pytest.approx(0.00320, abs=1e-5)
    assert found.sentence == (
        "The engine's memory grows 12.0 MiB a minute (95 % interval 6.7 to 17.3, p < 0.01)."
    )


def test_a_leak_is_found_with_its_slope() -> None:
    random = np.random.default_rng(1)
    times_s = np.arange(SECONDS)
    found = trend_of(200 + 3.1 / 60 * times_s + random.normal(0, 0.2, SECONDS))
    assert found.grows
    assert found.low < 3.1 < found.high
    assert found.mib_per_minute == pytest.approx(3.1, rel=0.1)
    assert "p < 0.001" in found.sentence


def test_what_the_program_itself_may_take_is_no_leak_of_the_model() -> None:
    alone = MemoryTrend(1.7, 1.4, 2.1, 0.0, 60.0)
    assert alone.grows
    assert not replace(alone, is_alone=False).grows
    assert replace(alone, mib_per_minute=3.1, is_alone=False).sentence == (
        "Memory grows 3.1 MiB a minute (95 % interval 1.4 to 2.1, p < 0.001; up to 2.5 are this"
        " program's, without --isolate)."
    )


def test_a_leak_in_steps_is_found_too() -> None:
    """A megabyte every ten seconds, as an allocator takes it."""
    found = trend_of(200 + np.arange(SECONDS) // 10 * 1.0)
    assert found.grows
    assert found.mib_per_minute == pytest.approx(6.0, rel=0.1)


@pytest.mark.parametrize(
    "looks_mib",
    [
        np.full(SECONDS, 200.0),
        np.where(np.arange(SECONDS) < 50, 200.0, 260.0),  # once, and then no more
        300 - 100 * np.exp(-np.arange(SECONDS) / 15),  # a cache that fills up
        200 + 0.2 / 60 * np.arange(SECONDS),  # surely, but nothing that matters
        300 - 3 / 60 * np.arange(SECONDS),  # it shrinks
        200 + 5 * np.sin(np.arange(SECONDS) / 7),
    ],
    ids=["flat", "step", "cache", "crumbs", "shrinks", "waves"],
)
def test_what_is_no_leak_is_not_called_one(looks_mib: npt.NDArray[np.float64]) -> None:
    found = trend_of(looks_mib)
    assert not found.grows
    assert found.sentence == ""


def share_called_growing(looks_mib: npt.NDArray[np.float64]) -> float:
    found = [memory_trend(one.tolist(), float(SECONDS)) for one in looks_mib]
    return float(np.mean([one is not None and one.p_value < 0.01 for one in found]))


def test_without_a_trend_the_error_rate_is_the_nominal_one() -> None:
    random = np.random.default_rng(7)
    noise = random.normal(0, 1, (4000, BLOCKS))
    assert share_called_growing(noise) < 0.01
    # 1 % of 4000 is 40 +-6.3: a memory that only wanders is the hardest.
    assert share_called_growing(np.cumsum(noise, axis=1)) == pytest.approx(0.01, abs=0.005)


def test_too_little_is_no_verdict() -> None:
    assert memory_trend([1.0] * BLOCKS, 23.9) is None
    assert memory_trend([1.0] * (BLOCKS - 1) + [NAN], 60.0) is None
    machine = RunMachine()
    assert machine.memory_trend() is None
    machine.add(23.0, MachineMoment(NAN, NAN, NAN, NAN, None, 5.0))
    assert machine.memory_trend() is None
