"""Opening the database to write, whatever has become of it.

Of an older version: it is brought up to date. Of a newer one, or another program's: it is not
touched, and a file beside it is used. Damaged: it is renamed, and a new one is begun. Nothing is
ever deleted.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ovbench_tui.console.printable import printable
from ovbench_tui.history.errors import HistoryError, cause_of
from ovbench_tui.history.integrity import (
    DamagedError,
    NotOursError,
    check_all,
    check_header,
    check_tables,
    connect,
    is_damage,
    recognise,
    refuse_irregular,
)
from ovbench_tui.history.schema import STEPS, Step, migrate
from ovbench_tui.history.sqlite import sqlite3

_CHECKED_BYTES = 32 << 20
"""A larger file is not looked through at every start, which would take long."""

_COMPANIONS = ("-wal", "-shm", "-journal")


Identity = tuple[int, int]
"""Device and number of a file."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open database.

    Attributes:
        path: of the file that is used, which may not be the one that was named.
        identity: of that very file, whatever is renamed later.
        sentences: what the user should know of it.
    """

    connection: sqlite3.Connection
    path: Path
    identity: Identity
    sentences: tuple[str, ...] = ()


@contextlib.contextmanager
def opened(
    path: Path, *, thoroughly: bool = False, steps: Sequence[Step] = STEPS
) -> Iterator[Opened]:
    """Open the database, made or brought up to date, and close it afterwards.

    Args:
        thoroughly: look through the whole file, if it is not too large.
        steps: of the schema.

    Raises:
        HistoryError: there is something else of that name.
        OSError, sqlite3.Error: as the file system and SQLite do.
    """
    checked_bytes = _CHECKED_BYTES if thoroughly else 0
    sentences: list[str] = []
    try:
        connection, identity = _open_or_begin(path, checked_bytes, steps, sentences)
    except NotOursError as error:
        beside = side_path(path, steps)
        sentences.append(
            f"The history '{_shown(path)}' {error}: it is left untouched, and"
            f" '{printable(beside.name)}' beside it is used."
        )
        path = beside
        try:
            connection, identity = _open_or_begin(path, checked_bytes, steps, sentences)
        except NotOursError as second:
            raise HistoryError(f"The history '{_shown(path)}' {second}.") from None
    with contextlib.closing(connection):
        yield Opened(connection, path, identity, tuple(sentences))


def side_path(path: Path, steps: Sequence[Step] = STEPS) -> Path:
    """Where a program goes that cannot use the database itself."""
    return path.with_name(f"{path.stem}.v{len(steps)}{path.suffix}")


def set_aside(path: Path, identity: Identity, reason: str) -> str:
    """Rename a damaged database; returns a sentence, '' when nothing was renamed.

    Args:
        identity: of the file that was found damaged.

    Raises:
        OSError: as `os.rename` does.
    """
    with locked(_lock_of(path)):
        if _identity_of(path) != identity:
            return ""  # another instance was faster, and may have begun a new one
        stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S")
        aside = _free_name(path.with_name(f"{path.name}.corrupt-{stamp}"))
        path.rename(aside)
        for ending in _COMPANIONS:
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    return (
        f"The history '{_shown(path)}' was damaged ({printable(reason)}): it is kept as"
        f" '{printable(aside.name)}', and a new one is begun."
    )


def open_file(path: Path, checked_bytes: int, steps: Sequence[Step]) -> sqlite3.Connection:
    """Open this very file, and bring it up to date.

    Args:
        checked_bytes: a file of at most so many bytes is looked through.

    Raises:
        DamagedError, NotOursError: it cannot be used.
        HistoryError, OSError, sqlite3.Error: as in `opened`.
    """
    check_header(path)
    connection = connect(path)
    try:
        version = recognise(connection, len(steps))
        if version and path.stat().st_size <= checked_bytes:
            check_all(connection)
        if not version:
            # Another instance may be doing the same; then the mode is set, or set next time.
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")
        if version < len(steps):
            migrate(connection, steps)
        check_tables(connection, steps)
    except BaseException as error:
        connection.close()
        if isinstance(error, Exception) and is_damage(error):
            raise DamagedError(cause_of(error)) from None
        raise
    return connection


def _open_or_begin(
    path: Path, checked_bytes: int, steps: Sequence[Step], sentences: list[str]
) -> tuple[sqlite3.Connection, Identity]:
    _create(path)
    identity = _identity_of(path)
    try:
        return open_file(path, checked_bytes, steps), identity
    except DamagedError as error:
        sentence = set_aside(path, identity, str(error))
        if sentence:
            sentences.append(sentence)
    _create(path)
    identity = _identity_of(path)
    try:
        return open_file(path, checked_bytes, steps), identity
    except DamagedError as error:
        raise HistoryError(f"The history '{_shown(path)}' is damaged: {error}.") from None


def _identity_of(path: Path) -> Identity:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_dev, found.st_ino


def _create(path: Path) -> None:
    """Make the folder and an empty file, both for this user alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        # Not while another instance renames a damaged one with what belongs to it: it would
        # take the new one's log along.
        with locked(_lock_of(path)), contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    refuse_irregular(path)


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _free_name(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


def _shown(path: Path) -> str:
    return printable(str(path))


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes while a file is renamed; the system lets go of it with us.

    The lock file `path` is made, and stays.

    Raises:
        OSError: as `os.open` and locking do.
    """
    # A link of that name would let somebody choose where a file is made.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)
