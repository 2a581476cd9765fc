"""How the stability of a run is told: a word with its colour, and one sentence."""

from __future__ import annotations

import math

from ovbench_tui.console.numbers import DASH
from ovbench_tui.engine.api.snapshot import RunView
from ovbench_tui.stats.run_stats import Verdict

STABILITY_WIDTH = 16
"""Characters of the longest text: ``unstable CV 12 %``."""

_STYLES = {
    Verdict.WARMING_UP: "accent",
    Verdict.STABLE: "good",
    Verdict.DRIFTING: "warn",
    Verdict.UNSTABLE: "warn",
}


def stability_text(run: RunView) -> str:
    """Write the verdict and how much FPS varies, in at most `STABILITY_WIDTH` characters."""
    stability = run.stability
    word = stability.verdict.value
    if stability.verdict is Verdict.WARMING_UP or math.isnan(stability.fps_cv):
        return word
    if stability.fps_cv >= 0.995:
        return f"{word} >99 %"
    if stability.verdict is Verdict.STABLE:
        return f"{word} CV {format_cv(stability.fps_cv)}"
    return f"{word} CV {stability.fps_cv * 100:.0f} %"


def stability_style(run: RunView) -> str:
    """Name the style of the verdict."""
    return _STYLES[run.stability.verdict]


def format_cv(cv: float) -> str:
    """Write a coefficient of variation in percent, with two digits; NaN is a dash."""
    if math.isnan(cv):
        return DASH
    return f"{cv * 100:.1f} %" if cv < 0.0995 else f"{cv * 100:.0f} %"


def remark_on(run: RunView | None) -> str:
    """Return the sentence a reader of the figures needs most; '' where there is none.

    A cause, else a note, else by what rule the inputs are what they are.
    """
    if run is None:
        return ""
    rules = (f"Input {label}: {rule}." for label, rule in run.effective.input_rules)
    return next(iter((*run.stability.causes, *run.stability.notes, *rules)), "")
