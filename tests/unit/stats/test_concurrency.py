"""Harness-bound or not, by Little's law."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovbench_tui.stats.concurrency import idle_requests_note, requests_in_flight
from ovbench_tui.stats.run import RunAccumulator
from ovbench_tui.stats.run_stats import RunStats


def run_of(period_s: float, latency_ms: float, batch: int = 1, count: int = 200) -> RunStats:
    run = RunAccumulator(batches=(batch,))
    run.set_state(feeding=True, measuring=True, warming=False, time_s=0.0)
    times_s = np.arange(1, count + 1) * period_s
    run.add(times_s, np.full(count, latency_ms), np.zeros(count, np.uint8))
    return run.figures(count * period_s)


def test_the_mean_number_in_flight_follows_from_rate_and_latency() -> None:
    assert requests_in_flight(run_of(0.002, 8.0, batch=3)) == pytest.approx(4.0, rel=0.01)
    assert math.isnan(requests_in_flight(RunAccumulator((1,)).figures(1.0)))


def test_idle_requests_do_not_keep_the_device_busy() -> None:
    slow_loop = run_of(0.0001, 0.05)
    assert "(0.5 of 2): raise nireq or batch." in idle_requests_note(slow_loop, 2, is_sync=False)
    assert "raise the batch" in idle_requests_note(slow_loop, 1, is_sync=True)


def test_busy_requests_and_small_samples_are_no_such_case() -> None:
    assert idle_requests_note(run_of(0.002, 4.0), 2, is_sync=False) == ""
    assert idle_requests_note(run_of(0.0001, 0.05, count=10), 2, is_sync=False) == ""
