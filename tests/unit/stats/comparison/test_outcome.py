"""Three verdicts: different, equal within a margin, undecided."""

from __future__ import annotations

import math

import pytest

from ovbench_tui.stats.comparison.compare_text import verdict_words
from ovbench_tui.stats.comparison.outcome import Outcome, is_within, noise_of, outcome_of
from ovbench_tui.stats.run_stats import PairedRatio


def ratio(low: float, high: float) -> PairedRatio:
    return PairedRatio("fps", 10, (low + high) / 2, low, high)


@pytest.mark.parametrize(
    ("low", "high", "outcome", "words"),
    [
        (0.90, 0.98, Outcome.DIFFERENT, "B is 6.0 % slower"),
        (1.001, 1.003, Outcome.DIFFERENT, "B is 0.2 % faster"),
        (0.99, 1.01, Outcome.EQUAL, "equal within 2 %"),
        (0.98, 1.02, Outcome.EQUAL, "equal within 2 %"),
        (0.979, 1.01, Outcome.UNDECIDED, "undecided ±1.6 %"),
        (0.99, 1.09, Outcome.UNDECIDED, "undecided ±5.0 %"),
        (math.nan, math.nan, Outcome.UNDECIDED, ""),
    ],
)
def test_what_an_interval_decides(low: float, high: float, outcome: Outcome, words: str) -> None:
    assert outcome_of(ratio(low, high)) is outcome
    assert verdict_words(ratio(low, high)) == words


def test_the_margin_is_the_askers() -> None:
    wide = ratio(0.96, 1.03)
    assert outcome_of(wide) is Outcome.UNDECIDED
    assert outcome_of(wide, 0.05) is Outcome.EQUAL
    assert not is_within(wide, 0.03)
    assert not is_within(ratio(math.nan, math.nan), 1.0)
    assert noise_of(wide) == pytest.approx(0.035)
    assert math.isnan(noise_of(ratio(0.0, math.inf)))
