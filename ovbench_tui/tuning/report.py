"""What a tuner leaves behind: a table of all that was tried, or one JSON document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ovbench_tui import __version__
from ovbench_tui.console.columns import aligned
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.effective import p99_name
from ovbench_tui.export import benchmark_app_command, own_command, python_snippet, settings_json
from ovbench_tui.reports.plain_data import json_text
from ovbench_tui.tuning.search.objective import Goal
from ovbench_tui.tuning.search.pareto import pareto_front
from ovbench_tui.tuning.state import TuningState
from ovbench_tui.tuning.trial_notes import ending_notes
from ovbench_tui.tuning.trial_result import Ending, Figures, Interval, Trial
from ovbench_tui.tuning.why import against_winner, doubt_of, why_it_won

SCHEMA = "ovbench-tui/tune/1"
VARIED_NAMES = {
    "hint": "hint",
    "streams": "streams",
    "threads": "threads",
    "batch": "batch",
    "precision": "precision",
    "kv_cache_precision": "KV cache",
    "batched_tokens": "batched",
}
"""The fields of `Variant`, and how they are called in a table."""


def format_board(board: TuningState) -> str:
    """The table, the reason, and the command line of the winner."""
    p99 = p99_name(board.unit)
    lines = [*_table(board), "", f"* no other has both more {board.unit} and a lower {p99}", ""]
    lines += [f"Measured {board.where}.", ""] if board.where else []
    lines += [why_it_won(board)]
    winner = board.winner
    if winner is not None and winner.run is not None:
        lines += ["", printable(own_command(winner.run.config), 20_000)]
    return "\n".join(lines)


def _table(board: TuningState) -> list[str]:
    variants = {trial.point.variant for trial in board.trials}
    varied = [name for name in VARIED_NAMES if len({getattr(one, name) for one in variants}) > 1]
    is_efficiency = board.objective.goal is Goal.EFFICIENCY
    latencies = _latencies(board)
    heads = ["", *(VARIED_NAMES[name] for name in varied), "nireq", board.unit, "±", *latencies]
    heads += [f"{board.unit}/W"] if is_efficiency else []
    front = pareto_front(board.trials)
    rows = [[*heads, ""]]
    for trial in board.ranked:
        variant, figures = trial.point.variant, trial.figures
        row = ["*" if trial.point in front else ""]
        row += [str(getattr(variant, name) or "auto") for name in varied]
        row += [
            str(trial.point.nireq),
            number_text(figures.fps.mid, 5),
            half_width_text(figures.fps),
        ]
        row += [number_text(getattr(figures, field).mid) for field in latencies.values()]
        row += [number_text(figures.fps.mid / figures.watts)] if is_efficiency else []
        rows.append([*row, note_on(trial, board)])
    return aligned(rows, left=(len(heads),))  # the note


def _latencies(board: TuningState) -> dict[str, str]:
    """Titles of the columns of latencies, and the fields of `Figures`."""
    if not board.of_tokens:
        return {"p50 ms": "p50_ms", "p99 ms": "p99_ms"}
    return {
        "TTFT p90 ms": "ttft_p90_ms",
        "TPOT p50 ms": "p50_ms",
        "p90 ms": "tpot_p90_ms",
        "p99 ms": "p99_ms",
    }


def note_on(trial: Trial, board: TuningState) -> str:
    """In a few words what is to be known of a row."""
    words = ending_notes(trial)
    if trial.finals:
        words = [against_winner(trial, board), f"measured {len(trial.finals) + 1} times"]
    if trial.has_run and not trial.is_within_limit:
        words.append(board.objective.over_limit_note(trial.figures))
    if trial is board.winner:
        words[:0] = ["best", doubt_of(board)]
    if trial.reason:
        words.append(printable(trial.reason))
    return ", ".join(filter(None, words))


def number_text(value: float, digits: int = 4) -> str:
    """A figure of a table, with so many digits; a dash where it is not known."""
    if value != value:
        return "-"
    decimals = max(0, digits - 1 - len(str(int(value))))
    return f"{value:.{decimals}f}"


def half_width_text(interval: Interval) -> str:
    """Half of an interval in percent of its middle; a dash where that says nothing."""
    return f"{100 * interval.half_width:.1f} %" if interval.half_width < 10 else "-"


def board_document(board: TuningState, *, model: str, exit_code: int, error: str = "") -> str:
    """The same as JSON, with the winner written out in all forms.

    Args:
        error: why it failed, in a sentence; '' = it did not.
    """
    winner = board.winner
    front = pareto_front(board.trials)
    document: dict[str, Any] = {
        **search_data(SCHEMA, board, model, exit_code, error),
        "objective": board.objective,
        "measured": board.where or None,
        "space_size": board.size,
        "winner": None,
        "why": why_it_won(board),
        "trials": [_trial(trial, trial.point in front) for trial in board.ranked],
    }
    if winner is not None and winner.run is not None:
        config = winner.run.config
        document["winner"] = {
            **_trial(winner, winner.point in front),
            "config": config,
            "load_config": json.loads(settings_json(config)),
            "command": own_command(config),
            "benchmark_app": benchmark_app_command(winner.run),
            "python": python_snippet(winner.run),
        }
    return json_text(document)


def search_data(
    schema: str, board: TuningState, model: str, exit_code: int, error: str
) -> dict[str, Any]:
    """The members that the document of every search begins with."""
    return {
        "schema": schema,
        "version": __version__,
        "model": model,
        "exit_code": exit_code,
        "error": error or None,
        "trouble": board.reason or None,
        "elapsed_s": board.elapsed_s,
    }


def _trial(trial: Trial, is_on_front: bool) -> dict[str, Any]:
    variant, figures = trial.point.variant, trial.figures
    effective = trial.run.effective if trial.run else None
    return {
        "hint": variant.hint,
        "streams": variant.streams,
        "threads": variant.threads,
        "batch": variant.batch,
        "precision": variant.precision,
        "kv_cache_precision": variant.kv_cache_precision,
        "batched_tokens": variant.batched_tokens,
        "nireq": trial.point.nireq,
        "effective": effective
        and {
            "streams": effective.streams,
            "threads": effective.threads,
            "precision": effective.precision,
            "batch": effective.batch,
            "nireq": effective.nireq,
        },
        "fps": interval_data(figures.fps),
        "p50_ms": interval_data(figures.p50_ms),
        "p99_ms": interval_data(figures.p99_ms),
        "unit": figures.unit,
        **generation_data(figures),
        "watts": figures.watts,
        "seconds": figures.seconds,
        "windows": figures.windows,
        "ending": trial.ending,
        "stopped_early": trial.ending is Ending.WORSE,
        "finals": trial.finals,
        "pareto": is_on_front,
        "reason": trial.reason or None,
    }


def generation_data(figures: Figures) -> dict[str, dict[str, float]]:
    """The figures that only a model has that generates tokens, as members of a document."""
    if not figures.of_tokens:
        return {}
    return {
        "ttft_p90_ms": interval_data(figures.ttft_p90_ms),
        "tpot_p90_ms": interval_data(figures.tpot_p90_ms),
    }


def interval_data(interval: Interval) -> dict[str, float]:
    """An interval as a member of a document."""
    return {"low": interval.low, "value": interval.mid, "high": interval.high}


def failed_reason(trials: Sequence[Trial]) -> str:
    """Why nothing could be measured: what the last failure said."""
    reasons = [trial.reason for trial in trials if trial.reason]
    return reasons[-1] if reasons else "Nothing could be measured."
