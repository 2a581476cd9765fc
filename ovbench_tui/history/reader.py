"""Reads the history: a list of runs by a filter, and one run with all that is known of it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.engine.api.search_mark import TrialFacts, setting_of
from ovbench_tui.history.blobs import MAX_BYTES
from ovbench_tui.history.errors import HistoryError, NoSuchRunError
from ovbench_tui.history.location import history_path
from ovbench_tui.history.read_only import opened_to_read, unusable
from ovbench_tui.history.rows import (
    BLOBS,
    WHOLE_COLUMNS,
    format_time,
    machine_name_of,
    parse_time,
    to_result,
    trial_of,
)
from ovbench_tui.history.sqlite import sqlite3
from ovbench_tui.reports.machine import Machine
from ovbench_tui.stats.run_stats import RunSeries

_BIGGEST_ID = 2**63 - 1
_MOST_ENTRIES = 100_000
_MOST_LETTERS = 8192
"""Of a text in a list: more than any path has, and a forged one could take gigabytes."""


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which runs are wanted; all that is given must hold.

    Attributes:
        model: a part of the model's name or path, in upper or lower case.
        device: the device as it was asked for, as in ``CPU``, in upper or lower case.
        since: only runs that began then or later; with an offset.
        machine_id: as in `HistoryEntry`.
        limit: the newest so many; None = all, up to 100,000.
    """

    model: str = ""
    device: str = ""
    since: datetime | None = None
    machine_id: str = ""
    limit: int | None = None


