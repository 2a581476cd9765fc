"""The runs of one search are put together in the place of its first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.engine.api.search_mark import (
    LOAD,
    SWEEP,
    TUNE,
    SearchTrials,
    gathered,
    new_mark,
)
from ovbench_tui.engine.api.search_runs import best_of, setting_of, title_of
from ovbench_tui.engine.api.snapshot import RunView
from tests.unit.reported import VIEW


def test_two_searches_of_a_kind_have_marks_of_their_own() -> None:
    first, second = new_mark(TUNE), new_mark(TUNE)
    assert first != second
    assert {first.split()[0], second.split()[0]} == {"tune"}


def test_runs_of_a_search_are_together_where_its_first_was() -> None:
    runs = [("a", ""), ("b", "tune 1"), ("c", ""), ("d", "sweep 2"), ("e", "tune 1")]
    assert gathered(runs, lambda run: run[1]) == [
        ("a", ""),
        SearchTrials("tune 1", (("b", "tune 1"), ("e", "tune 1"))),
        ("c", ""),
        SearchTrials("sweep 2", (("d", "sweep 2"),)),
    ]


@pytest.mark.parametrize(
    ("mark", "count", "title"),
    [
        (new_mark(TUNE), 8, "tune (8 trials)"),
        (new_mark(SWEEP), 6, "sweep (6 points)"),
        (new_mark(SWEEP), 1, "sweep (1 point)"),
        ("probe 1", 2, "probe (2 runs)"),
    ],
    ids=("tune", "sweep", "one point", "another word"),  # a mark is another in every process
)
def test_the_title_counts_in_the_words_of_the_search(mark: str, count: int, title: str) -> None:
    assert SearchTrials(mark, ("a",)).title(count) == title


def test_the_best_of_a_load_search_is_the_fastest_run_that_kept_its_limit() -> None:
    stats = replace(VIEW.stats, count=700, p99_ms=9.0)

    def run(arrivals: str, fps: float, p99_ms: float) -> RunView:
        config = replace(VIEW.config, arrivals=arrivals, p99_under_ms=10.0)
        return replace(VIEW, config=config, stats=replace(stats, fps_mean=fps, p99_ms=p99_ms))

    closed, holding = run("", 99.0, 2.0), run("poisson:50", 50.0, 9.0)
    missing = run("poisson:80", 80.0, 30.0)
    runs = (closed, holding, missing)
    assert best_of(SearchTrials(new_mark(LOAD), runs)) is holding
    assert best_of(SearchTrials(new_mark(LOAD), (closed, missing))) is closed
    assert best_of(SearchTrials(new_mark("sweep"), runs)) is closed
    assert setting_of(holding) == "poisson:50"
    assert title_of(SearchTrials(new_mark(LOAD), runs)) == "load (3 rounds)"
