"""Takes runs out of the history."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ovbench_tui.console.printable import printable
from ovbench_tui.history.database import opened
from ovbench_tui.history.errors import HistoryError, NoSuchRunError, cause_of
from ovbench_tui.history.read_only import opened_to_read
from ovbench_tui.history.sqlite import sqlite3


def delete_runs(path: Path, run_ids: Sequence[int]) -> int:
    """Delete all of these runs, or none where one does not exist; returns how many.

    Raises:
        NoSuchRunError: a run does not exist.
        HistoryError: the database cannot be changed.
    """
    with opened_to_read(path) as readable:  # refuses what is damaged, and leaves it in place
        if readable.connection is None:
            raise HistoryError(f"There is no history yet at '{printable(str(path))}'.")
    wanted = tuple(dict.fromkeys(run_ids))
    try:
        with opened(path) as database:
            connection = database.connection
            connection.execute("BEGIN IMMEDIATE")
            missing = [
                run_id
                for run_id in wanted
                if not connection.execute("DELETE FROM runs WHERE id = ?", (run_id,)).rowcount
            ]
            connection.execute("ROLLBACK" if missing else "COMMIT")
    except (OSError, OverflowError, UnicodeDecodeError, sqlite3.Error) as error:
        raise HistoryError(
            f"The history '{printable(str(path))}' cannot be changed: {cause_of(error)}."
        ) from None
    if missing:
        raise NoSuchRunError(f"The history has no run {missing[0]}: nothing was deleted.")
    return len(wanted)
