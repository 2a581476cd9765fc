"""The history for the screen: what its tab asks for, each call a connection of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Imported late: none of this is needed before somebody looks at the history.
    from ovbench_tui.history.reader import HistoryEntry, HistoryRun


@dataclass(frozen=True, slots=True)
class HistoryList:
    """Runs, and what to read them with.

    Attributes:
        entries: the newest first.
        machine_id: this machine's, as in `HistoryEntry`.
        sentences: what the user should know of what was read.
    """

    entries: tuple[HistoryEntry, ...]
    machine_id: str = ""
    sentences: tuple[str, ...] = ()


class HistoryRepository:
    """The user's history. It keeps nothing, so that several threads may ask at once."""

    def newest(self, limit: int) -> HistoryList:
        """List at most so many runs, the newest first.

        Raises:
            HistoryError: it cannot be read.
        """
        from ovbench_tui.history.reader import HistoryFilter, HistoryReader
        from ovbench_tui.system.machine_id import this_machine

        reader = HistoryReader()
        entries = reader.list(HistoryFilter(limit=limit))
        return HistoryList(entries, this_machine().id, reader.sentences)

    def load(self, run_id: int) -> HistoryRun:
        """Read one run with all that is known of it.

        Raises:
            HistoryError: there is none, or it cannot be read.
        """
        from ovbench_tui.history.reader import HistoryReader

        return HistoryReader().load(run_id)

    def delete(self, run_id: int) -> None:
        """Delete one run for good.

        Raises:
            HistoryError: there is none, or the history cannot be changed.
        """
        from ovbench_tui.history.location import history_path
        from ovbench_tui.history.removal import delete_runs

        delete_runs(history_path(), (run_id,))
