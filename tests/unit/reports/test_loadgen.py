"""Runs judged by LoadGen's rules: what each scenario lacks, and what it reports."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.options.invocation import read_invocation
from ovbench_tui.reports.loadgen import ScenarioVerdict, judge_scenario, scenario_lines
from ovbench_tui.stats.run_stats import LoadStats
from tests.unit.load_figures import load_stats
from tests.unit.reported import RESULT

WHOLE = 30_000


def run_of(
    *words: str,
    seconds: float = 601.0,
    batch: int = 1,
    late: int = 0,
    count: int = WHOLE,
    load: LoadStats | None = None,
    **changes: Any,
) -> RunResult:
    """A run of a scenario: `late` latencies of 50 ms, and the others of 5."""
    config = replace(read_invocation(["m.xml", "--scenario", *words]).config, **changes)
    view = RESULT.view
    stats = replace(
        view.stats,
        elapsed_s=seconds,
        count=count,
        frames=count * batch,
        load=load,
        generation=None,
    )
    effective = replace(view.effective, batch=batch)
    bins = ((4.98, 5.02, count - late), (49.8, 50.2, late))
    return replace(
        RESULT,
        view=replace(view, config=config, effective=effective, stats=stats),
        histogram=tuple(one for one in bins if one[2]),
    )


def served(**changes: float) -> LoadStats:
    whole = {"offered": WHOLE, "served": WHOLE, "refused": 0, "expired": 0, "unserved": 0}
    return load_stats(**(whole | changes))


def verdict_on(result: RunResult) -> ScenarioVerdict:
    verdict = judge_scenario(result)
    assert verdict is not None
    return verdict


def test_a_run_of_no_scenario_is_not_judged() -> None:
    plain = replace(RESULT, view=replace(RESULT.view, config=BenchmarkConfig(model="m")))
    assert judge_scenario(plain) is None
    assert scenario_lines(plain) == []


@pytest.mark.parametrize(
    "result",
    [
        run_of("single-stream"),
        run_of("multi-stream:8", batch=8),
        run_of("server:50", "--p99-under", "20", load=served()),
        run_of("offline", batch=16, count=1536),
    ],
    ids=["single-stream", "multi-stream", "server", "offline"],
)
def test_a_run_that_has_everything_is_valid(result: RunResult) -> None:
    verdict = verdict_on(result)
    assert verdict.missing == ()
    assert verdict.text == f"{result.view.config.scenario}: valid by LoadGen's rules"


@pytest.mark.parametrize(
    ("result", "missing"),
    [
        (run_of("single-stream", seconds=60.9), ["duration 60 of 600 s"]),
        (run_of("single-stream", count=99), ["99 of 100 queries"]),
        (run_of("single-stream", batch=2), ["1 sample a query, not 2"]),
        (run_of("single-stream", api="async"), ["-api is async, not sync"]),
        (run_of("multi-stream:4", batch=4), ["8 samples a query, not 4"]),
        (run_of("multi-stream:8", batch=8, count=500), ["500 of 662 queries"]),
        (run_of("offline", batch=2, count=256, seconds=3.0),
         ["duration 3 of 600 s", "512 of 24,576 samples"]),
        (run_of("server:50", load=served()), ["a limit of the latency: give --p99-under"]),
        (run_of("server:50", "--p99-under", "20", load=served(), late=400),
         ["400 of 30,000 queries took longer than 20 ms or had no answer, and 260 may"]),
        (run_of("server:50", "--p99-under", "20", load=served(refused=300, offered=WHOLE + 300)),
         ["300 of 30,300 queries took longer than 20 ms or had no answer, and 262 may"]),
        (run_of("server:50", "--p99-under", "20", count=300, load=served(offered=300, served=300)),
         ["300 queries, too few to be sure of the limit of 20 ms"]),
        (run_of("server:50", "--p99-under", "20", arrivals="constant:50", load=served()),
         ["--arrivals is constant:50, not poisson:50"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(result: RunResult, missing: list[str]) -> None:
    verdict = verdict_on(result)
    assert list(verdict.missing) == missing
    assert not verdict.is_valid
    assert f"not valid by LoadGen's rules: {missing[0]}" in verdict.text


def test_a_server_may_have_as_many_late_answers_as_early_stopping_allows() -> None:
    for late, is_valid in ((260, True), (261, False)):
        result = run_of("server:50", "--p99-under", "20", load=served(), late=late)
        assert verdict_on(result).is_valid is is_valid


def test_unanswered_at_the_end_is_late_beyond_what_came_within_the_limit() -> None:
    late = "399 of 30,399 queries took longer than 20 ms or had no answer, and 263 may"
    for unserved, missing in ((1, ()), (261, ()), (400, (late,))):  # 1 comes in 20 ms
        load = served(offered=WHOLE + unserved, unserved=unserved, offered_per_s=50.0)
        result = run_of("server:50", "--p99-under", "20", load=load)
        assert verdict_on(result).missing == missing


def test_the_estimate_leaves_out_what_has_waited_no_longer_than_the_slowest() -> None:
    for unserved, is_known in ((1, True), (2, False)):  # 1 comes in the 13 ms of the slowest
        load = served(offered=700 + unserved, served=700, unserved=unserved, offered_per_s=50.0)
        found = verdict_on(run_of("server:50", "--p99-under", "20", count=700, load=load))
        assert math.isnan(found.early_stopping_ms) is not is_known


def test_a_server_that_has_answered_nothing_has_an_estimate_of_nothing() -> None:
    load = served(offered=1, served=0, unserved=1, offered_per_s=0.2)
    result = run_of("server:50", "--p99-under", "20", count=0, load=load)
    result = replace(result, histogram=())
    stats = replace(result.view.stats, max_ms=math.nan)
    found = verdict_on(replace(result, view=replace(result.view, stats=stats)))
    assert math.isnan(found.early_stopping_ms)
    assert not found.is_valid


def test_a_model_that_generates_tokens_is_not_judged_valid() -> None:
    result = run_of("offline")
    effective = replace(result.view.effective, sequence_lengths=((8, 4),))
    result = replace(result, view=replace(result.view, effective=effective))
    assert "rules of their own" in verdict_on(result).text


def test_the_estimate_counts_the_latest_in_full() -> None:
    # Of 30,000 about 2,880 may be later than the p90.
    few, many = run_of("single-stream", late=2000), run_of("single-stream", late=3000)
    assert verdict_on(few).early_stopping_ms == pytest.approx(5.0, rel=0.01)
    assert verdict_on(many).early_stopping_ms == pytest.approx(50.0, rel=0.01)
    assert scenario_lines(many)[1] == (
        "Early stopping",
        "p90 50.0 ms, LoadGen's estimate with 99 % confidence",
    )
    assert math.isnan(verdict_on(run_of("single-stream", count=63)).early_stopping_ms)
    assert verdict_on(run_of("offline")).percent is None
