"""The runs that a page shows: out of the history, of a --json document, or of what runs now."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ovbench_tui.compare.sources import ComparedRun, of_document, read_document
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.results import RunResult, RunView
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.history.reader import HistoryReader
from ovbench_tui.reports.ending import Ending
from ovbench_tui.reports.json_report import Measurement, json_document
from ovbench_tui.reports.machine import Machine
from ovbench_tui.reports.plain_data import RUN_DATA, NotThisDataError
from ovbench_tui.stats.run_stats import RunSeries

_ID = re.compile(r"\d{1,18}", re.ASCII)
_MOST_BINS = 10_000


@dataclass(frozen=True, slots=True)
class SharedRun:
    """One run of a page.

    Attributes:
        name: for the reader, as in ``run 12`` or ``before.json, run 1``.
        compared: the same run as a side of a comparison.
        machine: None = not known.
        measured_at: with its offset; None = not known.
        program: the version of ovbench-tui that measured it; '' = not known.
    """

    name: str
    result: RunResult
    compared: ComparedRun
    machine: Machine | None = None
    measured_at: datetime | None = None
    program: str = ""


def shared_run(word: str) -> SharedRun:
    """Read a run by its number in the history, or out of a --json document.

    Args:
        word: ``12``, ``run.json`` (its last measured run) or ``run.json#2``.

    Raises:
        BadInputError: it is neither, or nothing was measured.
        HistoryError: there is no such run in the history, or it cannot be read.
    """
    return _of_history(int(word)) if _ID.fullmatch(word) else _of_file(word)


def measured_run(
    name: str,
    result: RunResult,
    machine: Machine,
    measured_at: datetime,
    program: str,
) -> SharedRun:
    """A run that is at hand, as of the history or of the screen."""
    measurement = Measurement([result], Ending(), ReportOptions(), machine, created=measured_at)
    compared = of_document(json.loads(json_document(measurement)), name)
    return SharedRun(name, result, compared, machine, measured_at, program)


def _of_history(run_id: int) -> SharedRun:
    run = HistoryReader().load(run_id)
    if not run.result.view.stats.count:
        raise BadInputError(f"Run {run_id} of the history measured nothing.")
    entry = run.entry
    return measured_run(
        f"run {run_id}", run.result, run.machine, entry.started_at, entry.ovbench_tui
    )


def _of_file(word: str) -> SharedRun:
    document, file_name, run_id = read_document(word)
    compared = of_document(document, file_name, run_id)
    plain = next(
        run
        for run in reversed(document["runs"])
        if (run_id is None or run["run_id"] == run_id) and run["figures"]["count"]
    )
    where = f"'{printable(file_name)}'"
    try:
        result = _result(plain)
        known = document.get("machine")
        machine = None if known is None else RUN_DATA.to(Machine, known)
    except NotThisDataError as error:
        raise BadInputError(f"{where} is damaged or of another version: {error}.") from error
    except OvbenchError as error:
        raise BadInputError(
            f"{where} has a configuration that this version does not take: {error}"
        ) from error
    return SharedRun(
        f"{printable(file_name)}, run {result.view.run_id}",
        result,
        compared,
        machine,
        _time(document),
        printable(str(document.get("ovbench_tui", ""))),
    )


def _result(plain: Mapping[str, Any]) -> RunResult:
    figures = dict(plain["figures"]) | {
        "percentiles_ms": plain.get("percentiles", []),
        "groups": plain.get("groups", []),
    }
    counts = {name: plain.get(name) or 0 for name in ("peak_rss_bytes", "run_peak_rss_bytes")}
    members = dict(plain) | counts | {"config": plain["requested"], "stats": figures}
    bins = plain.get("histogram")
    return RunResult(
        RUN_DATA.to(RunView, members),
        tuple(_bin(one) for one in bins[:_MOST_BINS]) if isinstance(bins, list) else (),
        series=RUN_DATA.to(RunSeries, plain.get("series") or {}),
    )


def _bin(plain: Any) -> tuple[float, float, int]:
    try:
        return float(plain["low_ms"]), float(plain["high_ms"]), int(plain["count"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise NotThisDataError("a bin of the histogram is not of the expected type") from error


def _time(document: Mapping[str, Any]) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(document.get("created")))
    except ValueError:
        return None
    return time if time.tzinfo is not None else None
