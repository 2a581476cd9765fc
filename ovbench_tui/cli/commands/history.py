"""``ovbench-tui history``: list, show and delete the runs that were measured."""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.console.printable import printable
from ovbench_tui.console.suggestion import closest
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.options.parser import NarrowFormatter, OneLineParser

if TYPE_CHECKING:
    from ovbench_tui.history.reader import (
        HistoryEntry,
        HistoryFilter,
        HistoryReader,
        HistoryRun,
    )
    from ovbench_tui.history.table import Listed

LIST_SCHEMA = "ovbench-tui/history/1"

_WIDTH_OF_PIPES = 200
_MORE_RUNS = 8
"""Runs that are read for each line of the list at first: a search is one line."""

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DESCRIPTION = (
    "Lists the runs that were measured, the newest first; a search (tune, sweep) is one line with"
    " the figures of its best run. Each finished run is kept, unless --no-history was given."
)
_EPILOG = (
    "Further: `history show ID` shows everything about one"
    " run, `history delete ID...` deletes runs,"
    " `history path` shows where the database is. The variable OVBENCH_TUI_HISTORY names another"
    " database."
)


def main(arguments: Sequence[str]) -> int:
    """Do what the first word says; returns the exit code."""
    words = list(arguments)
    actions = {"list": _list, "show": _show, "delete": _delete, "path": _path}
    if not words or words[0].startswith("-"):
        return _list(words)
    action = actions.get(words[0])
    if action is None:
        close = closest(words[0], actions)
        meant = f"did you mean {close}?" if close else f"there are {', '.join(actions)}."
        raise BadInputError(f"history has no {printable(words[0])!r}; {meant}")
    return action(words[1:])


def _list(arguments: Sequence[str]) -> int:
    parser = _parser("history", _DESCRIPTION, _EPILOG, usage="%(prog)s [OPTIONS]")
    add = parser.add_argument
    add("--model", default="", metavar="TEXT", help="this is in the model's name or path")
    add("--device", default="", metavar="DEVICE", help="the requested device, as in AUTO:CPU")
    add("--since", metavar="WHEN", help="began at most 30m, 12h, 7d or 4w ago, or since a date")
    add("--machine", default="all", choices=("all", "this"), help="this = machines like this one")
    add("--limit", type=int, default=50, metavar="N", help="the newest N (default 50; 0 = all)")
    add("--trials", action="store_true", help="every run of a search (tune, sweep) by itself")
    add("--json", dest="is_json", action="store_true", help="print one JSON document")
    given = parser.parse_args(arguments)
    wanted = _filter(given)

    from ovbench_tui.history.reader import HistoryReader

    reader = HistoryReader()
    if given.is_json:
        entries = reader.list(wanted)
        _tell(reader.sentences)
        return _print(_list_document(str(reader.path), entries))
    listed = reader.list(wanted) if given.trials else _searches_as_one(reader, wanted)
    _tell(reader.sentences)
    if not listed:
        print_message(f"No run of the history matches ({reader.path}).")
        return 0
    from ovbench_tui.history.table import format_table

    width = shutil.get_terminal_size((_WIDTH_OF_PIPES, 24)).columns
    return _print(format_table(listed, width))


def _searches_as_one(reader: HistoryReader, wanted: HistoryFilter) -> Sequence[Listed]:
    """The newest so many runs or searches, each search with all of its trials."""
    from ovbench_tui.engine.api.search_mark import gathered

    if wanted.limit is None:
        return gathered(reader.list(wanted))
    limit = wanted.limit
    while True:
        limit *= _MORE_RUNS
        entries = reader.list(replace(wanted, limit=limit))
        listed = gathered(entries)
        # What comes after the last that is shown: its trials are all read.
        if len(listed) > wanted.limit or len(entries) < limit:
            return listed[: wanted.limit]


