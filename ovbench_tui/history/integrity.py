"""Whose a database is, of which version, and whether it is sound."""

from __future__ import annotations

import contextlib
import functools
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from ovbench_tui.console.printable import printable
from ovbench_tui.files.safe_read import read_head
from ovbench_tui.files.safe_write import is_anothers_link
from ovbench_tui.history.errors import HistoryError
from ovbench_tui.history.schema import APPLICATION_ID, STEPS, Step, migrate, version_of
from ovbench_tui.history.sqlite import sqlite3

BUSY_S = 5.0
"""Patience with another instance that writes; its transactions take milliseconds."""

_HEADER_BYTES = 100
_MAGIC = b"SQLite format 3\0"
_TABLES = ("runs", "model_hashes")


class DamagedError(Exception):
    """The file is no database, or not a sound one; the text says how that shows."""


class NotOursError(Exception):
    """The file is another's; the text says whose, as in ``is another program's database``."""


def connect(address: Path | str) -> sqlite3.Connection:
    """Connect in autocommit mode; text that is not UTF-8 is read as far as it goes.

    Args:
        address: a file, or its URI.
    """
    connection = sqlite3.connect(
        address, timeout=BUSY_S, isolation_level=None, uri=isinstance(address, str)
    )
    connection.text_factory = _text
    # What stands in a damaged or forged file must not run functions.
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def is_damage(error: Exception) -> bool:
    """Whether an error says that the file itself is not sound."""
    # SQLite's codes for that, CORRUPT and NOTADB, are the ones without a class of their own. A
    # damaged name within SQLite's own message cannot be decoded.
    return type(error) is sqlite3.DatabaseError or isinstance(error, UnicodeDecodeError)


def refuse_irregular(path: Path) -> None:
    """Refuse a folder, FIFO or device, and a link that another user has put there.

    Raises:
        HistoryError: it is one.
        OSError: as `Path.stat` does.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise HistoryError(f"The history '{printable(str(path))}' is not a regular file.")
    if is_anothers_link(path):
        raise HistoryError(f"The history '{printable(str(path))}' is a link of another user's.")


def check_header(path: Path) -> None:
    """See that the file's format is known; SQLite itself would take such a file for read-only.

    See https://www.sqlite.org/fileformat2.html, 1.3 The Database Header.

    Raises:
        NotOursError: a newer SQLite wrote it, if any did.
        OSError: as reading does.
    """
    header = read_head(path, _HEADER_BYTES)
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        return  # SQLite says by itself what is wrong with it
    write_version, read_version = header[18:20]
    schema_format = int.from_bytes(header[44:48], "big")
    if max(write_version, read_version) > 2 or schema_format > 4:
        raise NotOursError("is of a format that this SQLite does not know")


def recognise(connection: sqlite3.Connection, latest: int) -> int:
    """Return the version; 0 for an empty file.

    Raises:
        DamagedError, NotOursError, sqlite3.Error, UnicodeDecodeError: it cannot be used.
    """
    with _one_view(connection):
        version = version_of(connection)
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application_id != APPLICATION_ID:
        if tables or version or application_id:
            raise NotOursError("is another program's database")
        return 0
    if version > latest:
        raise NotOursError(
            f"was written by a newer ovbench-tui (its version is {version}, this program knows"
            f" {latest})"
        )
    if version <= 0:
        raise DamagedError("it has no version")
    return version


@contextlib.contextmanager
def _one_view(connection: sqlite3.Connection) -> Iterator[None]:
    """Let all that is read be of one moment: another instance may be making the database."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:  # some errors have ended it
            connection.execute("ROLLBACK")


def check_all(connection: sqlite3.Connection) -> None:
    """Let SQLite look at every page, and at every entry of the indexes.

    Raises:
        DamagedError, sqlite3.Error: it is not sound.
    """
    rows = connection.execute("PRAGMA integrity_check(1)").fetchall()
    if rows != [("ok",)]:
        raise DamagedError(str(rows[0][0]).splitlines()[-1] if rows else "it cannot be checked")


def check_tables(connection: sqlite3.Connection, steps: Sequence[Step] = STEPS) -> None:
    """See that the tables are as `steps` make them.

    Raises:
        DamagedError, sqlite3.Error: they are not.
    """
    if _tables(connection) != _tables_made_by(tuple(steps)):
        raise DamagedError("its tables are not as they were made")
    # A view of that name could compute for ever, and a trigger change what is written.
    (strangers,) = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE type IN ('view', 'trigger')"
        " OR sql LIKE 'create virtual%'"
    ).fetchone()
    if strangers:
        raise DamagedError("it has views or triggers, which no history has")


def _tables(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    return {
        table: frozenset(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
        for table in _TABLES
    }


@functools.cache
def _tables_made_by(steps: tuple[Step, ...]) -> dict[str, frozenset[str]]:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, steps)
        return _tables(connection)
