"""Schedules: known times, their rates and spreads, and traces from files."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from ovbench_tui.config.load.pattern import parse_arrivals
from ovbench_tui.engine.workloads.schedule import schedule
from ovbench_tui.engine.workloads.trace import read_trace
from ovbench_tui.errors import BadInputError


def times(text: str, count: int) -> np.ndarray:
    return np.array(list(islice(schedule(parse_arrivals(text)), count)))


def test_constant_arrivals_do_not_drift() -> None:
    assert times("constant:4", 4).tolist() == [0.0, 0.25, 0.5, 0.75]
    # A sum of a million gaps of 0.1 s would be off by micro- and more seconds.
    assert times("constant:10", 1_000_001)[-1] == 100_000.0


def test_poisson_arrivals_are_the_same_by_their_seed_and_of_its_distribution() -> None:
    arrivals = times("poisson:50,seed=3", 100_000)
    assert arrivals.tolist() == times("poisson:50,seed=3", 100_000).tolist()
    assert arrivals[:10].tolist() != times("poisson:50,seed=4", 10).tolist()
    gaps = np.diff(arrivals)
    assert gaps.mean() == pytest.approx(1 / 50, rel=0.01)
    # Of an exponential distribution the deviation is the mean, and e^-2 of it is above twice it.
    assert gaps.std() == pytest.approx(1 / 50, rel=0.02)
    assert (gaps > 2 / 50).mean() == pytest.approx(np.exp(-2), rel=0.03)


def test_bursts_come_at_the_begin_of_each_period_and_keep_the_mean_rate() -> None:
    arrivals = times("bursts:200,period=2s,factor=5", 100_000)
    assert (np.diff(arrivals) >= 0).all()
    assert arrivals.size / arrivals[-1] == pytest.approx(200, rel=0.02)
    within_s = arrivals % 2
    assert within_s.max() < 2 / 5 + 1e-6
    counts = np.bincount((arrivals // 2).astype(int))[:-1]
    assert counts.mean() == pytest.approx(400, rel=0.02)


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_a_trace_is_read_from_its_first_arrival_and_begins_again(tmp_path: Path) -> None:
    path = write(tmp_path / "trace.csv", "\ufefftime_s,user\n100.5,a\n\n100.5,b\n101;c\n102,d\n")
    trace = read_trace(path)
    assert trace == (0.0, 0.0, 0.5, 1.5)
    # The mean gap is 0.5 s, so the second turn begins that much after the last arrival.
    got = list(islice(schedule(parse_arrivals(path), trace), 6))
    assert got == [0.0, 0.0, 0.5, 1.5, 2.0, 2.0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no two arrivals at different times"),
        ("time\n1\n", "has no two arrivals"),
        ("1\n1\n1\n", "has no two arrivals"),
        ("1\n3\n2\n", "goes back in time in line 3, from 3 s to 2 s"),
        ("1\n2\nx\n", "has 'x' in line 3, which is not a number"),
        ("1\ninf\n", "has 'inf' in line 2"),
    ],
)
def test_what_is_no_trace_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path / "trace.csv", text)
    with pytest.raises(BadInputError) as refused:
        read_trace(path)
    assert words in str(refused.value)


def test_a_missing_trace_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"missing\.csv' was not found: give a CSV file"):
        read_trace(str(tmp_path / "missing.csv"))
