"""How steady a run is: the colours of its words, and one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.stats.steadiness import Steady, Verdict
from ovbench_tui.stats.steadiness_text import fps_text, p99_text, waiting_text

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import RunView

FPS_WIDTH = 15
"""Characters of the longest text of FPS: ``±9.9 % drifting``."""

RUN_WIDTH = 18
"""Characters of the longest text of the run: ``p99 ±97 % unsteady``."""

_VERDICT_STYLES = {
    Verdict.WARMING_UP: "accent",
    Verdict.SETTLING: "accent",
    Verdict.TOO_SHORT: "warn",
    Verdict.STABLE: "good",
    Verdict.DRIFTING: "warn",
    Verdict.UNSTABLE: "warn",
}


def fps_steadiness(run: RunView) -> str:
    """How steady FPS is; '' while that is not known."""
    return "" if waiting_text(run.stability) else fps_text(run.stability)


def run_steadiness(run: RunView) -> str:
    """What a verdict still needs, else how steady p99 is."""
    return waiting_text(run.stability) or p99_text(run.stability)


def fps_style(run: RunView) -> str:
    """Name the style of what FPS does."""
    return _style(run.stability.fps)


def run_style(run: RunView) -> str:
    """Name the style of `run_steadiness`."""
    waits = bool(waiting_text(run.stability))
    return stability_style(run) if waits else _style(run.stability.p99)


def stability_style(run: RunView) -> str:
    """Name the style of the verdict."""
    return _VERDICT_STYLES[run.stability.verdict]


def _style(steady: Steady | None) -> str:
    return "label" if steady is None else "good" if steady is Steady.STEADY else "warn"


def remarks_on(run: RunView | None) -> tuple[str, ...]:
    """Return what a reader of the figures should know, a sentence each, the most needed first.

    Causes, then notes, then by what rule the inputs are what they are.
    """
    if run is None:
        return ()
    rules = [f"Input {label}: {rule}." for label, rule in run.effective.input_rules]
    return (*run.stability.causes, *run.stability.notes, *rules)
