"""The words for how steady a run is: the same wherever they are shown."""

from __future__ import annotations

import math

import pytest

from ovbench_tui.console.format import DASH
from ovbench_tui.stats.run_stats import Stability
from ovbench_tui.stats.steadiness import Steady, Verdict
from ovbench_tui.stats.steadiness_text import (
    format_cv,
    short_text,
    steadiness_text,
    verdict_word,
)

NAN = math.nan


@pytest.mark.parametrize(
    ("stability", "text", "short"),
    [
        (Stability(), "warming up", "warming up"),
        (Stability(Verdict.SETTLING, windows=2), "settling 2/3", "settling 2/3"),
        (Stability(Verdict.TOO_SHORT, windows=1), "too short", "too short"),
        (
            Stability(Verdict.UNSTABLE, 0.04, 0.97, fps=Steady.STEADY, p99=Steady.UNSTEADY),
            "FPS ±4.0 % steady · p99 ±97 % unsteady",
            "p99 unsteady",
        ),
        (
            Stability(Verdict.STABLE, 0.04, fps=Steady.STEADY),  # too few for a p99
            "FPS ±4.0 % steady",
            "steady",
        ),
        (
            Stability(Verdict.DRIFTING, 0.06, 0.1, fps=Steady.DRIFTING, p99=Steady.STEADY),
            "FPS ±6.0 % drifting · p99 ±10 % steady",
            "drifting",
        ),
        (Stability(Verdict.UNSTABLE, 3.0, fps=Steady.UNSTEADY), "FPS >99 % unsteady", "unsteady"),
        # As an older version kept it.
        (Stability(Verdict.STABLE, 0.0123), "steady, FPS ±1.2 %", "steady"),
        (Stability(Verdict.UNSTABLE), "unsteady", "unsteady"),
    ],
)
def test_words(stability: Stability, text: str, short: str) -> None:
    assert steadiness_text(stability) == text
    assert short_text(stability) == short


def test_a_verdict_of_long_ago_is_put_in_the_same_words() -> None:
    kept = {"warming up": "too short", "stable": "steady", "unstable": "unsteady"}
    assert {word: verdict_word(word) for word in kept} == kept
    assert verdict_word("drifting") == "drifting"
    assert verdict_word("[/]") == "[/]"


def test_a_coefficient_of_variation_has_two_digits() -> None:
    assert [format_cv(cv) for cv in (0.0, 0.0123, 0.0994, 0.0996, 0.5, NAN)] == [
        "0.0 %",
        "1.2 %",
        "9.9 %",
        "10 %",
        "50 %",
        DASH,
    ]
