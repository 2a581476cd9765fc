"""Three verdicts: different, equal within a margin, undecided and for how long yet."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.stats.comparison.compare_text import needed_text, verdict_words
from ovbench_tui.stats.comparison.outcome import (
    Outcome,
    is_within,
    noise_of,
    outcome_of,
    runs_needed,
    seconds_needed,
)
from ovbench_tui.stats.run_stats import PairedRatio

RATIOS = st.floats(0.2, 5.0)
HALVES = st.floats(1e-4, 2.0)
MARGINS = st.floats(1e-3, 0.5)


def ratio(low: float, high: float, margin: float = 0.03) -> PairedRatio:
    return PairedRatio("fps", 10, (low + high) / 2, low, high, margin=margin)


def around(middle: float, half: float, margin: float, seconds: float = 10.0) -> PairedRatio:
    """An interval as wide to both sides, as a ratio's is."""
    low, high = middle * math.exp(-half), middle * math.exp(half)
    return PairedRatio("fps", 10, middle, low, high, margin=margin, seconds=seconds)


@pytest.mark.parametrize(
    ("low", "high", "outcome", "words"),
    [
        (0.90, 0.98, Outcome.DIFFERENT, "B is 6.0 % slower"),
        (1.01, 1.05, Outcome.DIFFERENT, "B is 3.0 % faster"),
        (1.001, 1.003, Outcome.EQUAL, "equal within ±3 %"),
        (0.98, 1.02, Outcome.EQUAL, "equal within ±3 %"),
        (0.97, 1.03, Outcome.EQUAL, "equal within ±3 %"),
        (0.969, 1.01, Outcome.UNDECIDED, "undecided ±2.1 %"),
        (0.99, 1.09, Outcome.UNDECIDED, "undecided ±5.0 %"),
        (0.0, math.inf, Outcome.UNDECIDED, "undecided"),
        (math.nan, math.nan, Outcome.UNDECIDED, ""),
    ],
)
def test_what_an_interval_decides(low: float, high: float, outcome: Outcome, words: str) -> None:
    assert outcome_of(ratio(low, high)) is outcome
    assert verdict_words(ratio(low, high)) == words


def test_the_margin_is_the_askers() -> None:
    wide = ratio(0.96, 1.03)
    assert outcome_of(wide) is Outcome.UNDECIDED
    assert outcome_of(replace(wide, margin=0.05)) is Outcome.EQUAL
    assert not is_within(wide, 0.03)
    assert not is_within(ratio(math.nan, math.nan), 1.0)
    assert noise_of(wide) == pytest.approx(0.035)
    assert math.isnan(noise_of(ratio(0.0, math.inf)))


@given(RATIOS, HALVES, MARGINS)
def test_the_whole_interval_decides(middle: float, half: float, margin: float) -> None:
    found = around(middle, half, margin)
    is_inside = found.low >= 1 - margin and found.high <= 1 + margin
    leaves_out_1 = found.low > 1 or found.high < 1
    expected = Outcome.UNDECIDED
    if leaves_out_1:
        expected = Outcome.DIFFERENT
    if is_inside:
        expected = Outcome.EQUAL
    assert outcome_of(found) is expected


@given(RATIOS, HALVES, MARGINS, st.floats(1.01, 100.0))
def test_what_is_still_needed_shrinks_with_more_data(
    middle: float, half: float, margin: float, more: float
) -> None:
    """The interval of so many times the data is narrower by the square root of that."""
    before = around(middle, half, margin)
    after = around(middle, half / math.sqrt(more), margin, before.seconds * more)
    if outcome_of(before) is not Outcome.UNDECIDED:
        assert seconds_needed(before) == 0
        assert needed_text(before) == ""
        return
    assert seconds_needed(before) >= 0
    assert seconds_needed(after) <= seconds_needed(before)
    if outcome_of(after) is not Outcome.UNDECIDED:
        assert before.seconds * more >= (before.seconds + seconds_needed(before)) * (1 - 1e-6)


@given(RATIOS, HALVES, MARGINS)
def test_after_what_was_needed_it_is_decided(middle: float, half: float, margin: float) -> None:
    before = around(middle, half, margin)
    needed_s = seconds_needed(before)
    if not math.isfinite(needed_s):
        return
    grown = (before.seconds + needed_s) / before.seconds * 1.001
    assert outcome_of(around(middle, half / math.sqrt(grown), margin)) is not Outcome.UNDECIDED


@pytest.mark.parametrize(
    ("half", "seconds", "text"),
    [
        (0.06, 10.0, "about 32 s more needed"),
        (0.06, 60.0, "about 4 min more needed"),
        (0.0300, 10.0, "about 1 s more needed"),
        (2.0, 10.0, "more than an hour more needed"),
        (0.06, math.nan, ""),
    ],
)
def test_the_estimate_in_words(half: float, seconds: float, text: str) -> None:
    assert needed_text(around(1.0, half, 0.03, seconds)) == text


def test_several_runs_need_more_runs() -> None:
    several = replace(around(1.0, 0.06, 0.03), runs=5, seconds=math.nan)
    assert runs_needed(several) == 16
    assert needed_text(several) == "about 16 more runs of each needed"
    assert (
        needed_text(replace(several, low=0.1, high=9.0)) == "more than 100 more runs of each needed"
    )
    assert math.isnan(runs_needed(around(1.0, 0.06, 0.03)))


def test_nothing_is_estimated_of_an_interval_without_an_end() -> None:
    assert needed_text(replace(ratio(0.0, math.inf), seconds=10.0)) == ""
    assert needed_text(replace(ratio(math.nan, math.nan), seconds=10.0)) == ""
