"""Python's sqlite3 for the whole history; some Pythons are built without, or cannot load it."""

from __future__ import annotations

from ovbench_tui.errors import cannot_load
from ovbench_tui.history.errors import HistoryError

try:
    import sqlite3
except (ImportError, OSError) as error:
    # Whoever imports a part of the history handles this as any other error of it.
    raise HistoryError(
        cannot_load("The history", "Python's own sqlite3 module", error)
        + " The rest works without; --no-history keeps this sentence away."
    ) from None

__all__ = ["sqlite3"]
