"""The tab that tunes: a scatter, a leaderboard, and a search that can be stopped at any time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_fps
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.tuning.driven import DrivenTuner, Search
from ovbench_tui.tuning.invocation import read_plan
from ovbench_tui.tuning.search.pareto import pareto_front
from ovbench_tui.tuning.start import make_tuner
from ovbench_tui.tuning.state import Phase, TuningState
from ovbench_tui.tuning.why import point_name, standing, why_it_won
from ovbench_tui.ui.charts.scatter import BEATEN, BEST, FRONT, Point, draw_scatter
from ovbench_tui.ui.tabs.tune.search_view import Result, SearchView, words_of
from ovbench_tui.ui.tabs.tune.tune_rows import rows_for

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.tuning.search.objective import SearchPlan
    from ovbench_tui.tuning.tuner import Tuner
    from ovbench_tui.ui.widgets.table.table_parts import Line, Row

_MOST_CHART_ROWS = 18
_EMPTY = "Nothing has been tuned yet."
OTHER = "·"
_LEGEND: Line = (
    (f"{BEST} ", "good"),
    ("best  ", "label"),
    (f"{FRONT} ", "accent"),
    ("Pareto front  ", "label"),
    (f"{BEATEN} ", "warn"),
    ("now  ", "label"),
    (f"{OTHER} others", "label"),
)


class TuneView(SearchView):
    """Runs a tuner on the session.

    Args:
        start: makes the tuner; other in tests.
        margin: what counts as equal, as a fraction.
    """

    TITLE = "Tune"
    OPTIONS_HELP = (
        "Options of 'ovbench-tui tune', as in --nireq 1..16 --streams 1,2 --batch 1,4"
        " --objective latency --p99-under 20 --max-time 2m, of a language model"
        " --ttft-p90-under 500 --tpot-p90-under 50; empty = the machine's defaults."
    )
    AGAIN = "Search again"

    def __init__(
        self,
        start: Callable[[BenchmarkConfig, SearchPlan], Tuner] = make_tuner,
        margin: float = EQUAL_MARGIN,
    ) -> None:
        super().__init__(_EMPTY)
        self._start = start
        self._margin = margin

    def search_for(self, text: str, base: BenchmarkConfig) -> Search:
        """Begin to search with these options."""
        return self.search_with(self._plan(words_of(text), base), base)

    def search_with(self, plan: SearchPlan, base: BenchmarkConfig) -> Search:
        """Begin to search; overridden where it is not the session that measures.

        Raises:
            OvbenchError: it cannot begin, and why.
        """
        assert self._session is not None  # noqa: S101 - no key comes before the first frame
        return DrivenTuner(self._start(base, plan), self._session)

    def check(self, words: Sequence[str], base: BenchmarkConfig) -> None:
        """See whether these options can be used."""
        self._plan(words, base)

    def cpus(self) -> int | None:
        """Processors of the machine that measures; None = this one."""
        return None

    def _plan(self, words: Sequence[str], base: BenchmarkConfig) -> SearchPlan:
        plan = read_plan(words, base, self.cpus())
        return replace(plan, objective=replace(plan.objective, margin=self._margin))

    def rows(self, board: TuningState) -> Sequence[Row]:
        """The leaderboard."""
        return rows_for(board, self._unit)

    def status(self, board: TuningState, width: int) -> Line:
        """Say what goes on, and what for."""
        parts = [
            (f" Tuning for {board.objective.describe(board.unit)}  ", "title"),
            (f"{board.elapsed_s:.0f} s  {len(board.trials)} tried of {board.size}  ", "label"),
        ]
        if board.current is not None and board.phase is not Phase.DONE:
            name = point_name(board.current, board.trials)
            fps = format_fps(board.current_figures.fps.mid)
            parts += [(f"{board.phase.value}: ", "label"), (f"{name}, {fps} {board.unit}", "warn")]
        elif board.phase is not Phase.DONE:
            parts.append((f"{board.phase.value} {board.where}".rstrip(), "warn"))
        else:
            parts.append(("done", "good"))
        if board.where and sum(len(text) for text, _ in parts) > width:
            parts[0] = (" ", "title")  # what for is known; what goes on is not
        return tuple(parts)

    def done(self, board: TuningState) -> Line:
        """What won, and whether it runs."""
        if board.winner is None:
            return ((" Done, without a winner", "warn"),)
        name = point_name(board.winner.point, board.trials)
        runs = self._requested == self._applied(board.winner.point)
        state = "runs now" if runs else "does not run"
        return ((f" {name} {standing(board)} and {state}", "good" if runs else "warn"),)

    def chart(self, board: TuningState, width: int, height: int) -> list[Line]:
        """A scatter of all that was tried."""
        return draw_scatter(
            points_on(board),
            width,
            min(_MOST_CHART_ROWS, height * 2 // 5),
            legend=_LEGEND,
            nothing="Nothing has been measured yet.",
            front_style="accent",
            limit_ms=board.objective.p99_under_ms,
            unit=board.unit,
        )

    def explanation(self, board: TuningState) -> str:
        """Why the best one won."""
        return why_it_won(board)

    def result(self, board: TuningState) -> Result:
        """The winner runs."""
        winner = board.winner
        if winner is None:
            return Result(None, board.reason or why_it_won(board), is_error=True)
        return Result(winner.point, f"Tuned: {point_name(winner.point, board.trials)} runs now.")


def points_on(board: TuningState) -> list[Point]:
    """What the scatter shows: all that ran, and what is measured now."""
    front = set(pareto_front(board.trials))
    points: list[Point] = []
    for trial in board.trials:
        if not trial.has_run:
            continue
        is_front = trial.point in front
        if trial is board.winner:
            sign, style, rank = BEST, "good", 4
        elif is_front:
            sign, style, rank = FRONT, "accent", 2
        else:
            sign, style, rank = OTHER, "label", 1
        figures = trial.figures
        points.append(Point(figures.p99_ms.mid, figures.fps.mid, "", style, is_front, rank, sign))
    if board.current is not None:
        now = board.current_figures
        points.append(Point(now.p99_ms.mid, now.fps.mid, "", "warn", False, 3, BEATEN))
    return points
