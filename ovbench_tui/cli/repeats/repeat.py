"""``--repeat N``: the same measurement N times, and what runs differ by."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ovbench_tui.cli.interrupts import raise_on_end_signals
from ovbench_tui.cli.repeats.fresh_process import run_documents
from ovbench_tui.console.columns import aligned
from ovbench_tui.console.messages import print_result
from ovbench_tui.console.numbers import in_a_table
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import MISSED_EXIT_CODE, UNDECIDED_EXIT_CODE, OvbenchError
from ovbench_tui.options.conflicts import of_one_run, refuse
from ovbench_tui.options.invocation import Invocation, typed_pairs
from ovbench_tui.options.repeat_option import NAME, without_repeat
from ovbench_tui.reports.ending import Ending
from ovbench_tui.stats.comparison.repeats import RepeatedFigure, repeated
from ovbench_tui.stats.rate import FRAMES, TOKENS
from ovbench_tui.stats.steadiness_text import verdict_word

_FIGURES = {"fps_mean": FRAMES, "p50_ms": "p50 ms", "p99_ms": "p99 ms"}
_OF_GENERATION = {"fps_mean": TOKENS, "p50_ms": "TPOT p50 ms", "p99_ms": "TPOT p99 ms"}
_DASH = "-"

Runs = Sequence[Mapping[str, Any]]


def run_repeats(words: Sequence[str], invocation: Invocation) -> int:
    """Measure in fresh processes, and print the runs and their spread; returns the exit code.

    Raises:
        BadInputError: an option tells of a single run.
        KeyboardInterrupt: before the first run was complete; later ones are printed.
        RunFailedError: the first run failed; likewise.
    """
    refuse(NAME, *of_one_run(invocation, "each run would overwrite those of the one before"))
    raise_on_end_signals()
    documents, ending = run_documents(without_repeat(words), invocation.repeat, "Run")
    if not ending.exit_code:
        ending = limits_of(documents)
    document = together(documents, words, ending)
    if invocation.reports.json_stdout:
        text = json.dumps(document, allow_nan=False, separators=(",", ":"))
    else:
        text = format_repeats(document)
    return ending.exit_code if print_result(text) else ending.exit_code or OvbenchError.exit_code


def limits_of(documents: Sequence[Mapping[str, Any]]) -> Ending:
    """How the runs kept their limits: as the worst of them did."""
    outcomes = [document["outcome"] for document in documents]
    for code in (MISSED_EXIT_CODE, UNDECIDED_EXIT_CODE):
        if found := [one for one in outcomes if one["exit_code"] == code]:
            return Ending(code, str(found[0]["error"]))
    return Ending()


def format_repeats(document: Mapping[str, Any]) -> str:
    """A row for each run, their middle and their spread, and a sentence."""
    runs: Runs = document["runs"]
    figures = {name: repeated(_values(runs, name)) for name in _FIGURES}
    unit = TOKENS if runs[0]["figures"].get("generation") else FRAMES
    names = _OF_GENERATION if unit == TOKENS else _FIGURES
    rows = [("Run", *names.values(), "Stability")]
    for run in runs:
        values = [in_a_table(run["figures"].get(name)) for name in _FIGURES]
        rows.append((str(run["run_id"]), *values, verdict_word(str(run["stability"]["verdict"]))))
    rows.append(("All", *(in_a_table(one.value) for one in figures.values()), ""))
    rows.append(("from", *(in_a_table(one.low) for one in figures.values()), "95 % interval"))
    rows.append(("to", *(in_a_table(one.high) for one in figures.values()), ""))
    spreads = (_percent(one.spread) for one in figures.values())
    rows.append(("Runs vary by", *spreads, "standard deviation"))
    model = printable(f"{runs[0]['model']['name']}  {runs[0]['effective']['device']}", 200)
    return "\n".join((model, *aligned(rows), "", _sentence(figures["fps_mean"], unit)))


def _sentence(fps: RepeatedFigure, unit: str) -> str:
    if math.isnan(fps.low):
        return f"{in_a_table(fps.value)} {unit} in a single run, which shows no spread."
    interval = f"{in_a_table(fps.low)} to {in_a_table(fps.high)}"
    return (
        f"{in_a_table(fps.value)} {unit} (95 % interval {interval}) in"
        f" {fps.runs} independent runs, which vary by {_percent(fps.spread)}."
    )


def together(
    documents: Sequence[Mapping[str, Any]], words: Sequence[str], ending: Ending
) -> dict[str, Any]:
    """One document with the run of each."""
    runs: list[dict[str, Any]] = []
    for number, document in enumerate(documents, 1):
        runs += [{**run, "run_id": number} for run in document["runs"][-1:]]
    pairs = typed_pairs(words)
    return {
        **documents[0],
        "outcome": {
            "status": ending.status,
            "exit_code": ending.exit_code,
            "error": printable(ending.error),
        },
        "command_line": [{"option": option, "value": value} for option, value in pairs],
        "runs": runs,
        "repeat": {name: _plain(repeated(_values(runs, name))) for name in _FIGURES},
    }


def _values(runs: Runs, name: str) -> list[float]:
    values = (run["figures"].get(name) for run in runs)
    return [math.nan if value is None else float(value) for value in values]


def _plain(figure: RepeatedFigure) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in asdict(figure).items()}


def _percent(share: float) -> str:
    return _DASH if math.isnan(share) else f"{share * 100:.1f} %"
