"""The history, and how what runs now compares with one of its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.history.repository import HistoryRepository
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN

if TYPE_CHECKING:
    from ovbench_tui.stats.run_stats import Comparison, RunSeries


class ComparingRepository(HistoryRepository):
    """A history for the screen: it lists, loads, deletes and compares runs.

    Args:
        margin: what counts as equal, as a fraction.
    """

    def __init__(self, margin: float = EQUAL_MARGIN) -> None:
        super().__init__()
        self._margin = margin

    def compare(self, run_id: int, series: RunSeries) -> tuple[Comparison, ...]:
        """Compare another run with this one, in all figures, as `ovbench-tui compare` does.

        Raises:
            HistoryError: there is none, or it cannot be read.
        """
        from ovbench_tui.compare.from_history import known_spreads
        from ovbench_tui.stats.comparison.compare import FIGURES, compare

        baseline = self.load(run_id).series
        spreads = known_spreads(run_id, None)
        return tuple(
            compare(
                baseline,
                series,
                figure,
                run_to_run=spreads.get(figure, 0.0),
                margin=self._margin,
            )
            for figure in FIGURES
        )
