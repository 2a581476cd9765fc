"""What a search for the capacity leaves behind: a table, one JSON document, a CSV file."""

from __future__ import annotations

from typing import Any

from ovbench_tui.capacity.rates import (
    Capacity,
    Rate,
    Verdict,
    capacity_of,
    capacity_sentence,
)
from ovbench_tui.console.columns import aligned, csv_text
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import MISSED_EXIT_CODE, UNDECIDED_EXIT_CODE
from ovbench_tui.export import own_command
from ovbench_tui.reports.plain_data import json_text
from ovbench_tui.tuning.report import (
    half_width_text,
    interval_data,
    number_text,
    search_data,
)
from ovbench_tui.tuning.state import TuningState

SCHEMA = "ovbench-tui/load/1"
_BAR = 20
_HEADS = (
    "rate/s",
    "offered/s",
    "served/s",
    "dropped/s",
    "of most",
    "",
    "p50 ms",
    "p99 ms",
    "±",
    "waiting ms",
)
_CSV_COLUMNS = (
    *("rate", "offered_per_s", "served_per_s", "dropped_per_s", "utilisation"),
    *("p50_ms", "p99_ms", "p99_low_ms", "p99_high_ms", "waiting_mean_ms"),
    *("late", "answers", "rounds", "seconds", "verdict"),
)


def exit_code_of(capacity: Capacity) -> int:
    """0 = there is a capacity, 4 = the limit holds at no rate, 5 = too little was measured."""
    if capacity.is_known:
        return 0
    rounds = [one for rate in capacity.rates for one in rate.late]
    holds = any(one.keeps_limit for one in rounds)
    return UNDECIDED_EXIT_CODE if holds or not rounds else MISSED_EXIT_CODE


def describe_search(board: TuningState) -> str:
    """Say in one line what is measured and what is known so far."""
    capacity = capacity_of(board)
    parts = [f"{board.elapsed_s:.0f} s", f"{len(board.trials)} rounds"]
    if board.current is not None:
        now = board.current_figures.p99_ms.mid
        p99 = f" p99 {now:.3g} ms" if now == now else ""
        parts.append(f"{board.current.arrivals or 'closed loop'}{p99}")
    if capacity.knee.mid == capacity.knee.mid:
        parts.append(f"capacity about {capacity.knee.mid:.4g}/s")
    return "  ".join(parts)


def format_capacity(board: TuningState) -> str:
    """A row for each rate, and a sentence on the capacity."""
    capacity = capacity_of(board)
    rows = [[*_HEADS, ""], *(_row(rate, capacity) for rate in capacity.rates)]
    lines = [*aligned(rows, left=(5, len(_HEADS)))] if capacity.rates else []
    if capacity.most_per_s == capacity.most_per_s:
        lines += ["", f"At most {capacity.most_per_s:.4g}/s with all requests busy."]
    lines += list(filter(None, (capacity_sentence(capacity),)))
    command = command_of(capacity)
    return "\n".join([*lines, *(["", printable(command, 20_000)] if command else [])])


def command_of(capacity: Capacity) -> str:
    """The command line that runs the highest rate that surely holds; '' = there is none."""
    holding = [rate for rate in capacity.rates if capacity.verdict(rate) is Verdict.HOLDS]
    run = holding[-1].rounds[-1].run if holding and capacity.is_known else None
    return own_command(run.config) if run is not None else ""


def note_on(rate: Rate, capacity: Capacity) -> str:
    """In a few words what is to be known of a row."""
    if rate.failure:
        return rate.failure
    verdict = capacity.verdict(rate)
    words = {
        Verdict.HOLDS: "holds",
        Verdict.FAILS: rate.overload or "over the limit",
        Verdict.OPEN: "near the knee" if capacity.is_known else "",
    }[verdict]
    count = len(rate.rounds)
    return ", ".join(filter(None, (words, f"{count} rounds" if count > 1 else "")))


def _row(rate: Rate, capacity: Capacity) -> list[str]:
    share = capacity.utilisation(rate)
    p99_ms = rate.p99_ms
    return [
        number_text(rate.per_s),
        number_text(rate.offered_per_s),
        number_text(rate.served_per_s),
        number_text(rate.dropped_per_s),
        f"{share:.0%}" if share == share else "-",
        "█" * max(1, round(min(share, 1.0) * _BAR)) if share > 0 else "",
        number_text(rate.p50_ms),
        number_text(p99_ms.mid),
        half_width_text(p99_ms),
        number_text(rate.waiting_ms),
        printable(note_on(rate, capacity)),
    ]


def capacity_document(board: TuningState, *, model: str, exit_code: int, error: str = "") -> str:
    """The same as JSON; what is not known is null.

    Args:
        error: why it failed, in a sentence; '' = it did not.
    """
    capacity = capacity_of(board)
    document: dict[str, Any] = {
        **search_data(SCHEMA, board, model, exit_code, error),
        "p99_under_ms": capacity.limit_ms,
        "capacity_per_s": interval_data(capacity.knee) if capacity.is_known else None,
        "most_per_s": capacity.most_per_s,
        "sentence": capacity_sentence(capacity) or None,
        "rates": [_rate(rate, capacity) for rate in capacity.rates],
        "command": command_of(capacity) or None,
    }
    return json_text(document)


def _rate(rate: Rate, capacity: Capacity) -> dict[str, Any]:
    return {
        "rate": rate.per_s,
        "offered_per_s": rate.offered_per_s,
        "served_per_s": rate.served_per_s,
        "dropped_per_s": rate.dropped_per_s,
        "dropped": rate.dropped,
        "utilisation": capacity.utilisation(rate),
        "p50_ms": rate.p50_ms,
        "p99_ms": interval_data(rate.p99_ms),
        "waiting_mean_ms": rate.waiting_ms,
        "late": sum(one.late for one in rate.late),
        "answers": sum(one.count for one in rate.late),
        "seconds": rate.seconds,
        "verdict": capacity.verdict(rate),
        "reason": rate.overload or rate.failure or None,
        "rounds": [
            {
                "arrivals": trial.point.arrivals,
                "p50_ms": trial.figures.p50_ms.mid,
                "p99_ms": interval_data(trial.figures.p99_ms),
                "load": trial.figures.load,
                "seconds": trial.figures.seconds,
                "ending": trial.ending,
                "reason": trial.reason or None,
            }
            for trial in rate.rounds
        ],
    }


def capacity_csv(board: TuningState) -> str:
    """One line a rate, with a head."""
    capacity = capacity_of(board)
    return csv_text(_CSV_COLUMNS, (_csv_row(rate, capacity) for rate in capacity.rates))


def _csv_row(rate: Rate, capacity: Capacity) -> tuple[object, ...]:
    p99_ms = rate.p99_ms
    late, answers = (sum(getattr(one, name) for one in rate.late) for name in ("late", "count"))
    return (
        *(rate.per_s, rate.offered_per_s, rate.served_per_s, rate.dropped_per_s),
        *(capacity.utilisation(rate), rate.p50_ms, p99_ms.mid, p99_ms.low, p99_ms.high),
        *(rate.waiting_ms, late, answers, len(rate.rounds), rate.seconds),
        capacity.verdict(rate).value,
    )
