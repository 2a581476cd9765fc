"""The tab that tunes: a plot, a leaderboard, and a search that can be stopped at any time."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual.binding import Binding, BindingType
from textual.message import Message

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.format import format_fps
from ovbench_tui.console.text import clean, wrap
from ovbench_tui.console.units import StickyUnit
from ovbench_tui.engine.api.events import WorkerState
from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.tuning.driven import DrivenTuner, Search
from ovbench_tui.tuning.invocation import read_plan
from ovbench_tui.tuning.search.objective import SearchPlan
from ovbench_tui.tuning.search.pareto import pareto_front
from ovbench_tui.tuning.search.space import Point
from ovbench_tui.tuning.start import make_tuner
from ovbench_tui.tuning.state import Phase, TuningState
from ovbench_tui.tuning.trial_result import Trial
from ovbench_tui.tuning.tuner import Tuner
from ovbench_tui.tuning.why import point_name, standing, why_it_won
from ovbench_tui.ui.charts.tune_scatter import BEST, FRONT, NOW, OTHER, Dot, Scatter
from ovbench_tui.ui.dialogs.editor import EditorScreen
from ovbench_tui.ui.tabs.tune.tune_rows import columns_for, points_of, rows_for
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.table.live_table import LiveTable
from ovbench_tui.ui.widgets.table.table_parts import Line
from ovbench_tui.ui.widgets.table.table_view import TableView

if TYPE_CHECKING:
    from textual.timer import Timer

_STEP_S = 0.1
_SAID_AFTER_S = 1.5
_PLOT_FROM_HEIGHT = 14
_MOST_PLOT_ROWS = 18
_EMPTY = "Nothing is tuned yet."
_OPTIONS_HELP = (
    "Options of 'ovbench-tui tune', as in --nireq 1..16 --streams 1,2 --batch 1,4"
    " --objective latency --p99-under 20 --max-time 2m; empty = the machine's defaults."
)


class Target(Protocol):
    """What is tuned, as far as this tab asks it for something itself."""

    def configure(self, config: BenchmarkConfig) -> None:
        """Ask for this configuration."""
        ...

    def toggle_pause(self) -> None:
        """Pause, or go on."""
        ...


class TuneView(TableView):
    """Runs a tuner on the session, also while another tab is seen.

    Args:
        start: makes the tuner; other in tests.
        margin: what counts as equal, as a fraction.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tune", "Start or stop tuning"),
        Binding("escape", "stop", "Stop tuning", show=False),
        Binding("enter", "choose", "Run this configuration", show=False),
        Binding("n", "search_again", "Search again", show=False),
        Binding("o", "options", "Bounds and objective", show=False),
    ]
    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's way to declare them
        "chart--axis",
        "chart--grid",
    }

    class Applied(Message):
        """What was found runs in place of this configuration, which can be had back."""

        def __init__(self, before: BenchmarkConfig) -> None:
            super().__init__()
            self.before = before

    def __init__(
        self,
        start: Callable[[BenchmarkConfig, SearchPlan], Tuner] = make_tuner,
        margin: float = EQUAL_MARGIN,
    ) -> None:
        super().__init__(LiveTable(columns_for(()), empty=_EMPTY))
        self._start = start
        self._margin = margin
        self._session: SessionLike | None = None
        self._target: Target | None = None
        self._requested = BenchmarkConfig()
        self._is_paused = False
        self._base = BenchmarkConfig()
        self._search: Search | None = None
        self._board: TuningState | None = None
        self._timer: Timer | None = None
        self._scatter = Scatter()
        self._unit = StickyUnit()
        self._options = ""

    # --- frames -----------------------------------------------------------------------------

    def show(self, snapshot: Snapshot, session: SessionLike) -> None:
        """Draw what the tuner has found."""
        self._session = session
        is_paused = snapshot.state is WorkerState.PAUSED
        self.follow(session, snapshot.requested, is_paused=is_paused)

    def follow(self, target: Target, requested: BenchmarkConfig, *, is_paused: bool) -> None:
        """Draw what was found on this target, which is asked for `requested` now."""
        self._target, self._requested, self._is_paused = target, requested, is_paused
        if self._search is not None and not self._search.is_done:
            self._take(self._search.board)
        self.repaint_if_new((id(self._board), requested))

    def head(self, width: int, height: int) -> list[Line]:
        """Say what goes on, and plot what was found where there is room."""
        lines: list[Line] = [self._status(width)]
        if self._board is not None and self._board.phase is Phase.DONE:
            # Where there is no room for both, what won is worth more than what it was tuned for.
            lines[: height < _PLOT_FROM_HEIGHT] = [self._done(self._board)]
        if height >= _PLOT_FROM_HEIGHT and self._board is not None:
            rows = min(_MOST_PLOT_ROWS, height * 2 // 5)
            limit_ms = self._board.objective.p99_under_ms
            lines += self._scatter.draw(_dots(self._board), limit_ms, width, rows)
        return lines

    def foot(self, width: int, height: int) -> list[Line]:
        """Say why the best one won, once that is known."""
        board = self._board
        if board is None or board.phase is not Phase.DONE or not board.trials:
            return []
        text = why_it_won(board)
        if board.reason:
            text = f"{text} {board.reason}"
        lines: list[Line] = [((f" {line}", "value"),) for line in wrap(clean(text), width - 2)]
        return lines[: height // 4]

    def _status(self, width: int) -> Line:
        board = self._board
        if board is None:
            return ((" Options: ", "label"), (self._options or "none", "value"))
        parts = [
            (f" Tuning for {board.objective.describe()}  ", "title"),
            (f"{board.elapsed_s:.0f} s  {len(board.trials)} tried of {board.size}  ", "label"),
        ]
        if board.current is not None and board.phase is not Phase.DONE:
            name = point_name(board.current, board.trials)
            fps = format_fps(board.current_figures.fps.mid)
            parts += [(f"{board.phase.value}: ", "label"), (f"{name}, {fps} FPS", "warn")]
        elif board.phase is not Phase.DONE:
            parts.append((f"{board.phase.value} {board.where}".rstrip(), "warn"))
        else:
            parts.append(("done", "good"))
        if board.where and sum(len(text) for text, _ in parts) > width:
            parts[0] = (" ", "title")  # what for is known; what goes on is not
        return tuple(parts)

    def _done(self, board: TuningState) -> Line:
        """What won, and whether it runs."""
        if board.winner is None:
            return ((" Done, without a winner", "warn"),)
        name = point_name(board.winner.point, board.trials)
        runs = self._requested == self._applied(board.winner.point)
        state = "runs now" if runs else "does not run"
        return ((f" {name} {standing(board)} and {state}", "good" if runs else "warn"),)

    def _take(self, board: TuningState) -> None:
        self._board = board
        self.table.set_columns(columns_for(points_of(board)))
        self.table.set_rows(rows_for(board, self._unit))

    # --- the tuner on its clock ---------------------------------------------------------------

    def on_unmount(self) -> None:
        """Stop asking for anything."""
        self._end_clock()

    def _tick(self) -> None:
        # A clock of its own, since frames may be far apart and this tab may not be seen.
        search = self._search
        if search is None or self._timer is None:
            return
        search.advance()
        if search.is_done:
            self._finish(search)

    def _finish(self, search: Search) -> None:
        """Run the winner, and say why it is the one."""
        self._end_clock()
        board = search.board
        self._take(board)
        if not board.trials or all(not trial.has_run for trial in board.trials):
            reasons = [trial.reason for trial in board.trials if trial.reason]
            self._say(board.reason or (reasons or ["Nothing was measured."])[-1], is_error=True)
        elif board.winner is not None and not search.was_overruled:
            self.post_message(self.Applied(self._base))
            self._run(self._applied(board.winner.point))
            # A run that begins takes the message line; this is to be read after that.
            text = f"Tuned: {point_name(board.winner.point, board.trials)} runs now."
            self.set_timer(_SAID_AFTER_S, lambda: self._say(text))
        else:
            self._say(board.reason or why_it_won(board), is_error=board.winner is None)
        self.redraw()

    def _end_clock(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _run(self, config: BenchmarkConfig) -> None:
        # Not by way of the app: between two frames it does not know what the tuner has asked for.
        if self._target is not None:
            self._target.configure(config)

    def search_for(self, base: BenchmarkConfig, plan: SearchPlan) -> Search:
        """Begin to search; overridden where it is not the session that measures.

        Raises:
            OvbenchError: it cannot begin, and why.
        """
        assert self._session is not None  # noqa: S101 - no key comes before the first frame
        return DrivenTuner(self._start(base, plan), self._session)

    def cpus(self) -> int | None:
        """Processors of the machine that measures; None = this one."""
        return None

    def _say(self, text: str, *, is_error: bool = False) -> None:
        self.post_message(self.Said(text, is_error=is_error))

    def own_hints(self) -> Sequence[Hint]:
        """Return the keys that make sense now."""
        options = Hint("o", "Options", "options")
        run_row = (Hint("enter", "Run this", "choose"),) if self.table.row is not None else ()
        if self._timer is not None:
            return (Hint("space", "Stop", "tune"), *run_row, options)
        if any(trial.has_run for trial in self._trials):
            return (*run_row, Hint("n", "Search again", "search_again"), options)
        return (Hint("space", "Begin", "tune"), options)

    # --- keys -------------------------------------------------------------------------------

    def action_tune(self) -> None:
        """Begin, or stop; what was found is not thrown away by the same key."""
        if self._timer is not None:
            self.action_stop()
        elif any(trial.has_run for trial in self._trials):
            self._say("This is what was found; nothing is searched again by this key.")
        else:
            self.action_search_again()

    def action_search_again(self) -> None:
        """Begin, in place of what was found."""
        if self._timer is not None:
            return
        if not self._requested.model or self._target is None:
            self._say("No model is chosen.", is_error=True)
            return
        try:
            base = self._requested
            search = self.search_for(base, self._plan(self._options, base))
        except OvbenchError as error:
            self._say(str(error), is_error=True)
            return
        if self._is_paused:
            self._target.toggle_pause()
        self._base, self._search = base, search
        self._take(search.board)
        self._timer = self.set_interval(_STEP_S, self._tick, name="tuning")
        self.redraw()

    def action_stop(self) -> None:
        """Stop; what ran before runs again. Where nothing is tuned, end the filter."""
        search = self._search
        if self._timer is None or search is None:
            self.action_all_rows()
            return
        self._end_clock()
        search.stop()
        self._take(search.board)
        self._run(self._base)
        self._say("Stopped; what ran before runs again.")
        self.redraw()

    def action_choose(self) -> None:
        """Run the configuration of the row."""
        row = self.table.row
        if row is None or not isinstance(row.key, Point):
            return
        before = self._requested if self._timer is None else self._base
        if self._timer is not None:
            self._end_clock()
            if self._search is not None:
                self._search.stop()
                self._take(self._search.board)
        self.post_message(self.Applied(before))
        self._run(self._applied(row.key))
        self._say(f"Asked for: {point_name(row.key, self._trials)}.")
        self.redraw()

    def action_options(self) -> None:
        """Ask for bounds and objective, written as on the command line."""
        base = self._requested

        def answer(text: str | None) -> None:
            if text is not None:
                self._options = " ".join(text.split())
                self.redraw()

        self.app.push_screen(
            EditorScreen(
                "Tune",
                _OPTIONS_HELP,
                self._options,
                check=lambda text: self._plan(text, base),
            ),
            answer,
        )

    @property
    def _trials(self) -> Sequence[Trial]:
        return self._board.trials if self._board is not None else ()

    def _plan(self, text: str, base: BenchmarkConfig) -> SearchPlan:
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise BadInputError(f"{text!r} is not a list of options: {error}.") from error
        plan = read_plan(words, base, self.cpus())
        return replace(plan, objective=replace(plan.objective, margin=self._margin))

    def _applied(self, point: Point) -> BenchmarkConfig:
        base = self._base
        return point.config(base).judged_as(base)


def _dots(board: TuningState) -> list[Dot]:
    front = set(pareto_front(board.trials))
    winner = board.winner
    dots = [
        Dot(
            trial.figures.p99_ms.mid,
            trial.figures.fps.mid,
            BEST if trial is winner else FRONT if trial.point in front else OTHER,
        )
        for trial in board.trials
        if trial.has_run
    ]
    if board.current is not None:
        figures = board.current_figures
        dots.append(Dot(figures.p99_ms.mid, figures.fps.mid, NOW))
    return dots
