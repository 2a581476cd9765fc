"""Opening the database to read: nothing is made, renamed or repaired by looking at it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.console.printable import printable
from ovbench_tui.history.database import open_file, side_path
from ovbench_tui.history.errors import HistoryError, cause_of
from ovbench_tui.history.integrity import (
    DamagedError,
    NotOursError,
    check_header,
    check_tables,
    connect,
    is_damage,
    recognise,
    refuse_irregular,
)
from ovbench_tui.history.schema import STEPS, version_of
from ovbench_tui.history.sqlite import sqlite3


@dataclass(frozen=True, slots=True)
class Readable:
    """A database to read; `connection` is None where there is none yet.

    Attributes:
        path: of the file that is used, which may not be the one that was named.
        sentences: what the user should know of it.
    """

    connection: sqlite3.Connection | None
    path: Path
    sentences: tuple[str, ...] = ()


@contextlib.contextmanager
def opened_to_read(path: Path) -> Iterator[Readable]:
    """Open the database, and close it afterwards.

    One of an older version is brought up to date first.

    Raises:
        HistoryError: it cannot be used, with the reason.
    """
    sentences: tuple[str, ...] = ()
    try:
        connection = _open(path)
    except NotOursError as error:
        beside = side_path(path)
        sentences = (
            f"The history '{_shown(path)}' {error}: it is left untouched, and"
            f" '{printable(beside.name)}' beside it is used.",
        )
        path = beside
        try:
            connection = _open(path)
        except NotOursError as second:
            raise HistoryError(f"The history '{_shown(path)}' {second}.") from None
    with contextlib.closing(connection) if connection else contextlib.nullcontext():
        yield Readable(connection, path, sentences)


def _open(path: Path) -> sqlite3.Connection | None:
    try:
        refuse_irregular(path)
        check_header(path)
        connection = _connect(path)
        try:
            version = recognise(connection, len(STEPS))
            if version == len(STEPS):
                check_tables(connection)
                return connection
        except BaseException:
            connection.close()
            raise
        connection.close()
        return open_file(path, 0, STEPS) if version else None
    except FileNotFoundError:
        return None
    except (DamagedError, OSError, UnicodeDecodeError, sqlite3.Error) as error:
        raise unusable(path, error) from None


def _connect(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    try:
        return _connect_to(address)
    except sqlite3.OperationalError:
        if path.with_name(path.name + "-wal").exists():
            raise
        # In a folder that cannot be written SQLite has no place for its shared memory; with
        # nothing in the log it needs none.
        return _connect_to(address + "&immutable=1")


def _connect_to(address: str) -> sqlite3.Connection:
    connection = connect(address)
    try:
        version_of(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def unusable(path: Path, error: Exception) -> HistoryError:
    """Say why a database cannot be read, and what becomes of it."""
    if isinstance(error, DamagedError) or is_damage(error):
        return HistoryError(
            f"The history '{_shown(path)}' is damaged ({cause_of(error)}): the next run that"
            " is measured puts it aside, and begins a new one."
        )
    return HistoryError(f"The history '{_shown(path)}' cannot be read: {cause_of(error)}.")


def _shown(path: Path) -> str:
    return printable(str(path))
