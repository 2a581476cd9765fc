"""The points of a sweep as rows of a table, and as lines of its chart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ovbench_tui.sweep.curve import Curve, best_of, curves_of
from ovbench_tui.tuning.trial_notes import ending_notes
from ovbench_tui.tuning.trial_result import Ending, Trial
from ovbench_tui.tuning.why import variant_words
from ovbench_tui.ui.charts.sweep_chart import KNEE, SweepLine, SweepPoint
from ovbench_tui.ui.tabs.tune.tune_rows import (
    cells_of,
    columns_for,
    filled,
    points_of,
    written_figures,
)
from ovbench_tui.ui.widgets.table.table_parts import Row

if TYPE_CHECKING:
    from ovbench_tui.console.units import StickyUnit
    from ovbench_tui.tuning.search.space import Point
    from ovbench_tui.tuning.state import TuningState


def sweep_rows(board: TuningState, sticky: StickyUnit | None = None) -> list[Row]:
    """One row a point, curve after curve, few requests before many.

    Args:
        sticky: holds the unit of the latencies.
    """
    columns = columns_for(points_of(board), board.unit)
    written = written_figures(board, sticky)
    known = [trial.figures.fps.mid for trial in board.trials if trial.has_run]
    best_fps = max(known, default=math.nan)
    rows: list[Row] = []
    for curve in curves_of(board):
        knee = curve.knee
        for trial in sorted((*curve.trials, *curve.failed), key=lambda one: one.point.nireq):
            cells = cells_of(trial.point, trial.figures, columns, best_fps, written)
            mark = KNEE if trial is knee else ""
            note, style = _note(trial, knee, curve)
            rows.append(Row(trial.point, filled(columns, mark, "good", cells, note, style)))
    current = board.current
    if current is not None and all(row.key != current for row in rows):
        cells = cells_of(current, board.current_figures, columns, best_fps, written)
        rows.append(Row(current, filled(columns, "◌", "warn", cells, "measuring", "warn")))
    return rows


def _note(trial: Trial, knee: Trial | None, curve: Curve) -> tuple[str, str]:
    if trial.reason:
        return trial.reason, "bad" if trial.ending is Ending.FAILED else "label"
    words = ["knee"] if trial is knee else []
    words += ["most"] if trial is curve.most and trial is not knee else []
    words += ending_notes(trial)
    return ", ".join(words), "good" if trial is knee else "label"


def sweep_lines(board: TuningState) -> list[SweepLine]:
    """The curves as the chart draws them; what is measured now is the end of the last."""
    curves = curves_of(board)
    best = best_of(curves)
    current = board.current
    variants = {point.variant for point in points_of(board)}
    lines: list[SweepLine] = []
    for variant in dict.fromkeys(point.variant for point in points_of(board)):
        curve = next((one for one in curves if one.variant == variant), None)
        points = [_point(trial) for trial in curve.trials] if curve is not None else []
        if current is not None and current.variant == variant:
            points.append(_now(current, board))
        knee = curve.knee if curve is not None else None
        lines.append(
            SweepLine(
                ", ".join(variant_words(variant, variants)),
                tuple(sorted(points, key=lambda point: point.nireq)),
                knee.point.nireq if knee is not None else None,
                is_best=curve is not None and curve == best,
            )
        )
    return lines


def _point(trial: Trial) -> SweepPoint:
    return SweepPoint(trial.point.nireq, trial.figures.fps.mid, trial.figures.p99_ms.mid)


def _now(point: Point, board: TuningState) -> SweepPoint:
    figures = board.current_figures
    return SweepPoint(point.nireq, figures.fps.mid, figures.p99_ms.mid, is_now=True)
