"""A figure with the mark of the limit that it has: kept, missed or not decided yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.stats.limits import LimitResult, LimitVerdict

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import RunView

_MARKS = {
    LimitVerdict.PASSED: ("✓", "good"),
    LimitVerdict.FAILED: ("✗", "bad"),
    LimitVerdict.UNDECIDED: ("?", "label"),
}


def marked(run: RunView, figure: str, text: str) -> str:
    """The figure as it stands, behind its mark where it has a limit."""
    limit = _limit_of(run, figure)
    return text if limit is None else f"{_MARKS[limit.verdict][0]}{text}"


def limit_style(run: RunView, figure: str) -> str:
    """Name the style of the figure."""
    limit = _limit_of(run, figure)
    return "value" if limit is None else _MARKS[limit.verdict][1]


def _limit_of(run: RunView, figure: str) -> LimitResult | None:
    return next((limit for limit in run.limits if limit.figure == figure), None)
