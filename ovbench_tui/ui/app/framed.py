"""An app that draws frames by a clock of its own, counts what they cost, and ends by signals."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.binding import BindingType
from textual.timer import Timer

from ovbench_tui.ui.app.base import BaseApp
from ovbench_tui.ui.app.bindings import keymap
from ovbench_tui.ui.app.end_signals import EndSignals, ShutdownWatchdog
from ovbench_tui.ui.app.frames.frame_budget import FrameBudget, next_rate
from ovbench_tui.ui.app.frames.ui_clock import cpu_clock_of_ui
from ovbench_tui.ui.app.message_log import MessageLog
from ovbench_tui.ui.app.preferences import Preferences
from ovbench_tui.ui.dialogs import factory as dialogs

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import Notice
    from ovbench_tui.ui.widgets.lines.footer_line import FooterLine
    from ovbench_tui.ui.widgets.tab_view import TabView

_BEHIND_EVERY_S = 1.0


class FramedApp(BaseApp):
    """What the monitor of one engine and that of a fleet have in common.

    Args:
        clock: wall seconds, for messages and the frame budget.
        refresh_hz: frames a second that are wanted.
        ui_budget_percent: of one core; above it the refresh slows by itself.
        departure: ends the program when a signal asked for it and the screen does not close.

    Attributes:
        ended_by_signal: the signal that ended the app, or None.
        read_log: what native code wrote, for the log screen; nothing, unless it is caught.
        messages: all that the message line has shown.
    """

    CSS_PATH = Path(__file__).with_name("app.tcss")
    ALLOW_SELECT = False

    def __init__(
        self,
        preferences: Preferences | None,
        *,
        clock: Callable[[], float],
        refresh_hz: float,
        ui_budget_percent: float,
        departure: ShutdownWatchdog | None,
    ) -> None:
        super().__init__(preferences or Preferences())
        self._departure = departure
        self.read_log: Callable[[], str] = lambda: ""
        self.messages = MessageLog()
        self.ended_by_signal: int | None = None
        self.budget = FrameBudget(1 / refresh_hz, ui_budget_percent)
        self._clock = clock
        self._cpu_clock: Callable[[], float] = time.thread_time
        self._timer: Timer | None = None
        self._signals = EndSignals()
        self._last_notice = 0
        self._behind_s = -math.inf
        self._behind_cpu_s: float | None = None
        self._behind_cost_s = 0.0

    @property
    def shows_figures(self) -> bool:
        """Whether the figures are on the screen, and no dialog lies over them."""
        raise NotImplementedError

    @property
    def is_frame_due(self) -> bool:
        """Whether figures are to be drawn now: behind a dialog as often as the budget allows.

        That costs more, for Textual draws the whole screen again, dialog and all.
        """
        if self.shows_figures:
            self._behind_s = -math.inf
            return True
        if self.screen.styles.background.a == 1:
            return False
        now_s, cpu_s = self._clock(), self._cpu_clock()
        if self._behind_cpu_s is not None:
            # Textual draws after the frame; by the next one that is done.
            self._behind_cost_s, self._behind_cpu_s = cpu_s - self._behind_cpu_s, None
        pause_s = max(_BEHIND_EVERY_S, self._behind_cost_s * 100 / self.budget.budget_percent)
        if now_s - self._behind_s < pause_s:
            return False
        self._behind_s, self._behind_cpu_s = now_s, cpu_s
        return True

    def begin(self) -> bool:
        """Start what is watched, after the first frame; False when that failed, and was said."""
        raise NotImplementedError

    def frame(self) -> None:
        """Take a snapshot and draw it."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw the last snapshot."""
        raise NotImplementedError

    def on_mount(self) -> None:
        at_once = self._departure.begin if self._departure is not None else None
        self._signals.watch(self._end_by_signal, at_once)
        self.keep_chosen_themes()
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        self._signals.release()

    def _begin(self) -> None:
        if not self.begin():
            return
        self._cpu_clock = cpu_clock_of_ui()
        self._set_interval(self.budget.interval_s)
        self.frame()
        if self.settings_error:
            self.tell(self.settings_error, is_error=True)

    def _end_by_signal(self, number: int) -> None:
        self.ended_by_signal = number
        self.exit()

    def _set_interval(self, interval_s: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(interval_s, self._on_clock, name="frames")

    def _on_clock(self) -> None:
        if not self.screen_stack:
            return  # the app has ended, and its clock not yet
        if not self.shows_figures:
            self.budget.forget()  # a dialog's own drawing is no cost of watching
        elif self.budget.read(self._clock(), self._cpu_clock()):
            self._set_interval(self.budget.interval_s)
        self.frame()

    def new_notices(self, notices: Iterable[Notice]) -> list[Notice]:
        """Those that have come since the last call; they are numbered in rising order."""
        new = [notice for notice in notices if notice.number > self._last_notice]
        if new:
            self._last_notice = new[-1].number
        return new

    def show_keys(self, groups: Iterable[tuple[str, Iterable[BindingType]]]) -> None:
        """Open the dialog of all keys, as the user has put them."""
        in_use = [(name, keymap.in_use(own, self.keys)) for name, own in groups]
        self.push_screen(dialogs.help_dialog(in_use))

    def action_log(self) -> None:
        """Show the messages of the session, and what native code wrote."""
        self.push_screen(
            dialogs.log_dialog(self.read_log, lambda: self.messages.messages, self.run_notes)
        )

    def run_notes(self) -> Sequence[str]:
        """What is to be known of the figures, for the log; an app of many machines has none."""
        return ()

    def forget_cost(self) -> None:
        """Do not count what was just done among the cost of the frames."""
        self.budget.forget()

    def action_rate(self, direction: int) -> None:
        """Draw more or less often."""
        if rate_hz := next_rate(self.budget.wanted_s, direction):
            self.budget.want(1 / rate_hz)
            self._set_interval(self.budget.interval_s)
            self.draw()

    def on_tab_view_said(self, event: TabView.Said) -> None:
        self.tell(event.text, is_error=event.is_error)

    async def on_footer_line_chosen(self, event: FooterLine.Chosen) -> None:
        await self.run_action(event.action, default_namespace=self.screen.focused or self)
