"""The app: keys and dialogs in, configurations out, and a clock that draws snapshots."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual._context import active_message_pump
from textual.app import SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.events import Event, Resize
from textual.screen import Screen

from ovbench_tui.console.text import clean
from ovbench_tui.engine.api.snapshot import Progress, SessionLike, Snapshot
from ovbench_tui.errors import OvbenchError
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.ui.app.bindings.hints import Situation, hints_of, situation_of
from ovbench_tui.ui.app.bindings.keys import APP_BINDINGS, bindings_of
from ovbench_tui.ui.app.changes import Changes
from ovbench_tui.ui.app.engine_actions import EngineActionsApp
from ovbench_tui.ui.app.frames.writer import is_line_behind
from ovbench_tui.ui.app.nothing_yet import nothing_yet
from ovbench_tui.ui.app.run_in_thread import run_in_thread
from ovbench_tui.ui.app.shape_question import ShapeQuestion, check_of, what_goes_on, with_shapes
from ovbench_tui.ui.dialogs import factory as dialogs
from ovbench_tui.ui.dialogs.batch_question import SINGLE, BatchQuestion, with_answer
from ovbench_tui.ui.tabs.live.monitor_screen import MonitorScreen
from ovbench_tui.ui.tabs.registry import LIVE, tabs_with
from ovbench_tui.ui.widgets.hint import Hints
from ovbench_tui.ui.widgets.selector.choices import with_value

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.config.shapes import NamedDataShapes
    from ovbench_tui.engine.api.events import ShapeNeeded
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.tuning.state import TuningState
    from ovbench_tui.ui.app.end_signals import ShutdownWatchdog
    from ovbench_tui.ui.app.preferences import Preferences
    from ovbench_tui.ui.app.run_history import RunHistory
    from ovbench_tui.ui.widgets.lines.tab_bar import TabBar
    from ovbench_tui.ui.widgets.selector.selector_pane import SelectorPane
    from ovbench_tui.ui.widgets.tab_view import TabView

_WHOLE_FRAMES = 2


class OvbenchApp(EngineActionsApp):
    """The live monitor.

    Args:
        config: shown until the session tells more.
        session_factory: called once, after the first frame is on the terminal, because what
            it imports would delay that frame.
        clock, refresh_hz, ui_budget_percent, departure: see `FramedApp`.
        blind_s: seconds of a phase of the overhead check that begins by itself, once the run has
            been measured for a second; None = it begins with its key only.
        preferences: colours, characters, keys; bad ones are told and not used.
        history: runs of earlier sessions; None = none are kept.
        margin: what counts as equal where configurations are tuned, as a fraction.
        search: a view and its options, '' = none, that begins to search by itself; None = none.
    """

    TITLE = "ovbench-tui"
    BINDINGS: ClassVar[list[BindingType]] = list(APP_BINDINGS)

    def __init__(
        self,
        config: BenchmarkConfig,
        session_factory: Callable[[], SessionLike],
        *,
        clock: Callable[[], float] = time.perf_counter,
        refresh_hz: float = 4.0,
        ui_budget_percent: float = 3.0,
        blind_s: float | None = None,
        read_log: Callable[[], str] = lambda: "",
        preferences: Preferences | None = None,
        departure: ShutdownWatchdog | None = None,
        history: RunHistory | None = None,
        margin: float = EQUAL_MARGIN,
        search: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(
            preferences,
            blind_s,
            clock=clock,
            refresh_hz=refresh_hz,
            ui_budget_percent=ui_budget_percent,
            departure=departure,
        )
        self.read_log = read_log
        self._whole_frames = 0
        self.snapshot = nothing_yet(config)
        self.monitor = MonitorScreen(
            self.snapshot, tabs_with(history, margin, dict([search] if search else ())), self.keys
        )
        self._begins = search[0] if search else ""
        self._session_factory = session_factory
        self._session: SessionLike | None = None
        self._requested = config
        self._last_run = 0
        self._changes = Changes()
        self._last_hints: tuple[Situation | None, Hints] = None, Hints()
        self.monitor.general_hints = self._hints
        self.monitor.show_hints()
        self.shape_question = ShapeQuestion(self._ask_for_shape, self.configure)
        self._batch_question = BatchQuestion()

    # --- life ---------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        """Start on the figures."""
        return self.monitor

    def _end_by_signal(self, number: int) -> None:
        self.stop_check("a signal ended the program")
        super()._end_by_signal(number)

    @property
    def shows_figures(self) -> bool:
        """Whether no dialog lies over the figures."""
        return self.screen is self.monitor

    def begin(self) -> bool:
        """Start the session, or say why it cannot be started."""
        try:
            self._session = self._session_factory()
        except OvbenchError as error:
            self.tell(str(error), is_error=True)
            return False
        return True

    def _begin(self) -> None:
        super()._begin()
        if self._session is not None and not self._requested.model:
            self.action_pick("model")
        elif self._session is not None and self._begins:
            self.call_later(self.action_search, self._begins)

    # --- frames -------------------------------------------------------------------------

    def _on_clock(self) -> None:
        super()._on_clock()
        if self.screen_stack:
            self.begin_check_in_time()

    def frame(self) -> None:
        """Take a snapshot, and draw it, also behind a dialog."""
        if self._session is None:
            return
        before = self.snapshot.requested
        self.snapshot = snapshot = self._session.snapshot(self.monitor.columns_wanted)
        if snapshot.finished:
            self.stop_check("the run came to its end")
            self.exit()
            return
        if snapshot.requested != before:
            self._requested = snapshot.requested
        self.take_waiting_steps()
        if snapshot.run is not None and snapshot.run.run_id != self._last_run:
            if self._last_run or self.monitor.message.text != clean(self.settings_error):
                self.tell(self.way_back(snapshot.run))  # what was wrong before is over
            self._last_run = snapshot.run.run_id
            run = snapshot.run
            self.recent.add(run.config.model, run.config.device, run.compile_ms / 1000)
        for notice in self.new_notices(snapshot.notices):
            if notice.is_error:
                self.stop_check("an error came up")
            advice = f" Press {self.key_of('restart')} to start another."
            text = notice.text + (advice if snapshot.can_restart else "")
            self.tell(text, is_error=notice.is_error)
        is_behind = is_line_behind()
        if self._whole_frames and not is_behind:
            # What was drawn may still have been meant for a size in between.
            self._whole_frames -= 1
            self._draw_all()
        if not is_behind and self.is_frame_due:
            self.draw()
        if self.screen is self.monitor:
            self.shape_question.ask_if_new(snapshot)
            self._ask_for_batch(snapshot)

    def draw(self) -> None:
        """Draw the last snapshot."""
        if self._session is None:
            return
        self.monitor.draw(
            self._shown,
            self._session,
            self.budget,
            self._clock(),
            self.recent,
        )

    @property
    def _shown(self) -> Snapshot:
        """The last snapshot, with what was requested since."""
        snapshot, requested = self.snapshot, self._requested
        is_same = snapshot.requested is requested  # as in nearly every frame
        return snapshot if is_same else replace(snapshot, requested=requested)

    def run_notes(self) -> Sequence[str]:
        """All that the message line may say of the figures."""
        session = self._session
        if session is None:
            return ()
        return self.monitor.remarks.on(self.snapshot.run, session, measuring=True)

    def _hints(self) -> Hints:
        is_cut = self.monitor.message.is_cut
        situation = situation_of(self._shown, undo=self.undo_hint, is_message_cut=is_cut)
        if situation != self._last_hints[0]:
            self._last_hints = situation, hints_of(situation, self.keys)
        return self._last_hints[1]

    def tell(self, text: str, *, is_error: bool = False, stays: bool = False) -> None:
        """Show one sentence in the message line: for a while, or until the next one."""
        self.messages.add(text)
        now_s = math.inf if stays else self._clock()
        self.monitor.tell(text, is_error=is_error, now_s=now_s)

    # --- overhead check ---------------------------------------------------------------------

    def now_s(self) -> float:
        """Wall seconds."""
        return self._clock()

    def progress(self) -> Progress:
        """How far the engine is; nothing is folded."""
        return self._session.progress() if self._session is not None else Progress(0, 0.0)

    def draw_by_itself(self, *, is_on: bool) -> None:
        """Draw frame after frame, or nothing at all and without a timer to wake for."""
        self.budget.forget()  # what a blind phase does not cost is no saving of the drawing
        if is_on:
            self._set_interval(self.budget.interval_s)
        elif self._timer is not None:
            self._timer.stop()

    async def on_event(self, event: Event) -> None:
        """Let whatever makes the screen draw end an overhead check first."""
        if self.ends_check(event):
            return
        await super().on_event(event)
        if isinstance(event, Resize):
            # Terminals cut or reflow what they show, and Textual draws again only what moved:
            # of sizes that change and change back it may see none.
            self._whole_frames = _WHOLE_FRAMES
            self.call_after_refresh(self._draw_all)

    def _draw_all(self) -> None:
        self.screen.refresh()

    # --- configuration ------------------------------------------------------------------

    def set_value(self, row: str, text: str) -> None:
        """Set one row to a typed or chosen value; a bad one is told and changes nothing."""
        try:
            self.configure(with_value(self._requested, row, text))
        except OvbenchError as error:
            self.tell(str(error), is_error=True)

    def on_selector_pane_stepped(self, event: SelectorPane.Stepped) -> None:
        """Change a row by a step."""
        self.change_by(event.row, event.direction)

    def on_selector_pane_edit(self, event: SelectorPane.Edit) -> None:
        """Open the dialog of a row."""
        self.action_pick(event.row)

    def on_tab_view_asked(self, event: TabView.Asked) -> None:
        """Run what a tab asks for."""
        self.configure(event.config)

    async def on_tab_bar_chosen(self, event: TabBar.Chosen) -> None:
        """Open the clicked tab."""
        await self.action_tab(event.name)

    def _ask_for_shape(self, needed: ShapeNeeded) -> None:
        def answer(shapes: NamedDataShapes | None) -> None:
            if shapes is None:
                goes_on = what_goes_on(needed, self.key_of("model"))
                self.tell(f"No data shape was given: {goes_on}")
            else:
                self.configure(with_shapes(needed, shapes))

        self.push_screen(dialogs.shape_dialog(needed, check_of(needed)), answer)

    def on_model_view_shape_wanted(self) -> None:
        """Ask again where the model's inputs still have no shapes."""
        self.shape_question.ask_again(self.snapshot)

    def _ask_for_batch(self, snapshot: Snapshot) -> None:
        if self.is_check_due or self.screen is not self.monitor or self.monitor.tab != LIVE:
            return
        run = self._batch_question.due(snapshot)
        if run is not None:
            self.ask_for_batch(run)

    def ask_for_batch(self, run: RunView) -> None:
        """Ask which dimension of the inputs counts frames."""

        def answer(text: str | None) -> None:
            if self._requested.model == run.config.model:
                self.configure(with_answer(self._requested, run, text or SINGLE))

        self.push_screen(dialogs.batch_dialog(self._requested, run), answer)

    def pop_screen(self) -> AwaitComplete:
        """Close the dialog on top.

        A dialog that is closed already may still have keys and clicks to handle that came
        quickly; they must not close the screen below it.
        """
        handling = active_message_pump.get(None)
        is_late = isinstance(handling, Screen) and handling is not self.screen
        return AwaitComplete() if is_late else super().pop_screen()

    # --- actions ------------------------------------------------------------------------

    async def action_tab(self, name: str) -> None:
        """Open a tab."""
        if name != self.monitor.tab:
            await self.monitor.open_tab(name)
            self.draw()

    async def action_next_tab(self, direction: int) -> None:
        """Open the tab beside this one; after the last comes the first."""
        tabs = self.monitor.tabs
        names = [name for name, tab in tabs.items() if not tab.beside]
        here = names.index(tabs[self.monitor.tab].beside or self.monitor.tab)
        await self.action_tab(names[(here + direction) % len(names)])

    def found_by(self, view: str) -> TuningState | None:
        """What the last search in a view has found; None before the first."""
        return self.monitor.found_by(view)

    async def action_search(self, view: str) -> None:
        """Show what a search has found of this model; where there is none yet, begin it."""
        await self.action_tab(view)
        self.monitor.begin_search(view)

    def action_pick(self, row: str) -> None:
        """Open the list or the editor of a row, which is an option's field."""

        def answer(value: str | None) -> None:
            if value is not None:
                self.set_value(row, value)
            elif not self._requested.model:
                self.tell("No model is chosen.")

        dialog = dialogs.dialog_for(row, self._requested, self.offer, self.recent.names)
        self.push_screen(dialog, answer)

    def action_export(self) -> None:
        """Show the running configuration as command lines, settings and a program."""
        if self.snapshot.run is None:
            self.tell("There is nothing to export yet: no model is running.")
        else:
            self.push_screen(dialogs.export_dialog(self.snapshot.run))

    def action_save_report(self) -> None:
        """Save a page of the current run."""
        from ovbench_tui.engine.api.results import RunResult
        from ovbench_tui.ui.app.copy_and_save import save_page

        snapshot = self.snapshot
        if self._session is None or snapshot.run is None or not snapshot.run.stats.count:
            self.tell("There is nothing to report yet: nothing has been measured.")
            return
        # The session is this thread's alone, so it is asked here.
        result = RunResult(snapshot.run, self._session.latest_bins(), series=self._session.series())
        folder, now = self.preferences.screenshots, datetime.now().astimezone()
        run_in_thread(
            self,
            lambda: save_page(result, snapshot, folder, now),
            self.tell,
            lambda error: self.tell(str(error), is_error=True),
        )

    def action_help(self) -> None:
        """Show all keys."""
        groups = [("Tabs", self.monitor.BINDINGS), ("Everywhere", self.BINDINGS)]
        if self.monitor.focused is not None:
            title = self.monitor.tabs[self.monitor.tab].title
            groups.insert(0, (title, bindings_of(self.monitor.focused)))
        self.show_keys(groups)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """Return what can be done now, for the palette."""
        from ovbench_tui.ui.app.commands import commands_now

        return commands_now(self)
