"""Takes a session's finished runs, and writes them into the history from a thread of its own."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from ovbench_tui.console.printable import printable
from ovbench_tui.history.errors import HistoryError, cause_of
from ovbench_tui.history.location import history_path

if TYPE_CHECKING:
    # Imported late by the thread: none of this is needed before a run has ended.
    from ovbench_tui.engine.api.run_sink import FinishedRun
    from ovbench_tui.history.writer_connection import WriterConnection

_WAITING_AT_MOST = 1000
"""Far more runs than can wait, unless the disk is stuck."""

_AGAIN_AFTER_S = 10.0
_RESTS_PER_BLOCK = 4.0
"""While a model is hashed another may be measured, so it takes only a fifth of a core."""

_LAST_HASHING_S = 2.0
"""At the end it goes at full speed, but nobody waits longer for it."""


class HistoryWriter:
    """A `RunSink` that keeps every run, if that is at all possible.

    Each run is written in a transaction of its own as soon as it comes. What cannot be written
    is told once, kept in memory, and tried again every now and then, and at the end.

    Args:
        path: of the database; None = the user's.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._waiting: deque[tuple[FinishedRun, str]] = deque()
        self._lost = 0
        self._reason = ""
        self._was_reported = False
        self._is_unavailable = False
        self._sentences: deque[str] = deque()
        self._book: WriterConnection | None = None
        self._rest_s: float | None = None
        self._closing = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ovbench-history", daemon=True)
        self._thread.start()

    def take(self, run: FinishedRun) -> None:
        """Take one run; never blocks and never raises."""
        if len(self._waiting) >= _WAITING_AT_MOST:
            self._lost += 1
            self._reason = self._reason or "too many waited at once"
            return
        # The key is made once, so that what was written without our knowing is not written twice.
        self._waiting.append((run, os.urandom(16).hex()))
        self._wake.set()

    def sentences(self) -> list[str]:
        """What the user should know and was not told yet."""
        return [self._sentences.popleft() for _ in range(len(self._sentences))]

    def close(self, timeout_s: float) -> list[str]:
        """Write what is left; returns what the user should know."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout_s)
        sentences = self.sentences()
        left = len(self._waiting) + self._lost
        if left and not self._is_unavailable:
            runs = "One run was" if left == 1 else f"{left} runs were"
            cause = self._reason or f"it takes longer than {timeout_s:g} s"
            sentences.append(f"{runs} not kept in the history: {cause}.")
        return sentences

    # -- the thread -------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(self._rest_s)
            self._wake.clear()
            self._write_all()
            self._hash()
        self._write_all()
        end_s = time.monotonic() + _LAST_HASHING_S
        while self._book is not None and self._book.is_hashing and time.monotonic() < end_s:
            self._hash()

    def _write_all(self) -> None:
        if not self._waiting:
            return
        try:
            from ovbench_tui.history.sqlite import sqlite3
        except HistoryError as error:
            self._give_up(error)
            return
        while self._waiting:
            run, key = self._waiting[0]
            try:
                self._open_book().write(run, key)
            except (HistoryError, OSError, UnicodeDecodeError, sqlite3.Error) as error:
                self._note_error(error)
                return
            except Exception as error:  # noqa: BLE001 - one odd run must not keep out the others
                self._reason = f"an error of its own ({error!r})"
                self._lost += 1
            finally:
                if self._book is not None:
                    self._sentences.extend(self._book.take_sentences())
            self._waiting.popleft()

    def _give_up(self, error: HistoryError) -> None:
        """Keep nothing: no trying again helps."""
        self._waiting.clear()
        if not self._is_unavailable:
            self._is_unavailable = True
            self._sentences.append(str(error))

    def _open_book(self) -> WriterConnection:
        if self._book is None:
            from ovbench_tui.history.writer_connection import WriterConnection

            self._book = WriterConnection(self._path or history_path())
        return self._book

    def _note_error(self, error: Exception) -> None:
        self._rest_s = _AGAIN_AFTER_S
        where = f"'{printable(str(self._book.path))}': " if self._book else ""
        self._reason = where + cause_of(error)
        if not self._was_reported:
            self._was_reported = True
            self._sentences.append(
                f"A run could not be kept in the history: {self._reason}. It stays in memory, and"
                " is tried again until the end."
            )

    def _hash(self) -> None:
        """Hash a block of a model, and say how long to rest before the next."""
        if self._book is None or not self._book.is_hashing:
            self._rest_s = _AGAIN_AFTER_S if self._waiting else None
            return
        from ovbench_tui.history.sqlite import sqlite3

        begin_s = time.monotonic()
        # Without its hash a run is still whole; the next run of the model brings it.
        with contextlib.suppress(HistoryError, OSError, UnicodeDecodeError, sqlite3.Error):
            self._book.hash_a_block()
        self._rest_s = _RESTS_PER_BLOCK * (time.monotonic() - begin_s)