def _show(arguments: Sequence[str]) -> int:
    parser = _parser("history show", "Shows everything about one run.")
    parser.add_argument("run_id", type=_run_id, metavar="ID")
    parser.add_argument(
        "--json",
        dest="is_json",
        action="store_true",
        help="print the JSON document that --json would have printed at the end of the run",
    )
    given = parser.parse_args(arguments)

    from ovbench_tui.history.reader import HistoryReader

    reader = HistoryReader()
    run = reader.load(given.run_id)
    _tell(reader.sentences)
    if given.is_json:
        return _print(_run_document(run))
    from ovbench_tui.history.text import format_run

    return _print(format_run(run))


def _delete(arguments: Sequence[str]) -> int:
    parser = _parser("history delete", "Deletes runs: all that are named, or none.")
    parser.add_argument("run_ids", type=_run_id, nargs="+", metavar="ID")
    given = parser.parse_args(arguments)

    from ovbench_tui.history.location import history_path
    from ovbench_tui.history.removal import delete_runs

    count = delete_runs(history_path(), given.run_ids)
    print_message("One run was deleted." if count == 1 else f"{count} runs were deleted.")
    return 0


def _path(arguments: Sequence[str]) -> int:
    _parser("history path", "Shows where the database is.").parse_args(arguments)

    from ovbench_tui.history.location import history_path

    return _print(str(history_path()))


def _parser(name: str, description: str, epilog: str = "", usage: str | None = None) -> Any:
    return OneLineParser(
        prog=f"ovbench-tui {name}",
        usage=usage,
        description=description,
        epilog=epilog,
        allow_abbrev=False,
        formatter_class=NarrowFormatter,
    )


def _run_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a run")
    return int(text)


def _filter(given: argparse.Namespace) -> HistoryFilter:
    if given.limit < 0:
        raise BadInputError(f"--limit {given.limit}: give a number of runs, or 0 for all.")
    since = parse_since(given.since, datetime.now(timezone.utc)) if given.since else None

    from ovbench_tui.history.reader import HistoryFilter
    from ovbench_tui.system.machine_id import this_machine

    return HistoryFilter(
        model=given.model,
        device=given.device,
        since=since,
        machine_id=this_machine().id if given.machine == "this" else "",
        limit=given.limit or None,
    )


def parse_since(text: str, now: datetime) -> datetime:
    """Understand ``7d`` and the like, or a date or time of ISO 8601, by default in local time.

    Raises:
        BadInputError: it is neither.
    """
    ago = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip())
    try:
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(text.strip()).astimezone(timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise BadInputError(
            f"--since {text!r}: give an age as in 30m, 12h, 7d or 4w, or a date as in 2026-01-31."
        ) from None


def _list_document(path: str, entries: Sequence[HistoryEntry]) -> str:
    from dataclasses import fields

    from ovbench_tui.history.rows import format_time
    from ovbench_tui.reports.plain_data import RUN_DATA

    runs = [
        {field.name: getattr(entry, field.name) for field in fields(entry)}
        | {"started_at": format_time(entry.started_at)}
        for entry in entries
    ]
    document = {"schema": LIST_SCHEMA, "path": path, "runs": runs}
    return json.dumps(RUN_DATA.of(document), allow_nan=False, separators=(",", ":"))


def _run_document(run: HistoryRun) -> str:
    """The document of --json, with what the history knows besides."""
    from ovbench_tui.config.report_options import ReportOptions
    from ovbench_tui.history.rows import format_time
    from ovbench_tui.reports.ending import Ending
    from ovbench_tui.reports.json_report import Measurement, json_document

    entry = run.entry
    measurement = Measurement(
        *((run.result,), Ending(), ReportOptions()), machine=run.machine, created=entry.started_at
    )
    document = json.loads(json_document(measurement)) | {
        "ovbench_tui": entry.ovbench_tui,
        "history": {
            "id": entry.id,
            "started_at": format_time(entry.started_at),
            "ending": entry.ending,
            "isolated": entry.isolated,
            "model_path": entry.model_path,
            "model_hash": entry.model_hash,
            "machine_id": entry.machine_id,
        },
    }
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def _tell(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        print_message(sentence)


def _print(text: str) -> int:
    return 0 if print_result(text) else OvbenchError.exit_code
