"""The runs of one search are put together in the place of its first."""

from __future__ import annotations

import pytest

from ovbench_tui.engine.api.search_mark import SWEEP, TUNE, SearchTrials, gathered, new_mark


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
