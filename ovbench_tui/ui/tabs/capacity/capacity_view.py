"""The view that finds the capacity: latency over the rate of arrivals, round by round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ovbench_tui.capacity.invocation import read_capacity_plan
from ovbench_tui.capacity.rates import Capacity, capacity_of, capacity_sentence
from ovbench_tui.capacity.report import capacity_csv, capacity_document, exit_code_of
from ovbench_tui.capacity.start import CapacityPlan, make_capacity_search
from ovbench_tui.errors import UNDECIDED_EXIT_CODE, BadInputError
from ovbench_tui.tuning.driven import DrivenTuner, Search
from ovbench_tui.tuning.state import Phase, TuningState
from ovbench_tui.ui.charts.capacity_chart import draw_capacity
from ovbench_tui.ui.tabs.capacity.capacity_rows import (
    COLUMNS,
    capacity_rows,
    mark_of,
    rate_points,
)
from ovbench_tui.ui.tabs.tune.search_view import Result, words_of
from ovbench_tui.ui.tabs.tune.written_search import WrittenSearchView

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.tuning.search.space import Point
    from ovbench_tui.tuning.tuner import Tuner
    from ovbench_tui.ui.widgets.table.table_parts import Column, Line, Row

_MOST_CHART_ROWS = 24
_EMPTY = "No rate has been measured yet."


class CapacityView(WrittenSearchView):
    """Measures rates of arrivals around the knee; in the end, what ran before runs again.

    Args:
        options: as on the command line, at first; '' = none.
        start: makes the search; other in tests.
    """

    TITLE = "Capacity"
    OPTIONS_HELP = (
        "Options of 'ovbench-tui load', as in --p99-under 20 --arrivals constant --max-time 5m;"
        " without a limit it is that of the run."
    )
    AGAIN = "Search again"
    FILE = "capacity"

    def __init__(
        self,
        options: str = "",
        start: Callable[[BenchmarkConfig, CapacityPlan], Tuner] = make_capacity_search,
    ) -> None:
        super().__init__(_EMPTY)
        self._options = options
        self._start = start
        self._known: tuple[TuningState, Capacity] | None = None

    def begin(self) -> None:
        """Search, or ask for the limit where there is none."""
        try:
            read_capacity_plan(words_of(self._options), self._requested)
        except BadInputError as error:
            if not self.is_searching and not self._trials:
                self._say(f"{error} Press o for that.", is_error=bool(self._options))
            return
        super().begin()

    def search_for(self, text: str, base: BenchmarkConfig) -> Search:
        """Begin to search with these options."""
        assert self._session is not None  # noqa: S101 - no key comes before the first frame
        return DrivenTuner(
            self._start(base, read_capacity_plan(words_of(text), base)), self._session
        )

    def check(self, words: Sequence[str], base: BenchmarkConfig) -> None:
        """See whether these options can be used."""
        read_capacity_plan(words, base)

    def csv(self, board: TuningState) -> str:
        """The rates as a table."""
        return capacity_csv(board)

    def document(self, board: TuningState, model: str) -> str:
        """The rates as JSON."""
        return capacity_document(board, model=model, exit_code=0)

    def columns(self, board: TuningState) -> tuple[Column, ...]:  # noqa: ARG002 - as in SearchView
        """Those of a rate."""
        return COLUMNS

    def rows(self, board: TuningState) -> Sequence[Row]:
        """The rates, ascending."""
        return capacity_rows(board, self._capacity_of(board), self._unit)

    def status(self, board: TuningState, width: int) -> Line:  # noqa: ARG002 - as in SearchView
        """Say how far it is."""
        capacity = self._capacity_of(board)
        parts = [
            (f" Capacity, p99 under {capacity.limit_ms:g} ms  ", "title"),
            (f"{board.elapsed_s:.0f} s, {len(board.trials)} rounds  ", "label"),
        ]
        if board.phase is Phase.DONE:
            is_decided = not board.is_cut and exit_code_of(capacity) != UNDECIDED_EXIT_CODE
            return (*parts, ("done", "good") if is_decided else ("stopped", "warn"))
        knee = capacity.knee
        if knee.mid == knee.mid:
            parts.append((f"about {knee.mid:.4g}/s  ", "good"))
        if board.current is not None:
            parts += [
                ("measuring: ", "label"),
                (board.current.arrivals or "closed loop, for the most", "warn"),
            ]
        return tuple(parts)

    def done(self, board: TuningState) -> Line:
        """What the capacity is."""
        capacity = self._capacity_of(board)
        if not capacity.is_known:
            return ((" Done, and no capacity was found", "warn"),)
        knee = capacity.knee
        return (
            (f" Capacity: {knee.mid:.4g}/s", "good"),
            (f"  ({knee.low:.4g} to {knee.high:.4g}/s)", "label"),
        )

    def chart(self, board: TuningState, width: int, height: int) -> list[Line]:
        """Median, p99 and waiting over the rate."""
        capacity = self._capacity_of(board)
        points = rate_points(board, capacity)
        room = min(_MOST_CHART_ROWS, height * 3 // 5)
        return draw_capacity(points, mark_of(capacity), width, room)

    def explanation(self, board: TuningState) -> str:
        """What the capacity is, in a sentence."""
        return capacity_sentence(self._capacity_of(board))

    def _capacity_of(self, board: TuningState) -> Capacity:
        """What a board comes to, which all parts of the view show."""
        if self._known is None or self._known[0] is not board:
            self._known = board, capacity_of(board)
        return self._known[1]

    def _applied(self, point: Point) -> BenchmarkConfig:
        # With the limit that it was measured for, so that the figures say whether it holds.
        limit_ms = self.board.objective.p99_under_ms if self.board is not None else None
        return replace(super()._applied(point), p99_under_ms=limit_ms or 0.0)

    def result(self, board: TuningState) -> Result:
        """What ran before runs again: it shows, and applies nothing."""
        capacity = self._capacity_of(board)
        sentence = capacity_sentence(capacity).rstrip(".")
        text = f"{sentence}; what ran before runs again." if sentence else board.reason
        return Result(None, text, is_error=not capacity.is_known)
