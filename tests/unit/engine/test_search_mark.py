"""The runs of one search are put together in the place of its first."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.search_mark import (
    LOAD,
    SWEEP,
    TUNE,
    SearchTrials,
    TrialFacts,
    gathered,
    new_mark,
    setting_of,
)
from tests.unit.reported import VIEW


@dataclass(frozen=True)
class Run:
    """A run of a session or of a history, as far as a search looks at it."""

    name: str
    mark: str
    config: str = ""
    rate: float = 1.0
    may_win: bool = True

    @property
    def trial(self) -> TrialFacts:
        return TrialFacts(self.mark, self.config or self.name, self.rate, setting_of(2, ""))


def test_two_searches_of_a_kind_have_marks_of_their_own() -> None:
    first, second = new_mark(TUNE), new_mark(TUNE)
    assert first != second
    assert {first.split()[0], second.split()[0]} == {"tune"}


def test_runs_of_a_search_are_together_where_its_first_was() -> None:
    runs = a, b, c, d, e = (
        *(Run("a", ""), Run("b", "tune 1"), Run("c", "")),
        *(Run("d", "sweep 2"), Run("e", "tune 1")),
    )
    assert gathered(runs) == [
        a,
        SearchTrials("tune 1", (b, e)),
        c,
        SearchTrials("sweep 2", (d,)),
    ]


def test_the_best_has_the_highest_rate_that_is_known() -> None:
    nan = float("nan")
    runs = tuple(Run(str(rate), "tune 1", rate=rate) for rate in (nan, 3.0, 9.0, 2.0, nan))
    assert SearchTrials("tune 1", runs).best is runs[2]
    assert SearchTrials("tune 1", runs[:1]).best is runs[0]


def test_a_trial_that_was_measured_again_counts_once() -> None:
    runs = (Run("a", "tune 1", "x"), Run("b", "tune 1", "y"), Run("c", "tune 1", "x"))
    assert SearchTrials("tune 1", runs).title == "tune (2 trials)"


def test_the_setting_names_streams_where_there_are_some() -> None:
    assert setting_of(4, "") == "nireq 4"
    assert setting_of(4, "2") == "nireq 4, streams 2"


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
    runs = tuple(Run(str(number), mark) for number in range(count))
    assert SearchTrials(mark, runs).title == title


def test_the_best_of_a_load_search_is_the_fastest_run_that_kept_its_limit() -> None:
    mark = new_mark(LOAD)
    stats = replace(VIEW.stats, count=700, p99_ms=9.0)

    def run(arrivals: str, fps: float, p99_ms: float, search: str = mark) -> RunView:
        config = replace(VIEW.config, arrivals=arrivals, p99_under_ms=10.0)
        figures = replace(stats, fps_mean=fps, p99_ms=p99_ms)
        return replace(VIEW, config=config, stats=figures, search=search)

    closed, holding = run("", 99.0, 2.0), run("poisson:50", 50.0, 9.0)
    missing = run("poisson:80", 80.0, 30.0)
    runs = (closed, holding, missing)
    assert SearchTrials(mark, runs).best is holding
    assert SearchTrials(mark, (closed, missing)).best is closed
    assert SearchTrials(mark, runs).title == "load (3 rounds)"
    assert holding.trial.setting == "poisson:50"
    swept = tuple(replace(one, search=new_mark(SWEEP)) for one in runs)
    assert SearchTrials(swept[0].search, swept).best is swept[0]
