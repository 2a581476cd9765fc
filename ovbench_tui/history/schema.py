"""The tables, as steps from each version of the database to the next.

A step never changes once it was released: databases of its version exist. `PRAGMA user_version`
is the number of steps a database has had; `PRAGMA application_id` says that it is ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.history.sqlite import sqlite3

APPLICATION_ID = 0x6F766274
"""In letters ``ovbt``."""

Step = tuple[str, ...]

_FIRST: Step = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice, not even after a deletion
        key TEXT NOT NULL UNIQUE,              -- made with the run: a second attempt adds nothing
        started_at TEXT NOT NULL,              -- UTC, ISO 8601 with milliseconds
        ending TEXT NOT NULL,
        isolated INTEGER NOT NULL,
        model_name TEXT NOT NULL,
        model_path TEXT NOT NULL,              -- absolute, or the name of a built-in model
        model_files TEXT NOT NULL,             -- JSON: path, bytes and mtime in ns of each file
        model_hash TEXT NOT NULL,              -- '' until it is known
        machine_id TEXT NOT NULL,
        cpu TEXT NOT NULL,
        cpus INTEGER NOT NULL,
        os TEXT NOT NULL,
        openvino TEXT NOT NULL,
        ovbench_tui TEXT NOT NULL,
        device TEXT NOT NULL,
        hint TEXT NOT NULL,
        nireq INTEGER NOT NULL,
        streams TEXT NOT NULL,
        fps_mean REAL,
        p50_ms REAL,
        p99_ms REAL,
        count INTEGER NOT NULL,
        elapsed_s REAL NOT NULL,
        verdict TEXT NOT NULL,
        machine TEXT NOT NULL,                 -- JSON, as all that follow
        model TEXT NOT NULL,
        requested TEXT NOT NULL,
        effective TEXT NOT NULL,
        figures TEXT NOT NULL,
        stability TEXT NOT NULL,
        details TEXT NOT NULL,                 -- what else is known of the run
        histogram BLOB NOT NULL,               -- JSON, zlib, as the next
        series BLOB NOT NULL
    )
    """,
    "CREATE INDEX runs_by_start ON runs (started_at)",
    "CREATE TABLE model_hashes (files TEXT PRIMARY KEY, hash TEXT NOT NULL)",
    f"PRAGMA application_id = {APPLICATION_ID}",
)

_SEARCHES: Step = (
    # Of the tune or sweep that the run is a trial of; '' = of none.
    "ALTER TABLE runs ADD COLUMN search TEXT NOT NULL DEFAULT ''",
)

STEPS: tuple[Step, ...] = (_FIRST, _SEARCHES)


def version_of(connection: sqlite3.Connection) -> int:
    """How many steps the database has had."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, steps: Sequence[Step]) -> None:
    """Take the steps that are still to be taken, all of them or none.

    Args:
        connection: in autocommit mode.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another instance may have taken them while this one waited.
        for number in range(version_of(connection), len(steps)):
            for statement in steps[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
