"""The history as one program writes it: runs first, hashes of their models when there is time."""

from __future__ import annotations

import contextlib
import functools
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ovbench_tui.engine.api.run_sink import FinishedRun
from ovbench_tui.history.database import Opened, opened, set_aside
from ovbench_tui.history.errors import cause_of
from ovbench_tui.history.integrity import BUSY_S, is_damage
from ovbench_tui.history.model_hash import ModelHash, signature_of, signature_text
from ovbench_tui.history.rows import to_row
from ovbench_tui.history.sqlite import sqlite3
from ovbench_tui.system.machine_id import MachineId, this_machine

_AGAIN_AFTER_S = 0.05


class WriterConnection:
    """Opens the database anew for each transaction.

    So it does not matter what becomes of the file in between: another instance may rename it,
    the user may delete it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._was_checked = False
        self._reported: set[str] = set()
        self._sentences: list[str] = []
        self._hashes: deque[ModelHash] = deque()
        self._seen_files: set[str] = set()

    def take_sentences(self) -> list[str]:
        """What the user should know of the database and was not told yet."""
        sentences, self._sentences = self._sentences, []
        return sentences

    def write(self, run: FinishedRun, key: str) -> None:
        """Write a run, unless a run of this key is there.

        Raises:
            HistoryError, OSError, sqlite3.Error: it could not be written.
        """
        files = signature_of(run.result.view.model)
        row = to_row(run, key, self._machine, files)
        self._change(lambda connection: _insert(connection, row))
        if files and row["model_files"] not in self._seen_files:
            self._seen_files.add(row["model_files"])
            self._hashes.append(ModelHash(files))

    @property
    def is_hashing(self) -> bool:
        """Whether a model is still to be hashed."""
        return bool(self._hashes)

    def hash_a_block(self) -> None:
        """Do the next piece of that work.

        Raises:
            HistoryError, OSError, sqlite3.Error: the hash could not be written.
        """
        model_hash = self._hashes[0]
        if model_hash.step():
            return
        self._hashes.popleft()
        if model_hash.text:
            files = signature_text(model_hash.signature)
            self._change(lambda connection: _note_hash(connection, files, model_hash.text))

    @functools.cached_property
    def _machine(self) -> MachineId:
        return this_machine()

    def _change(self, change: Any) -> None:
        """Make a change in one transaction, also where the file turns out to be damaged."""
        end_s = time.monotonic() + BUSY_S
        while not self._is_changed(change, is_last=time.monotonic() >= end_s):
            time.sleep(_AGAIN_AFTER_S)

    def _is_changed(self, change: Any, *, is_last: bool) -> bool:
        try:
            self._change_once(change)
        except sqlite3.OperationalError as error:
            # SQLite waits by itself, but not for every lock.
            if is_last or "locked" not in str(error):
                raise
            return False
        return True

    def _change_once(self, change: Any) -> None:
        with self._opened() as database:
            try:
                _in_transaction(database.connection, change)
            except (UnicodeDecodeError, sqlite3.DatabaseError) as error:
                if not is_damage(error):
                    raise
                reason = cause_of(error)
            else:
                return
        self._tell((set_aside(database.path, database.identity, reason),))
        with self._opened() as database:
            _in_transaction(database.connection, change)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Opened]:
        with opened(self.path, thoroughly=not self._was_checked) as database:
            self._was_checked = True
            self._tell(database.sentences)
            yield database

    def _tell(self, sentences: tuple[str, ...]) -> None:
        for sentence in sentences:
            if sentence and sentence not in self._reported:
                self._reported.add(sentence)
                self._sentences.append(sentence)


def _in_transaction(connection: sqlite3.Connection, change: Any) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        change(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _insert(connection: sqlite3.Connection, row: dict[str, Any]) -> None:
    known = connection.execute(
        "SELECT hash FROM model_hashes WHERE files = ?", (row["model_files"],)
    ).fetchone()
    if known:
        row = row | {"model_hash": known[0]}
    places = ", ".join(f":{column}" for column in row)
    connection.execute(
        f"INSERT INTO runs ({', '.join(row)}) VALUES ({places})"  # noqa: S608 - our own names
        " ON CONFLICT (key) DO NOTHING",
        row,
    )


def _note_hash(connection: sqlite3.Connection, files: str, text: str) -> None:
    connection.execute("INSERT OR REPLACE INTO model_hashes VALUES (?, ?)", (files, text))
    connection.execute(
        "UPDATE runs SET model_hash = ? WHERE model_files = ? AND model_hash = ''", (text, files)
    )
