"""Where the history lies."""

from __future__ import annotations

import os
from pathlib import Path

from ovbench_tui.history.errors import HistoryError

VARIABLE = "OVBENCH_TUI_HISTORY"
"""Names another file in the environment."""


def history_path() -> Path:
    """Return the database's file, which need not exist.

    Raises:
        HistoryError: there is no folder for it.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).absolute()
    # Imported here: the search for the folders takes time, and the first frame does not wait.
    import platformdirs

    folder = platformdirs.user_data_path("ovbench-tui", appauthor=False)
    if not folder.is_absolute():
        raise HistoryError(
            f"There is no home folder for the history: name its file with {VARIABLE}."
        )
    return folder / "history.db"
