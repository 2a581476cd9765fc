"""What the tabs of searches share: a clock, keys, a chart and a table of what was found."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual.binding import Binding, BindingType
from textual.message import Message

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.text import clean, wrap
from ovbench_tui.console.units import StickyUnit
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.tuning.search.space import Point
from ovbench_tui.tuning.state import Phase, TuningState
from ovbench_tui.tuning.why import point_name
from ovbench_tui.ui.dialogs.editor import EditorScreen
from ovbench_tui.ui.tabs.tune.tune_rows import columns_for, points_of
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.table.live_table import LiveTable
from ovbench_tui.ui.widgets.table.table_view import TableView

if TYPE_CHECKING:
    from textual.timer import Timer

    from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot
    from ovbench_tui.tuning.driven import Search
    from ovbench_tui.tuning.trial_result import Trial
    from ovbench_tui.ui.widgets.table.table_parts import Column, Line, Row

_STEP_S = 0.1
_SAID_AFTER_S = 1.5
_PLOT_FROM_HEIGHT = 14


class Target(Protocol):
    """What is measured, as far as these tabs ask it for something themselves."""

    def configure(self, config: BenchmarkConfig) -> None:
        """Ask for this configuration."""
        ...

    def toggle_pause(self) -> None:
        """Pause or resume."""
        ...


@dataclass(frozen=True, slots=True)
class Result:
    """What becomes of a search that has ended.

    Attributes:
        point: to run from now on; None = what ran before.
        text: one sentence.
        is_error: it is not what was searched for.
    """

    point: Point | None
    text: str
    is_error: bool = False


class SearchView(TableView):
    """Lets a search measure, also while another tab is seen.

    Args:
        empty: what the table says before anything is measured.
    """

    TITLE: ClassVar[str]
    """Of the dialog for its options, and in the words of its keys."""

    OPTIONS_HELP: ClassVar[str]
    AGAIN: ClassVar[str]
    """What the key does that begins once more."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "search", "Start or stop"),
        Binding("escape", "stop", "Stop", show=False),
        Binding("enter", "choose", "Run this configuration", show=False),
        Binding("n", "search_again", "Start again, replacing these results", show=False),
        Binding("o", "options", "What is varied, and for how long", show=False),
    ]
    STYLE_CLASSES = (
        "chart--axis",
        "chart--grid",
    )

    class Applied(Message):
        """What was found runs in place of this configuration, which can be had back."""

        def __init__(self, before: BenchmarkConfig) -> None:
            super().__init__()
            self.before = before

    def __init__(self, empty: str) -> None:
        super().__init__(LiveTable(columns_for(()), empty=empty))
        self._session: SessionLike | None = None
        self._target: Target | None = None
        self._requested = BenchmarkConfig()
        self._is_paused = False
        self._base = BenchmarkConfig()
        self._search: Search | None = None
        self._board: TuningState | None = None
        self._timer: Timer | None = None
        self._unit = StickyUnit()
        self._options = ""

    # --- for subclasses ---------------------------------------------------------------------

    def search_for(self, text: str, base: BenchmarkConfig) -> Search:
        """Begin to search with these options.

        Raises:
            OvbenchError: it cannot begin, and why.
        """
        raise NotImplementedError

    def check(self, words: Sequence[str], base: BenchmarkConfig) -> None:
        """See whether these options can be used.

        Raises:
            BadInputError: one sentence.
        """
        raise NotImplementedError

    def columns(self, board: TuningState) -> tuple[Column, ...]:
        """The columns of `rows`."""
        return columns_for(points_of(board), board.unit)

    def rows(self, board: TuningState) -> Sequence[Row]:
        """A row for each configuration, with its `Point` as the key."""
        raise NotImplementedError

    def status(self, board: TuningState, width: int) -> Line:
        """Say what goes on."""
        raise NotImplementedError

    def done(self, board: TuningState) -> Line:
        """Say what was found, and whether it runs."""
        raise NotImplementedError

    def chart(self, board: TuningState, width: int, height: int) -> list[Line]:
        """Draw what was found, in a part of a tab of this size."""
        raise NotImplementedError

    def explanation(self, board: TuningState) -> str:
        """Say in sentences what was found, at the end."""
        raise NotImplementedError

    def result(self, board: TuningState) -> Result:
        """What is to run from now on, and a sentence on it."""
        raise NotImplementedError

    # --- frames -----------------------------------------------------------------------------

    def show(self, snapshot: Snapshot, session: SessionLike) -> None:
        """Draw what the search has found."""
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
        """Say what goes on, and draw what was found where there is room."""
        board = self._board
        if board is None:
            return [((" Options: ", "label"), (self._options or "none", "value"))]
        lines = [self.status(board, width)]
        if board.phase is Phase.DONE:
            # Where there is no room for both, what was found is worth more than what for.
            lines[: height < _PLOT_FROM_HEIGHT] = [self.done(board)]
        if height >= _PLOT_FROM_HEIGHT:
            lines += self.chart(board, width, height)
        return lines

    def foot(self, width: int, height: int) -> list[Line]:
        """Explain the result, once it is known."""
        board = self._board
        if board is None or board.phase is not Phase.DONE or not board.trials:
            return []
        text = " ".join(filter(None, (self.explanation(board), board.reason)))
        lines: list[Line] = [((f" {line}", "value"),) for line in wrap(clean(text), width - 2)]
        return lines[: height // 4]

    def _take(self, board: TuningState) -> None:
        self._board = board
        self.table.set_columns(self.columns(board))
        self.table.set_rows(self.rows(board))

    # --- the search on its clock --------------------------------------------------------------

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
        """Run what was found, or again what ran before, and say so."""
        self._end_clock()
        board = search.board
        self._take(board)
        if all(not trial.has_run for trial in board.trials):
            reasons = [trial.reason for trial in board.trials if trial.reason]
            self._say(board.reason or (reasons or ["Nothing was measured."])[-1], is_error=True)
        else:
            result = self.result(board)
            if search.was_overruled:
                self._say(board.reason, is_error=result.is_error)
            else:
                self._end_with(result)
        self.redraw()

    def _end_with(self, result: Result) -> None:
        if result.point is not None:
            self.post_message(self.Applied(self._base))
        self._run(self._base if result.point is None else self._applied(result.point))
        # A run that begins takes the message line; this is to be read after that.
        self.set_timer(_SAID_AFTER_S, lambda: self._say(result.text, is_error=result.is_error))

    def _end_clock(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _run(self, config: BenchmarkConfig) -> None:
        # Not by way of the app: between two frames it does not know what was requested here.
        if self._target is not None:
            self._target.configure(config)

    def _say(self, text: str, *, is_error: bool = False) -> None:
        self.post_message(self.Said(text, is_error=is_error))

    def own_hints(self) -> Sequence[Hint]:
        """Return the keys that make sense now."""
        options = Hint("o", "Options", "options")
        run_row = (Hint("enter", "Run this", "choose"),) if self.table.row is not None else ()
        if self._timer is not None:
            return (Hint("space", "Stop", "search"), *run_row, options)
        if any(trial.has_run for trial in self._trials):
            return (*run_row, Hint("n", self.AGAIN, "search_again"), options)
        return (Hint("space", "Begin", "search"), options)

    # --- keys -------------------------------------------------------------------------------

    @property
    def board(self) -> TuningState | None:
        """What is known; None before anything is measured."""
        return self._board

    @property
    def is_searching(self) -> bool:
        """Whether something is measured now."""
        return self._timer is not None

    def action_search(self) -> None:
        """Start or stop; what was found is not thrown away by the same key."""
        if self._timer is not None:
            self.action_stop()
        elif any(trial.has_run for trial in self._trials):
            self._say("This is what was found; nothing is measured again by this key.")
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
            # Timing the layers slows a model down, and by how much depends on what is tried.
            search = self.search_for(self._options, replace(base, perf_counts=False))
        except OvbenchError as error:
            self._say(str(error), is_error=True)
            return
        if self._is_paused:
            self._target.toggle_pause()
        self._base, self._search = base, search
        self._take(search.board)
        self._timer = self.set_interval(_STEP_S, self._tick, name="search")
        self.redraw()

    def action_stop(self) -> None:
        """Stop; what ran before runs again. Where nothing is measured, end the filter."""
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
        self._say(f"Requested: {point_name(row.key, self._trials)}.")
        self.redraw()

    def action_options(self) -> None:
        """Ask for its options, written as on the command line."""
        base = self._requested

        def answer(text: str | None) -> None:
            if text is not None:
                self._options = " ".join(text.split())
                self.redraw()

        self.app.push_screen(
            EditorScreen(
                self.TITLE,
                self.OPTIONS_HELP,
                self._options,
                check=lambda text: self.check(words_of(text), base),
            ),
            answer,
        )

    @property
    def _trials(self) -> Sequence[Trial]:
        return self._board.trials if self._board is not None else ()

    def _applied(self, point: Point) -> BenchmarkConfig:
        base = self._base
        return point.config(base).judged_as(base)


def words_of(text: str) -> list[str]:
    """Split options as a shell does.

    Raises:
        BadInputError: a quote is open.
    """
    try:
        return shlex.split(text)
    except ValueError as error:
        raise BadInputError(f"{text!r} is not a list of options: {error}.") from error
