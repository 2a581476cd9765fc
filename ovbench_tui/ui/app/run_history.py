"""The history of finished runs as the screen knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # Only names: SQLite is not needed before somebody looks at the history.
    from ovbench_tui.history.reader import HistoryRun
    from ovbench_tui.history.repository import HistoryList
    from ovbench_tui.stats.run_stats import Comparison, RunSeries


class RunHistory(Protocol):
    """Runs of this and earlier sessions; all is frozen that is given out.

    Every call may take long, so none comes from the screen's thread; several may come at once.
    What goes wrong is an `OvbenchError`.
    """

    def newest(self, limit: int) -> HistoryList:
        """List at most so many runs, the newest first."""
        ...

    def load(self, run_id: int) -> HistoryRun:
        """Read one run with all that is known of it."""
        ...

    def delete(self, run_id: int) -> None:
        """Delete one run for good."""
        ...

    def compare(self, run_id: int, series: RunSeries) -> tuple[Comparison, ...]:
        """Say how another run differs from this one, which is the baseline: FPS, p50 and p99."""
        ...
