"""The tab that sweeps: FPS and p99 over the number of requests, point by point, and the knee."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_fps
from ovbench_tui.sweep.curve import best_of, curves_of, knee_sentence
from ovbench_tui.sweep.invocation import read_sweep_plan
from ovbench_tui.sweep.report import sweep_csv, sweep_document
from ovbench_tui.sweep.start import SweepPlan, make_sweep
from ovbench_tui.tuning.driven import DrivenTuner, Search
from ovbench_tui.tuning.state import Phase, TuningState
from ovbench_tui.tuning.why import point_name
from ovbench_tui.ui.charts.sweep_chart import draw_sweep
from ovbench_tui.ui.tabs.sweep.sweep_rows import sweep_lines, sweep_rows
from ovbench_tui.ui.tabs.tune.search_view import Result, words_of
from ovbench_tui.ui.tabs.tune.written_search import WrittenSearchView

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.tuning.tuner import Tuner
    from ovbench_tui.ui.widgets.table.table_parts import Line, Row

_MOST_CHART_ROWS = 30
_BESIDE_CHART = 5
"""Rows for the lines above the chart, the titles of the table and the sentence below it."""

_EMPTY = "Nothing has been swept yet."


class SweepView(WrittenSearchView):
    """Measures every number of requests in turn; in the end, what ran before runs again.

    Args:
        options: as on the command line, at first; '' = none.
        start: makes the sweep; other in tests.
    """

    TITLE = "Sweep"
    OPTIONS_HELP = (
        "Options of 'ovbench-tui sweep', as in --nireq 1..16 --streams 1,2 --max-time 2m;"
        " empty = nireq from 1 to 4 times the processors (16 with openvino-genai), and nothing"
        " else varied."
    )
    AGAIN = "Sweep again"
    FILE = "sweep"

    def __init__(
        self,
        options: str = "",
        start: Callable[[BenchmarkConfig, SweepPlan], Tuner] = make_sweep,
    ) -> None:
        super().__init__(_EMPTY)
        self._options = options
        self._start = start
        self._nireq: tuple[int, ...] = ()

    def csv(self, board: TuningState) -> str:
        """The points as a table."""
        return sweep_csv(board)

    def document(self, board: TuningState, model: str) -> str:
        """The points as JSON."""
        return sweep_document(board, model=model, exit_code=0)

    def search_for(self, text: str, base: BenchmarkConfig) -> Search:
        """Begin to sweep with these options."""
        assert self._session is not None  # noqa: S101 - no key comes before the first frame
        plan = read_sweep_plan(words_of(text), base)
        search = DrivenTuner(self._start(base, plan), self._session)
        self._nireq = plan.space.nireq
        return search

    def check(self, words: Sequence[str], base: BenchmarkConfig) -> None:
        """See whether these options can be used."""
        read_sweep_plan(words, base)

    def rows(self, board: TuningState) -> Sequence[Row]:
        """The points in their order."""
        return sweep_rows(board, self._unit)

    def status(self, board: TuningState, width: int) -> Line:  # noqa: ARG002 - as in SearchView
        """Say how far it is."""
        parts = [
            (" Sweep over nireq  ", "title"),
            (f"{board.elapsed_s:.0f} s  {len(board.trials)} of {board.size} points  ", "label"),
        ]
        if board.phase is Phase.DONE:
            return (*parts, ("stopped", "warn") if board.is_cut else ("done", "good"))
        if board.current is not None:
            name = point_name(board.current, board.trials)
            fps = format_fps(board.current_figures.fps.mid)
            parts += [("measuring: ", "label"), (f"{name}, {fps} {board.unit}", "warn")]
        return tuple(parts)

    def done(self, board: TuningState) -> Line:
        """Where the knee is, and whether it runs."""
        best = best_of(curves_of(board))
        knee, between = (best.knee, best.knee_range) if best is not None else (None, None)
        if knee is None or between is None:
            nothing = not any(trial.has_run for trial in board.trials)
            what = (
                "Done, and nothing could be measured"
                if nothing
                else "Stopped before the knee was known"
            )
            return ((f" {what}", "warn"),)
        noise = "" if between[0] == between[1] else f", {between[0]} to {between[1]} within noise"
        state = "runs now" if self._requested == self._applied(knee.point) else "does not run"
        return (
            (f" Knee: {point_name(knee.point, board.trials)}{noise}", "good"),
            (f"  ({state})", "label"),
        )

    def chart(self, board: TuningState, width: int, height: int) -> list[Line]:
        """FPS and p99 over the number of requests."""
        points = min(board.size, max(3, height // 4))
        room = min(_MOST_CHART_ROWS, height - _BESIDE_CHART - points)
        return draw_sweep(sweep_lines(board), self._nireq, width, room, unit=board.unit)

    def explanation(self, board: TuningState) -> str:
        """Where more requests stop to pay, for each curve."""
        is_over = board.phase is Phase.DONE
        curves = [curve for curve in curves_of(board) if is_over or curve.is_whole]
        return " ".join(filter(None, map(knee_sentence, curves)))

    def result(self, board: TuningState) -> Result:
        """What ran before runs again: a sweep shows, and applies nothing."""
        best = best_of(curves_of(board))
        knee = best.knee if best is not None else None
        where = f"the knee is at nireq {knee.point.nireq}; " if knee is not None else ""
        return Result(None, f"Swept: {where}what ran before runs again.")
