"""Comparing the runs of a session: what is made once, what again, and how much in one call."""

from __future__ import annotations

import pytest

from ovbench_tui.engine.runs import run_comparison
from ovbench_tui.engine.runs.run_comparison import (
    AGAIN_AFTER_S,
    RunComparer,
    coarser,
    compare_briefly,
)
from ovbench_tui.stats.run_stats import Comparison, RunSeries

MODELS = ((1, "a"), (2, "a"), (3, "b"), (4, "a"))


class _Compare:
    """Records what it was asked for; the series' step stands for the run's number."""

    def __init__(self) -> None:
        self.pairs: list[tuple[int, int, str]] = []

    def __call__(self, baseline: RunSeries, run: RunSeries, figure: str) -> Comparison:
        self.pairs.append((int(baseline.step_s), int(run.step_s), figure))
        return Comparison(figure, 1.0, 0.9, 1.1, 0.95, len(self.pairs))


def _series_of(run_id: int) -> RunSeries:
    return RunSeries(step_s=float(run_id))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls may take as long as they like."""
    monkeypatch.setattr(run_comparison, "_SPENT_AT_MOST_S", 1e9)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first comparison of a call uses up its time."""
    monkeypatch.setattr(run_comparison, "_SPENT_AT_MOST_S", 0.0)


@pytest.mark.usefixtures("patient")
def test_runs_of_the_same_model_are_compared_once() -> None:
    compare = _Compare()
    comparer = RunComparer(compare)
    found = comparer.against(1, "fps", (*MODELS, (5, "b")), _series_of, 0.0)
    assert [run_id for run_id, _ in found] == [2, 4]
    assert compare.pairs == [(1, 2, "fps"), (1, 4, "fps")]
    again = comparer.against(1, "fps", (*MODELS, (5, "b")), _series_of, 1000.0)
    assert again == found
    assert len(compare.pairs) == 2


@pytest.mark.usefixtures("patient")
def test_the_run_that_goes_on_is_compared_again_now_and_then_and_once_it_has_ended() -> None:
    compare = _Compare()
    comparer = RunComparer(compare)
    comparer.against(1, "fps", MODELS, _series_of, 0.0)
    comparer.against(1, "fps", MODELS, _series_of, AGAIN_AFTER_S - 0.1)
    assert compare.pairs == [(1, 2, "fps"), (1, 4, "fps")]
    comparer.against(1, "fps", MODELS, _series_of, AGAIN_AFTER_S)
    assert compare.pairs[2:] == [(1, 4, "fps")]
    ended = (*MODELS, (5, "b"))
    comparer.against(1, "fps", ended, _series_of, AGAIN_AFTER_S + 0.1)
    comparer.against(1, "fps", ended, _series_of, 10 * AGAIN_AFTER_S)
    assert compare.pairs[3:] == [(1, 4, "fps")]


@pytest.mark.usefixtures("hurried")
def test_a_call_makes_one_at_least_and_stops_when_its_time_is_up() -> None:
    compare = _Compare()
    comparer = RunComparer(compare)
    assert [run_id for run_id, _ in comparer.against(1, "fps", MODELS, _series_of, 0.0)] == [2]
    found = comparer.against(1, "fps", MODELS, _series_of, 0.0)
    assert [run_id for run_id, _ in found] == [2, 4]
    assert len(compare.pairs) == 2


@pytest.mark.usefixtures("hurried")
def test_against_a_baseline_that_goes_on_the_oldest_is_made_again_first() -> None:
    compare = _Compare()
    comparer = RunComparer(compare)
    for now_s in (0.0, 1.0, 2.0):
        comparer.against(4, "fps", MODELS, _series_of, now_s)
    assert compare.pairs == [(4, 1, "fps"), (4, 2, "fps")]
    comparer.against(4, "fps", MODELS, _series_of, AGAIN_AFTER_S + 2)
    comparer.against(4, "fps", MODELS, _series_of, AGAIN_AFTER_S + 2)
    assert compare.pairs[2:] == [(4, 1, "fps"), (4, 2, "fps")]


@pytest.mark.usefixtures("patient")
def test_figures_are_kept_apart_and_an_unknown_baseline_has_none() -> None:
    compare = _Compare()
    comparer = RunComparer(compare)
    comparer.against(1, "fps", MODELS, _series_of, 0.0)
    found = comparer.against(1, "p99_ms", MODELS, _series_of, 0.0)
    assert {comparison.figure for _, comparison in found} == {"p99_ms"}
    assert comparer.against(9, "fps", MODELS, _series_of, 0.0) == ()
    assert comparer.against(9, "fps", (), _series_of, 0.0) == ()


def test_merged_windows_keep_counts_and_weigh_latencies() -> None:
    nan = float("nan")
    series = RunSeries(
        step_s=0.25,
        counts=(1, 3, 0, 4, 0, 0, 9),
        frames=(2, 6, 0, 8, 0, 0, 18),
        mean_ms=(1.0, 5.0, nan, 7.0, nan, nan, 1.0),
        p50_ms=(1.0, 5.0, nan, 7.0, nan, nan, 1.0),
        p99_ms=(2.0, 2.0, nan, 3.0, nan, nan, 1.0),
    )
    merged = coarser(series, 4)
    assert merged.step_s == 0.5
    assert merged.counts == (4, 4, 0)
    assert merged.frames == (8, 8, 0)
    assert merged.p50_ms[:2] == (4.0, 7.0)
    assert merged.p99_ms[:2] == (2.0, 3.0)
    assert merged.mean_ms[2] != merged.mean_ms[2]
    assert coarser(series, 7) is series


def test_long_runs_compare_as_short_ones_do() -> None:
    counts = tuple(100 + (n * 7919) % 11 for n in range(2400))
    latencies = (5.0,) * 2400
    long_run = RunSeries(0.25, counts, counts, latencies, latencies, latencies)
    slower = tuple(count // 2 for count in counts)
    comparison = compare_briefly(
        long_run, RunSeries(0.25, slower, slower, latencies, latencies, latencies), "fps"
    )
    assert 0.48 < comparison.low <= comparison.ratio <= comparison.high < 0.52
    assert comparison.windows <= 160
