"""The leaderboard of a tuner as columns and rows of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.units import COLUMN_WIDTH, DurationColumn, NumberColumn, StickyUnit
from ovbench_tui.stats.rate import FRAMES, TOKENS
from ovbench_tui.tuning.search.pareto import pareto_front
from ovbench_tui.tuning.trial_notes import ending_notes
from ovbench_tui.tuning.trial_result import Ending, Figures, Trial
from ovbench_tui.tuning.why import against_winner
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Row

if TYPE_CHECKING:
    from ovbench_tui.tuning.search.space import Point
    from ovbench_tui.tuning.state import TuningState

_VARIED = (
    ("Hint", "hint", 10),
    ("Streams", "streams", 7),
    ("Threads", "threads", 7),
    ("Batch", "batch", 5),
    ("Precision", "precision", 9),
    ("KV cache", "kv_cache_precision", 8),
    ("Batched", "batched_tokens", 7),
)
_LATENCIES = (("p50", "p50_ms"), ("p99", "p99_ms"))
_OF_TOKENS = (
    *(("TTFT p90", "ttft_p90_ms"), ("TPOT p50", "p50_ms")),
    *(("TPOT p90", "tpot_p90_ms"), ("TPOT p99", "p99_ms")),
)
_MARK = " "


def columns_for(points: Sequence[Point], unit: str = FRAMES) -> tuple[Column, ...]:
    """The columns: of the options only those that are varied.

    Args:
        unit: of the rate; of tokens there are the latencies of the first and the others.
    """
    latencies = _OF_TOKENS if unit == TOKENS else _LATENCIES
    variants = {point.variant for point in points}
    varied = [
        Column(title, width, rank=1, is_right=True, sorts=False)
        for title, field, width in _VARIED
        if len({getattr(variant, field) for variant in variants}) > 1
    ]
    return (
        Column(_MARK, 1, sorts=False),
        *varied,
        Column("nireq", 5, is_right=True),
        Column(unit, max(7, len(unit)), is_right=True, most_first=True),
        Column("±", 6, rank=2, is_right=True, sorts=False),
        Column("Of best", 8, most=20, rank=4, sorts=False),
        *(
            Column(title, COLUMN_WIDTH, rank=3 if field == "p50_ms" else 0, is_right=True)
            for title, field in latencies
        ),
        Column("Note", 15, most=40, rank=2, sorts=False),
    )


@dataclass(frozen=True, slots=True)
class Written:
    """How the figures of the table are written."""

    fps: NumberColumn
    latency: DurationColumn


def written_figures(board: TuningState, sticky: StickyUnit | None) -> Written:
    """Choose the decimals and the unit of every figure of the table."""
    known = [trial.figures for trial in board.trials]
    known += [board.current_figures] if board.current is not None else []
    return Written(
        NumberColumn.of(figures.fps.mid for figures in known),
        DurationColumn.of(
            (
                getattr(figures, field).mid
                for figures in known
                for _, field in (_OF_TOKENS if figures.of_tokens else _LATENCIES)
            ),
            sticky,
            ((one.ttft_p90_ms if one.of_tokens else one.p50_ms).mid for one in known),
        ),
    )


def rows_for(board: TuningState, sticky: StickyUnit | None = None) -> list[Row]:
    """One row a configuration, the best first; what is measured now for the first time last.

    Args:
        sticky: holds the unit of the latencies.
    """
    columns = columns_for(points_of(board), board.unit)
    front = set(pareto_front(board.trials))
    ranked = board.ranked
    best_fps = max((trial.figures.fps.mid for trial in ranked if trial.has_run), default=math.nan)
    written = written_figures(board, sticky)
    rows = [_row(trial, board, columns, front, best_fps, written) for trial in ranked]
    current = board.current
    if current is not None and all(trial.point != current for trial in ranked):
        cells = cells_of(current, board.current_figures, columns, best_fps, written)
        rows.append(Row(current, filled(columns, "○", "warn", cells, "measuring", "warn")))
    return rows


def points_of(board: TuningState) -> tuple[Point, ...]:
    """All that has been or is being tried."""
    tried = tuple(trial.point for trial in board.trials)
    return tried if board.current is None else (*tried, board.current)


def _row(
    trial: Trial,
    board: TuningState,
    columns: Sequence[Column],
    front: set[Point],
    best_fps: float,
    written: Written,
) -> Row:
    mark, style = ("●", "accent") if trial.point in front else ("", "value")
    if trial is board.winner:
        mark, style = "◆", "good"
    note = ", ".join(ending_notes(trial))
    note_style = "bad" if trial.ending is Ending.FAILED else "label"
    if trial.finals:
        note = against_winner(trial, board) or f"measured {len(trial.finals) + 1} times"
    missed = board.objective.over_limit_note(trial.figures) if trial.has_run else ""
    if missed and not trial.is_within_limit:
        note, note_style = missed, "warn"
    if trial.reason:
        note = trial.reason
    if trial.point == board.current:
        note, note_style = "measuring again", "warn"
    cells = cells_of(trial.point, trial.figures, columns, best_fps, written)
    return Row(trial.point, filled(columns, mark, style, cells, note, note_style))


def cells_of(
    point: Point,
    figures: Figures,
    columns: Sequence[Column],
    best_fps: float,
    written: Written,
) -> dict[str, Cell]:
    """The cells of a configuration and its figures, by the title of their column."""
    titles = {column.title for column in columns}
    fields = {title: str(getattr(point.variant, field) or "auto") for title, field, _ in _VARIED}
    cells = {title: Cell(text) for title, text in fields.items() if title in titles}
    for title, field in (*_LATENCIES, *_OF_TOKENS):
        if title in titles:
            ms = getattr(figures, field).mid
            cells[title] = Cell(written.latency.write(ms), order=ms)
    fps, half = figures.fps.mid, figures.fps.half_width
    rate = TOKENS if TOKENS in titles else FRAMES
    return {
        **cells,
        "nireq": Cell(str(point.nireq), order=point.nireq),
        rate: Cell(written.fps.write(fps), order=fps),
        "±": Cell(f"{100 * half:.1f} %" if half < 10 else DASH, "label"),
        "Of best": Cell(style="bar", share=fps / best_fps if best_fps else math.nan),
    }


def filled(
    columns: Sequence[Column],
    mark: str,
    style: str,
    cells: dict[str, Cell],
    note: str,
    note_style: str,
) -> tuple[Cell, ...]:
    """All cells in their order.

    Args:
        mark: what stands before them.
        note: what stands behind them.
    """
    every = {_MARK: Cell(mark, style), **cells, "Note": Cell(note, note_style)}
    return tuple(every[column.title] for column in columns)