_ALL = HistoryFilter()


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One run in a list.

    Attributes:
        id: by which the user calls it.
        started_at: with its offset, in UTC.
        ending: one of `RunEnd`'s values.
        model_path: absolute, or the name of a built-in model.
        model_hash: '' where it is not known yet.
        machine_id: the same on machines that are alike.
        hint: as it was asked for.
        verdict: one of `Verdict`'s values.
        fps_mean, p50_ms, p99_ms: NaN where they are not known.
        generates: `fps_mean` is output tokens a second.
        search: the mark of the search that it is a trial of; '' = none.
        config_key: the same for runs of the same requested configuration.
        setting: what a trial ran with; '' = by `nireq` and `streams` alone.
        may_win: whether it may be the best of its search, see `HasTrial`.
    """

    id: int
    started_at: datetime
    ending: str
    isolated: bool
    model_name: str
    model_path: str
    model_hash: str
    machine_id: str
    cpu: str
    cpus: int
    os: str
    openvino: str
    ovbench_tui: str
    device: str
    hint: str
    nireq: int
    streams: str
    fps_mean: float
    p50_ms: float
    p99_ms: float
    count: int
    elapsed_s: float
    verdict: str
    search: str = ""
    generates: bool = False
    config_key: str = ""
    setting: str = ""
    may_win: bool = True

    @property
    def trial(self) -> TrialFacts:
        """What the search says of it that it is a trial of."""
        setting = self.setting or setting_of(self.nireq, self.streams)
        return TrialFacts(self.search, self.config_key, self.fps_mean, setting)

    @property
    def rate_unit(self) -> str:
        """What stands behind its rate in a list of frames a second."""
        return " tok/s" if self.generates else ""


@dataclass(frozen=True, slots=True)
class HistoryRun:
    """One run with all that is known of it.

    Attributes:
        result: as the session gave it; its run's number is the history's.
        machine_name: the host of another machine, as of a fleet; '' = this one.
    """

    entry: HistoryEntry
    result: RunResult
    machine: Machine
    machine_name: str = ""

    @property
    def config(self) -> BenchmarkConfig:
        """What was asked for, to ask for it again."""
        return self.result.view.config

    @property
    def series(self) -> RunSeries:
        """The run over time."""
        return self.result.series


class HistoryReader:
    """Reads a database, which need not exist, and changes nothing in it.

    Args:
        path: of the database; None = the user's.

    Attributes:
        sentences: what the user should know of what was read last.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.sentences: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Where the database is, or would be.

        Raises:
            HistoryError: there is no folder for it.
        """
        return self._path or history_path()

    def list(self, wanted: HistoryFilter = _ALL) -> tuple[HistoryEntry, ...]:
        """Find runs, the newest first.

        Raises:
            HistoryError: it cannot be read.
        """
        conditions, values = _conditions(wanted)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        limit = _MOST_ENTRIES if wanted.limit is None else min(wanted.limit, _MOST_ENTRIES)
        rows = self._select(
            f"SELECT {_SELECTED} FROM runs {where}"  # noqa: S608 - our own names
            " ORDER BY started_at DESC, id DESC LIMIT :limit",
            values | {"limit": limit},
        )
        entries = [_entry(row) for row in rows]
        damaged = entries.count(None)
        if damaged:
            rows_are = "One row is" if damaged == 1 else f"{damaged} rows are"
            self.sentences += (f"{rows_are} damaged and left out of the list.",)
        return tuple(entry for entry in entries if entry is not None)

    def load(self, run_id: int) -> HistoryRun:
        """Read one run.

        Raises:
            NoSuchRunError: there is no such run.
        HistoryError: it cannot be read.
        """
        # Sizes first: what is far too large is not even taken into memory.
        sizes = ", ".join(
            f"length({column if column in BLOBS else f'CAST({column} AS BLOB)'}) AS {column}"
            for column in WHOLE_COLUMNS
        )
        statement = "SELECT {} FROM runs WHERE id = :id"
        values = {"id": run_id}
        if not 0 < run_id <= _BIGGEST_ID:
            raise _no_such_run(run_id)
        found = self._select(statement.format(sizes), values)
        if not found:
            raise _no_such_run(run_id)
        for column in WHOLE_COLUMNS:
            if (found[0][column] or 0) > MAX_BYTES:
                raise HistoryError(
                    f"Run {run_id} of the history cannot be read: its {column} is larger than"
                    f" {MAX_BYTES >> 20} MiB."
                )
        columns = ", ".join((_SELECTED, *WHOLE_COLUMNS))
        rows = self._select(statement.format(columns), values)
        if not rows:
            raise _no_such_run(run_id)
        entry = _entry(rows[0])
        if entry is None:
            raise HistoryError(f"Run {run_id} of the history cannot be read: it is damaged.")
        result, machine = to_result(rows[0])
        return HistoryRun(entry, result, machine, machine_name_of(rows[0]))

    def _select(self, statement: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        path = self.path
        with opened_to_read(path) as database:
            self.sentences = database.sentences
            if database.connection is None:
                return ()
            try:
                database.connection.create_function("key_of", 1, _key_of, deterministic=True)
                cursor = database.connection.execute(statement, values)
                names = [column[0] for column in cursor.description]
                return tuple(dict(zip(names, row, strict=True)) for row in cursor)
            except (UnicodeDecodeError, sqlite3.Error) as error:
                raise unusable(database.path, error) from None


def _conditions(wanted: HistoryFilter) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    values: dict[str, Any] = {}
    if wanted.model:
        conditions.append(
            "(instr(lower(model_name), lower(:model)) OR instr(lower(model_path), lower(:model)))"
        )
        values["model"] = wanted.model
    if wanted.device:
        conditions.append("upper(device) = upper(:device)")
        values["device"] = wanted.device
    if wanted.since is not None:
        conditions.append("started_at >= :since")
        values["since"] = format_time(wanted.since)
    if wanted.machine_id:
        conditions.append("machine_id = :machine_id")
        values["machine_id"] = wanted.machine_id
    return conditions, values


def _no_such_run(run_id: int) -> NoSuchRunError:
    return NoSuchRunError(f"The history has no run {run_id}: `ovbench-tui history` lists them.")


def _entry(row: Mapping[str, Any]) -> HistoryEntry | None:
    """Make an entry; None where a column holds something else."""
    try:
        made = {name: _ENTRY_COLUMNS[name](row[name]) for name in _ENTRY_COLUMNS}
    except (TypeError, ValueError, OverflowError):
        return None
    setting, may_win = trial_of(row["details_of_trial"])
    return HistoryEntry(
        **made,
        generates=bool(row["generates"]),
        config_key=_words(row["config_key"]),
        setting=setting,
        may_win=may_win,
    )


def _key_of(requested: bytes | None) -> str:
    """A short text for a long one; 1 of 10^19 pairs that differ have the same."""
    return hashlib.blake2b(requested or b"", digest_size=8).hexdigest()


def _words(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _number(value: object) -> float:
    return math.nan if value is None else float(value)  # type: ignore[arg-type]


_ENTRY_COLUMNS: Mapping[str, Any] = {
    "id": int,
    "started_at": parse_time,
    "ending": _words,
    "isolated": bool,
    "model_name": _words,
    "model_path": _words,
    "model_hash": _words,
    "machine_id": _words,
    "cpu": _words,
    "cpus": int,
    "os": _words,
    "openvino": _words,
    "ovbench_tui": _words,
    "device": _words,
    "hint": _words,
    "nireq": int,
    "streams": _words,
    "fps_mean": _number,
    "p50_ms": _number,
    "p99_ms": _number,
    "count": int,
    "elapsed_s": _number,
    "verdict": _words,
    "search": _words,
}
"""Columns of a list, and what makes their values."""

_SELECTED = (
    ", ".join(
        # Only where that is needed, for it ends at a NUL.
        f"CASE WHEN length(CAST({name} AS BLOB)) > {_MOST_LETTERS}"
        f" THEN substr({name}, 1, {_MOST_LETTERS}) ELSE {name} END AS {name}"
        if make in (_words, parse_time)
        else f"CASE WHEN typeof({name}) IN ('text', 'blob') THEN '' ELSE {name} END AS {name}"
        for name, make in _ENTRY_COLUMNS.items()
    )
    + ", instr(CAST(figures AS TEXT), '\"generation\":{') > 0 AS generates"
    + f", key_of(substr(CAST(requested AS BLOB), 1, {8 * _MOST_LETTERS})) AS config_key"
    + f", CASE WHEN search <> '' THEN substr(CAST(details AS BLOB), 1, {_MOST_LETTERS}) END"
    " AS details_of_trial"
)
"""The columns as they are read: never more of one than a list can show."""
