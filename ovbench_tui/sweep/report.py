"""What a sweep leaves behind: a table with bars, one JSON document, a CSV file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ovbench_tui.console.columns import aligned, csv_text
from ovbench_tui.console.printable import printable
from ovbench_tui.export import own_command
from ovbench_tui.reports.plain_data import json_text
from ovbench_tui.stats.rate import TOKENS
from ovbench_tui.sweep.curve import KNEE_MARGIN, Curve, best_of, curves_of, knee_sentence
from ovbench_tui.tuning.report import (
    generation_data,
    half_width_text,
    interval_data,
    number_text,
    search_data,
)
from ovbench_tui.tuning.state import TuningState
from ovbench_tui.tuning.trial_notes import ending_notes
from ovbench_tui.tuning.trial_result import Trial

SCHEMA = "ovbench-tui/sweep/1"
_BAR = 24
_CSV_COLUMNS = (
    *("hint", "streams", "threads", "batch", "precision", "nireq"),
    *("fps", "fps_low", "fps_high", "p50_ms", "p99_ms", "p99_low_ms", "p99_high_ms"),
    *("seconds", "windows", "ending", "is_knee"),
    *("kv_cache_precision", "batched_tokens", "unit", "ttft_p90_ms", "tpot_p90_ms"),
)


def format_sweep(board: TuningState) -> str:
    """A table for each curve, and a sentence on its knee."""
    curves = curves_of(board)
    lines: list[str] = []
    for curve in curves:
        if curve.name:
            lines += [f"{printable(curve.name)}:"]
        lines += [*_table(curve, _most_fps(board)), ""]
    lines += filter(None, map(knee_sentence, curves))
    best = best_of(curves)
    if best is not None and best.knee is not None and best.knee.run is not None:
        lines += ["", printable(own_command(best.knee.run.config), 20_000)]
    return "\n".join(lines)


def _table(curve: Curve, most_fps: float) -> list[str]:
    of_tokens = any(trial.figures.of_tokens for trial in curve.trials)
    rows = [["nireq", "FPS", "±", "", "p50 ms", "p99 ms", ""]]
    if of_tokens:
        rows = [["nireq", TOKENS, "±", "", "TTFT p90 ms", "TPOT p50 ms", "p90 ms", "p99 ms", ""]]
    for trial in sorted((*curve.trials, *curve.failed), key=lambda one: one.point.nireq):
        figures = trial.figures
        fps = figures.fps.mid
        bar = "█" * max(1, round(fps / most_fps * _BAR)) if fps > 0 and most_fps > 0 else ""
        rows.append(
            [
                str(trial.point.nireq),
                number_text(fps),
                half_width_text(figures.fps),
                bar,
                *([number_text(figures.ttft_p90_ms.mid)] if of_tokens else []),
                number_text(figures.p50_ms.mid),
                *([number_text(figures.tpot_p90_ms.mid)] if of_tokens else []),
                number_text(figures.p99_ms.mid),
                _note(trial, curve),
            ]
        )
    return aligned(rows, left=(3, len(rows[0]) - 1))


def _note(trial: Trial, curve: Curve) -> str:
    words = ["knee"] if trial is curve.knee else []
    words += ["most"] if trial is curve.most and trial is not curve.knee else []
    words += ending_notes(trial)
    if trial.reason:
        words.append(printable(trial.reason))
    return ", ".join(words)


def sweep_document(board: TuningState, *, model: str, exit_code: int, error: str = "") -> str:
    """The same as JSON; what is not known is null.

    Args:
        error: why it failed, in a sentence; '' = it did not.
    """
    curves = curves_of(board)
    best = best_of(curves)
    knee = best.knee if best is not None else None
    document: dict[str, Any] = {
        **search_data(SCHEMA, board, model, exit_code, error),
        "knee_margin": KNEE_MARGIN,
        "curves": [
            {
                "name": curve.name,
                "variant": curve.variant,
                "knee_nireq": curve.knee.point.nireq if curve.knee else None,
                "knee_nireq_range": curve.knee_range,
                "most_nireq": curve.most.point.nireq if curve.most else None,
                "sentence": knee_sentence(curve) or None,
                "points": [_point(trial, curve) for trial in (*curve.trials, *curve.failed)],
            }
            for curve in curves
        ],
        "command": own_command(knee.run.config) if knee is not None and knee.run else None,
    }
    return json_text(document)


def _point(trial: Trial, curve: Curve) -> dict[str, Any]:
    figures = trial.figures
    return {
        "nireq": trial.point.nireq,
        "fps": interval_data(figures.fps),
        "p50_ms": interval_data(figures.p50_ms),
        "p99_ms": interval_data(figures.p99_ms),
        "unit": figures.unit,
        **generation_data(figures),
        "seconds": figures.seconds,
        "windows": figures.windows,
        "ending": trial.ending,
        "is_knee": trial is curve.knee,
        "reason": trial.reason or None,
    }


def sweep_csv(board: TuningState) -> str:
    """One line a point, with a head."""
    return csv_text(_CSV_COLUMNS, _csv_rows(board))


def _csv_rows(board: TuningState) -> Iterator[list[object]]:
    for curve in curves_of(board):
        variant = curve.variant
        for trial in (*curve.trials, *curve.failed):
            figures = trial.figures
            fps, p99_ms = figures.fps, figures.p99_ms
            numbers = (
                *(fps.mid, fps.low, fps.high, figures.p50_ms.mid),
                *(p99_ms.mid, p99_ms.low, p99_ms.high, figures.seconds),
            )
            yield [
                *(variant.hint, variant.streams, variant.threads, variant.batch),
                *(variant.precision, trial.point.nireq),
                *numbers,
                *(figures.windows, trial.ending.value, int(trial is curve.knee)),
                *(variant.kv_cache_precision, variant.batched_tokens, figures.unit),
                *(figures.ttft_p90_ms.mid, figures.tpot_p90_ms.mid),
            ]


def _most_fps(board: TuningState) -> float:
    return max((trial.figures.fps.mid for trial in board.trials if trial.has_run), default=0.0)
