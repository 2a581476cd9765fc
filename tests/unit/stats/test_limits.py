"""Limits that a run must keep: passed, failed, or too little measured to say."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.stats.limits import LimitVerdict, judge_limits, worst_of
from ovbench_tui.stats.run_stats import GenerationStats, GroupStats, RunStats
from ovbench_tui.stats.sample_size import inferences_needed
from tests.unit.load_figures import load_stats

STATS = RunStats(
    count=1000, dropped=0, elapsed_s=10.0, fps_now=100, fps_mean=100, fps_peak=110.0,
    min_ms=1.0, mean_ms=5.0, p50_ms=5.0, p90_ms=9.0, p95_ms=15.0, p99_ms=20.0, p999_ms=30.0,
    max_ms=31.0, warmup_count=9, warmup_s=0.3,
)  # fmt: skip


def verdict_on(stats: RunStats, p99_under_ms: float = 0.0, fps_above: float = 0.0) -> LimitVerdict:
    (result,) = judge_limits(stats, p99_under_ms=p99_under_ms, fps_above=fps_above)
    return result.verdict


def test_without_a_limit_nothing_is_judged() -> None:
    assert judge_limits(STATS, p99_under_ms=0.0, fps_above=0.0) == ()
    assert worst_of(()) is None


def test_a_limit_itself_is_not_kept() -> None:
    assert verdict_on(STATS, p99_under_ms=20.1) is LimitVerdict.PASSED
    assert verdict_on(STATS, p99_under_ms=20.0) is LimitVerdict.FAILED
    assert verdict_on(STATS, fps_above=99.9) is LimitVerdict.PASSED
    assert verdict_on(STATS, fps_above=100) is LimitVerdict.FAILED


@given(st.integers(0, 2000), st.integers(0, 100), st.floats(0.1, 100))
def test_a_p99_of_too_few_decides_nothing(count: int, dropped: int, limit_ms: float) -> None:
    stats = replace(STATS, count=count + dropped, dropped=dropped)
    is_known = count >= inferences_needed(99)
    assert (verdict_on(stats, limit_ms) is not LimitVerdict.UNDECIDED) == is_known


def test_nothing_measured_decides_nothing() -> None:
    nothing = replace(STATS, count=0, elapsed_s=0.0, fps_mean=0.0, p99_ms=math.nan)
    for limits in ({"p99_under_ms": 5.0}, {"fps_above": 5.0}):
        assert verdict_on(nothing, **limits) is LimitVerdict.UNDECIDED
    assert verdict_on(replace(STATS, elapsed_s=0.5), fps_above=5.0) is LimitVerdict.UNDECIDED


def test_in_words() -> None:
    both = judge_limits(STATS, p99_under_ms=12.5, fps_above=50.0)
    assert [result.text for result in both] == [
        "p99 under 12.5 ms: failed with 20.0 ms",
        "FPS above 50: passed with 100",
    ]
    assert worst_of(both) is LimitVerdict.FAILED
    few = judge_limits(replace(STATS, count=600), p99_under_ms=12.5, fps_above=50.0)
    assert few[0].text == ("p99 under 12.5 ms: undecided, 62 more inferences needed for a p99")
    assert worst_of(few) is LimitVerdict.UNDECIDED
    assert worst_of(few[1:]) is LimitVerdict.PASSED


def test_arrivals_that_were_dropped_have_missed_the_limit() -> None:
    for dropped, verdict in ((100, LimitVerdict.PASSED), (101, LimitVerdict.FAILED)):
        load = load_stats(offered=10_000, refused=dropped, expired=0)
        (result,) = judge_limits(replace(STATS, load=load), p99_under_ms=25.0, fps_above=0.0)
        assert result.verdict is verdict
    assert result.text == "p99 under 25 ms: failed, 1.0% of the arrivals were dropped"


def _group(count: int, p90_ms: float) -> GroupStats:
    return GroupStats(count, 1.0, 2.0, 2.0, 9.0, p90_ms=p90_ms, p99_ms=9.0)


def test_first_tokens_and_the_others_have_limits_of_their_own() -> None:
    generation = GenerationStats(_group(64, 400.0), _group(900, 50.0), _group(60, 9.0), 0, 0.0, 0.0)
    stats = replace(STATS, generation=generation)
    both = judge_limits(
        stats,
        p99_under_ms=25.0,
        fps_above=0.0,
        ttft_p90_under_ms=400.1,
        tpot_p90_under_ms=50.0,
    )
    assert [result.text for result in both] == [
        "TPOT p99 under 25 ms: passed with 20.0 ms",
        "TTFT p90 under 400.1 ms: passed with 400 ms",
        "TPOT p90 under 50 ms: failed with 50.0 ms",
    ]
    few = replace(generation, ttft=_group(60, 400.0))
    for ttft_of, why in (
        (replace(STATS, generation=few), "4 more requests needed for a p90"),
        (STATS, "this model generates no tokens"),
    ):
        (result,) = judge_limits(ttft_of, p99_under_ms=0.0, fps_above=0.0, ttft_p90_under_ms=500.0)
        assert (result.verdict, result.reason) == (LimitVerdict.UNDECIDED, why)


def test_the_p99_of_tokens_is_decided_by_the_tokens_behind_it() -> None:
    enough = inferences_needed(99)
    for tokens in (enough - 1, enough):
        groups = (_group(enough, 9.0), _group(tokens, 9.0), _group(9, 9.0))
        stats = replace(STATS, count=enough + tokens, generation=GenerationStats(*groups, 0, 0, 0))
        assert (verdict_on(stats, 25.0) is LimitVerdict.PASSED) == (tokens == enough)
