"""The models of a mix as columns and rows of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from ovbench_tui.ab.report import p99_of
from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.units import COLUMN_WIDTH, DurationColumn, NumberColumn, StickyUnit
from ovbench_tui.stats.comparison.outcome import Outcome, noise_of, outcome_of
from ovbench_tui.stats.limits import LimitVerdict, worst_of
from ovbench_tui.ui.widgets.state_text import state_part
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Row

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.mix.member import MemberView
    from ovbench_tui.stats.run_stats import PairedRatio

COLUMNS = (
    Column("Model", 10, most=28, sorts=False),
    Column("State", 12, rank=6, sorts=False),
    Column("Device", 6, most=10, rank=5, sorts=False),
    Column("nireq", 5, rank=1, is_right=True, sorts=False),
    Column("Rate", 6, most=16, rank=8, is_right=True, sorts=False),
    Column("Now", 7, rank=4, is_right=True, sorts=False),
    Column("Mean", 7, is_right=True, sorts=False),
    Column("p50", COLUMN_WIDTH, rank=3, is_right=True, sorts=False),
    Column("p99", COLUMN_WIDTH, is_right=True, sorts=False),
    Column("Alone", 7, rank=2, is_right=True, sorts=False),
    Column("p99 alone", COLUMN_WIDTH, rank=7, is_right=True, sorts=False),
    Column("Keeps", 12, is_right=True, sorts=False),
    Column("Limits", 8, rank=2, sorts=False),
)
_NOW_COLUMNS = 2
_LIMITS = {
    LimitVerdict.PASSED: Cell("✓ kept", "good"),
    LimitVerdict.FAILED: Cell("✗ missed", "bad"),
    LimitVerdict.UNDECIDED: Cell("? open", "label"),
}


class MixRows:
    """Makes the rows, all in the units that the first values asked for."""

    def __init__(self) -> None:
        self._unit = StickyUnit()

    def rows(self, members: Sequence[MemberView]) -> list[Row]:
        """One row a model, in the order of the command line."""
        sides = [side for one in members for side in (one.together, one.alone) if side]
        fps = NumberColumn.of(side.stats.fps_mean for side in sides)
        latency = DurationColumn.of((side.stats.p50_ms for side in sides), self._unit)
        return [_row(number, one, fps, latency) for number, one in enumerate(members)]


def _row(number: int, one: MemberView, fps: NumberColumn, latency: DurationColumn) -> Row:
    run, together, alone = one.run, one.together, one.alone
    config = one.snapshot.requested
    mark, style = state_part(one.snapshot)
    if one.failure:
        mark, style = "✗ failed", "bad"
    return Row(
        number,
        (
            Cell(one.name, "value"),
            Cell(mark, style),
            Cell(run.effective.device if run else config.device),
            Cell(str(run.effective.nireq) if run else DASH),
            Cell(rate_text(one) or DASH, "label"),
            Cell(fps.write(_now(one)), "label"),
            Cell(fps.write(together.stats.fps_mean) if together else DASH),
            Cell(latency.write(together.stats.p50_ms) if together else DASH),
            Cell(_p99(together, latency)),
            Cell(fps.write(alone.stats.fps_mean) if alone else DASH, "label"),
            Cell(_p99(alone, latency), "label"),
            Cell(keeps_text(one.fps), _style_of(one.fps)),
            _limits(one),
        ),
    )


def _now(one: MemberView) -> float:
    """FPS in the last second; NaN where it pauses. Its run's is that of its last turn."""
    newest = [value for value in one.snapshot.history.fps[-_NOW_COLUMNS:] if value == value]
    return fmean(newest) if one.is_fed and newest else math.nan


def rate_text(one: MemberView) -> str:
    """At which rate its requests come, or its inferences start; '' = as fast as it can."""
    config = one.snapshot.requested
    if config.arrivals:
        return config.arrivals.partition(",")[0]
    return f"at most {config.max_fps:g}" if config.max_fps else ""


def keeps_text(fps: PairedRatio) -> str:
    """What is left of its FPS beside the others, as in ``54 % ±3``; a dash before it is known."""
    if math.isnan(fps.ratio):
        return DASH
    noise = noise_of(fps) * 100
    return f"{fps.ratio:.0%}" + ("" if math.isnan(noise) else f" ±{noise:.{int(noise < 1)}f}")


def _style_of(fps: PairedRatio) -> str:
    outcome = outcome_of(fps)
    if outcome is Outcome.EQUAL:
        return "good"
    return "warn" if outcome is Outcome.DIFFERENT and fps.ratio < 1 else "value"


def _p99(run: RunView | None, latency: DurationColumn) -> str:
    return latency.write(p99_of(run)) if run is not None else DASH


def _limits(one: MemberView) -> Cell:
    worst = worst_of(one.limits)
    return Cell(DASH, "label") if worst is None else _LIMITS[worst]
