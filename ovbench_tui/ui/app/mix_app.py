"""The app of several models at once: keys act on the model under the cursor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from ovbench_tui.errors import OvbenchError
from ovbench_tui.mix.suggestion import SuggestionSearch, begin_search
from ovbench_tui.mix.suggestion_report import conclusion, describe_search
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.ui.app.bindings.hints import side_by_side_hints
from ovbench_tui.ui.app.bindings.keys import APP_BINDINGS
from ovbench_tui.ui.app.changes import Changes
from ovbench_tui.ui.app.framed import FramedApp
from ovbench_tui.ui.app.frames.writer import is_line_behind
from ovbench_tui.ui.app.nothing_yet import nothing_yet
from ovbench_tui.ui.dialogs import factory as dialogs
from ovbench_tui.ui.tabs.mix.mix_screen import MixScreen, SettingsPane
from ovbench_tui.ui.tabs.mix.mix_table import MixTable
from ovbench_tui.ui.widgets.selector.choices import (
    AvailableChoices,
    step,
    waits_for_value,
    with_value,
)
from ovbench_tui.ui.widgets.selector.selector_pane import SelectorPane, choices_now

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.snapshot import Snapshot
    from ovbench_tui.mix.member import Member, MemberView
    from ovbench_tui.mix.view import MixLike, MixView
    from ovbench_tui.ui.app.end_signals import ShutdownWatchdog
    from ovbench_tui.ui.app.preferences import Preferences
    from ovbench_tui.ui.widgets.hint import Hints

_PLAN_EVERY_S = 0.2
_SHARED = (
    *("quit", "help", "pause", "device", "more-requests", "fewer-requests", "undo", "reset"),
    *("copy", "log", "screenshot", "draw-less", "draw-more", "commands", None),
)
_MIX_BINDINGS: tuple[Binding, ...] = (
    *(binding for binding in APP_BINDINGS if binding.id in _SHARED),
    Binding("h", "hint(1)", "Hint", tooltip="The next performance hint", id="hint"),
    Binding("H", "hint(-1)", "Hint", tooltip="The previous performance hint", id="previous-hint"),
)
_BY_ID = {binding.id: binding for binding in _MIX_BINDINGS if binding.id}


class MixApp(FramedApp):
    """All models on one screen.

    Args:
        open_mix: makes the models' sessions; called once, after the first frame.
        duration_s: seconds of turns after which it ends by itself; None = it does not.
        search_s: seconds that a search for a better split may take.
        margin: what counts as equal in it, as a fraction.
        clock, refresh_hz, ui_budget_percent, departure: see `FramedApp`.

    Attributes:
        search: the last search for a better split; None = there was none.
    """

    TITLE = "ovbench-tui mix"
    BINDINGS: ClassVar[list[BindingType]] = list(_MIX_BINDINGS)

    def __init__(
        self,
        members: tuple[Member, ...],
        open_mix: Callable[[], MixLike],
        *,
        duration_s: float | None = None,
        search_s: float = 300.0,
        margin: float = EQUAL_MARGIN,
        clock: Callable[[], float] = time.perf_counter,
        refresh_hz: float = 4.0,
        ui_budget_percent: float = 3.0,
        preferences: Preferences | None = None,
        departure: ShutdownWatchdog | None = None,
    ) -> None:
        super().__init__(
            preferences,
            clock=clock,
            refresh_hz=refresh_hz,
            ui_budget_percent=ui_budget_percent,
            departure=departure,
        )
        self.snapshot: Snapshot = nothing_yet(members[0].config)
        self.monitor = MixScreen(members)
        self.monitor.general_hints = self._hints
        self.view: MixView | None = None
        self._members = members
        self._open_mix = open_mix
        self._mix: MixLike | None = None
        self._duration_s = duration_s
        self.search: SuggestionSearch | None = None
        self._search_s = search_s
        self._margin = margin
        self._changes = [Changes() for _ in members]
        self._notices = [0] * len(members)
        self._failures = [""] * len(members)

    # --- life -------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        """Start on the models."""
        return self.monitor

    @property
    def shows_figures(self) -> bool:
        """Whether no dialog lies over the figures."""
        return self.screen is self.monitor

    def begin(self) -> bool:
        """Start the engines."""
        try:
            self._mix = self._open_mix()
        except OvbenchError as error:
            self.tell(str(error), is_error=True)
            return False
        self.set_interval(_PLAN_EVERY_S, self._follow_plan, name="plan")
        return True

    def _follow_plan(self) -> None:
        """Let no turn wait for a frame where these come seldom."""
        mix = self._mix
        if mix is not None and self.screen_stack and (mix.is_in_turns or self.is_searching):
            self._advance(mix)

    def _advance(self, mix: MixLike) -> MixView:
        columns = self.monitor.columns_wanted
        if self.search is None or self.search.is_over:
            return mix.advance(columns)
        view = self.search.advance(columns)
        if self.search.is_over:
            self.tell(conclusion(self.search), stays=True)
        return view

    @property
    def is_searching(self) -> bool:
        """Whether a better split is searched for."""
        return self.search is not None and not self.search.is_over

    # --- frames -----------------------------------------------------------------------------

    def frame(self) -> None:
        """Go on with the plan, and draw what there is."""
        if self._mix is None:
            return
        self.view = view = self._advance(self._mix)
        self._say_news(view)
        self.snapshot = self._seen
        if self._duration_s is not None and view.has_lasted(self._duration_s):
            self.exit()
            return
        if not is_line_behind() and self.is_frame_due:
            self.draw()

    def draw(self) -> None:
        """Draw the last view."""
        if self._mix is not None and self.view is not None:
            doing = describe_search(self.search) if self.search and self.is_searching else ""
            self.monitor.draw(self.view, self._mix.machine, self.budget.text, self._clock(), doing)

    def _say_news(self, view: MixView) -> None:
        """Say what each model has for the user, and that it failed."""
        for number, one in enumerate(view.members):
            for notice in one.snapshot.notices:
                if notice.number > self._notices[number]:
                    self._notices[number] = notice.number
                    self.tell(f"{one.name}: {notice.text}", is_error=notice.is_error)
            if one.failure and one.failure != self._failures[number]:
                self.tell(f"{one.name}: {one.failure}", is_error=True)
            self._failures[number] = one.failure

    def _hints(self) -> Hints:
        return side_by_side_hints(
            _BY_ID,
            self.keys,
            is_paused=self.view is not None and self.view.is_paused,
            can_undo=self._changes[self._number].last is not None,
            is_message_cut=self.monitor.message.is_cut,
        )

    def tell(self, text: str, *, is_error: bool = False, stays: bool = False) -> None:
        """Show one sentence: for a while, or until the next one."""
        self.messages.add(text)
        now_s = float("inf") if stays else self._clock()
        self.monitor.message.tell(text, is_error=is_error, now_s=now_s)
        if self.screen is self.monitor:
            self.monitor.message.flush()

    # --- the model under the cursor ---------------------------------------------------------

    @property
    def _number(self) -> int:
        return min(self.monitor.table.number, len(self._members) - 1)

    @property
    def _selected(self) -> MemberView | None:
        members = self.view.members if self.view is not None else ()
        return members[self._number] if self._number < len(members) else None

    @property
    def _seen(self) -> Snapshot:
        """What is seen of it; the cursor may have moved since the last frame."""
        one = self._selected
        return one.snapshot if one is not None else self.snapshot

    @property
    def requested(self) -> BenchmarkConfig:
        """What is requested of it."""
        return self._seen.requested

    @property
    def offer(self) -> AvailableChoices:
        """What there is to choose from for it."""
        return choices_now(self._seen, self.requested)

    def configure(self, config: BenchmarkConfig) -> None:
        """Request another configuration of it."""
        if self.is_searching:
            self._stop_search()  # what is seen is one of its trials
        elif config != self.requested:
            self._changes[self._number].note(self.requested)
            self._request(config)

    def _request(self, config: BenchmarkConfig) -> None:
        if self._mix is not None:
            self._mix.configure(self._number, config)
            self.frame()

    def change_by(self, row: str, direction: int) -> None:
        """Change a setting by a step, where it is known from what."""
        one = self._selected
        if one is None or waits_for_value(self.requested, row, self.offer):
            self.tell("This can be changed once the model is compiled.")
        elif row == "model":
            self._refuse_model()
        else:
            try:
                self.configure(step(self.requested, row, direction, self.offer))
            except OvbenchError as error:
                self.tell(str(error), is_error=True)

    def _refuse_model(self) -> None:
        self.tell("The models of a mix are those of its command line.")

    # --- actions ----------------------------------------------------------------------------

    def on_selector_pane_stepped(self, event: SelectorPane.Stepped) -> None:
        """Change a setting by a step."""
        self.change_by(event.row, event.direction)

    def on_selector_pane_edit(self, event: SelectorPane.Edit) -> None:
        """Open the dialog of a setting."""
        self.action_pick(event.row)

    def action_step(self, direction: int) -> None:
        """Change the setting under the settings' cursor."""
        self.change_by(self.monitor.settings.row, direction)

    def action_settings(self) -> None:
        """Choose among the settings of the model."""
        self.monitor.set_focus(self.monitor.settings)
        self.draw()

    def action_models(self) -> None:
        """Choose among the models again."""
        self.monitor.set_focus(self.monitor.table)
        self.draw()

    def action_pick(self, row: str) -> None:
        """Open the list or the editor of a setting."""
        if row == "model":
            self._refuse_model()
            return

        def answer(value: str | None) -> None:
            if value is None:
                return
            try:
                self.configure(with_value(self.requested, row, value))
            except OvbenchError as error:
                self.tell(str(error), is_error=True)

        self.push_screen(dialogs.dialog_for(row, self.requested, self.offer), answer)

    def action_nireq(self, direction: int) -> None:
        """One infer request more or less."""
        if direction > 0 or self.requested.nireq != 1:  # below 1 is automatic
            self.change_by("nireq", direction)

    def action_hint(self, direction: int) -> None:
        """The next performance hint, or the previous one."""
        self.change_by("hint", direction)

    def action_undo(self) -> None:
        """Go back to the configuration before the last change of this model."""
        before = self._changes[self._number].back(self.requested)
        if before is None:
            self.tell("There is nothing to undo for this model.")
        else:
            self.tell("The last change of this model is undone.")
            self._request(before)

    def action_toggle_pause(self) -> None:
        """Let all pause, or go on."""
        if self._mix is not None:
            self._mix.toggle_pause()
            self.frame()

    def action_reset_stats(self) -> None:
        """Begin the statistics of all again."""
        if self._mix is not None:
            self._mix.reset_stats()
            self.tell("The statistics of every model begin again.")
            self.frame()

    def action_copy_summary(self) -> None:
        """Put the summary of the model under the cursor on the clipboard."""
        self.snapshot = self._seen
        super().action_copy_summary()

    def action_suggest(self) -> None:
        """Search for a split of the processors that serves all better, or stop to."""
        if self._mix is None or self.view is None or self.view.is_preparing:
            self.tell("A split can be searched for once every model runs.")
        elif self.is_searching:
            self._stop_search()
        else:
            self._mix.take_turns(is_on=False)
            now = tuple(one.snapshot.requested for one in self.view.members)
            self.search = begin_search(
                self._mix, now, max_time_s=self._search_s, margin=self._margin
            )
            self.tell("The ways to divide the processors are tried in turn.")
            self.frame()

    def _stop_search(self) -> None:
        """What was found so far is printed in the end."""
        if self.search is not None and self.is_searching:
            self.search.stop()
            self.tell("The search is stopped.")

    def action_take_turns(self) -> None:
        """Measure each alone and all together in turn, or let all run."""
        if self._mix is not None:
            self._stop_search()
            self._mix.take_turns(is_on=not self._mix.is_in_turns)
            self.frame()

    def action_help(self) -> None:
        """Show all keys."""
        groups = [
            ("The models", [*MixTable.BINDINGS, *MixScreen.BINDINGS]),
            ("Settings", SettingsPane.BINDINGS),
            ("Everywhere", self.BINDINGS),
        ]
        self.show_keys(groups)
