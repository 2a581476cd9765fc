"""The app of a fleet: keys in, configurations out to all machines, and a clock that draws."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Notice
from ovbench_tui.fleet.machine_status import FleetLike, FleetSnapshot, MachineFigures
from ovbench_tui.ui.app import keymap
from ovbench_tui.ui.app.base import BaseApp
from ovbench_tui.ui.app.end_signals import EndSignals
from ovbench_tui.ui.app.frame_budget import FrameBudget
from ovbench_tui.ui.app.keys import APP_BINDINGS, bindings_of
from ovbench_tui.ui.app.nothing_yet import nothing_yet
from ovbench_tui.ui.app.preferences import Preferences
from ovbench_tui.ui.app.rates import next_rate
from ovbench_tui.ui.app.ui_clock import cpu_clock_of_ui
from ovbench_tui.ui.app.writer import is_line_behind
from ovbench_tui.ui.dialogs import factory as dialogs
from ovbench_tui.ui.tabs.fleet.fleet_screens import FleetScreen, LiveScreen, MachineScreen
from ovbench_tui.ui.tabs.fleet.fleet_tune import FleetTuneScreen, FleetTuneView
from ovbench_tui.ui.tabs.fleet.fleet_view import FleetView
from ovbench_tui.ui.widgets.choices import AvailableChoices, more_requests, step
from ovbench_tui.ui.widgets.footer_line import FooterLine
from ovbench_tui.ui.widgets.tab_view import TabView

_SHARED = ("quit", "help", "pause", "more-requests", "fewer-requests", "reset")
_HIDDEN = ("screenshot", "draw-less", "draw-more", "commands", None)
_FLEET_BINDINGS: tuple[Binding, ...] = (
    *(binding for binding in APP_BINDINGS if binding.id in _SHARED),
    Binding("h", "hint(1)", "Hint", tooltip="The next performance hint, on all machines"),
    Binding("H", "hint(-1)", "Hint", show=False, tooltip="The previous performance hint"),
    Binding("t", "tune", "Tune", tooltip="Find the best configuration, on all machines alike"),
    *(binding for binding in APP_BINDINGS if binding.id in _HIDDEN),
)


class FleetApp(BaseApp):
    """All machines on one screen.

    Args:
        start: called once, after the first frame.
        refresh_hz: frames a second that are wanted; machines tell once a second.
        ui_budget_percent: of one core; above it the refresh slows by itself.

    Attributes:
        ended_by_signal: the signal that ended the app, or None.
        crash: the error of ours that ended the app; '' when there was none.
    """

    TITLE = "ovbench-tui fleet"
    CSS_PATH = "app.tcss"
    CSS = """
    #header, #totals, #footer { height: 1; }
    FleetScreen #message { height: 1; }
    FleetView, FleetTuneView { height: 1fr; }
    FleetTuneScreen #message { height: 1; }
    MachineScreen #message { height: 1; }
    #machine { height: 1fr; }
    #machine > StatsPane { width: 44; height: 100%; }
    #machine > Vertical { width: 1fr; height: 100%; }
    #machine HistoryChart { height: 1fr; max-height: 16; }
    #machine DetailsPane { height: 1fr; }
    """
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = list(_FLEET_BINDINGS)

    def __init__(
        self,
        fleet: FleetLike,
        config: BenchmarkConfig,
        *,
        start: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.perf_counter,
        refresh_hz: float = 1.0,
        ui_budget_percent: float = 3.0,
        preferences: Preferences | None = None,
    ) -> None:
        super().__init__(preferences or Preferences())
        self.ended_by_signal: int | None = None
        self.crash = ""
        self.budget = FrameBudget(1 / refresh_hz, ui_budget_percent)
        self.snapshot = nothing_yet(config)
        self.fleet_snapshot: FleetSnapshot | None = None
        self.machines = FleetScreen()
        self.tuning: FleetTuneScreen | None = None
        self.machines.footer.bindings = keymap.in_use(_FLEET_BINDINGS, self.keys)
        self._requested = config
        self._fleet = fleet
        self._start = start
        self._clock = clock
        self._cpu_clock: Callable[[], float] = time.thread_time
        self._timer: Timer | None = None
        self._last_notice = 0
        self._signals = EndSignals()

    # --- life -------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        """Start on all machines."""
        return self.machines

    def on_mount(self) -> None:
        """Draw first, then start the engines."""
        self._signals.watch(self._end_by_signal)
        self.keep_chosen_themes()
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        """Leave the signals to the caller again."""
        self._signals.release()

    def _begin(self) -> None:
        self._start()
        self._cpu_clock = cpu_clock_of_ui()
        self._set_interval(self.budget.interval_s)
        self.frame()
        if self.settings_error:
            self.tell(self.settings_error, is_error=True)

    def _end_by_signal(self, number: int) -> None:
        self.ended_by_signal = number
        self.exit()

    def _fatal_error(self) -> None:
        """An error of ours: the traceback goes where native noise goes, not to the user."""
        self.crash = repr(sys.exc_info()[1])
        os.write(2, traceback.format_exc().encode("utf-8", "replace"))
        self._close_messages_no_wait()

    # --- frames -----------------------------------------------------------------------------

    def _set_interval(self, interval_s: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(interval_s, self._on_clock, name="frames")

    def _on_clock(self) -> None:
        if not self.screen_stack:
            return  # the app has ended, and its clock not yet
        if not isinstance(self.screen, LiveScreen):
            self.budget.forget()  # a dialog's own drawing is no cost of watching
        elif self.budget.read(self._clock(), self._cpu_clock()):
            self._set_interval(self.budget.interval_s)
        self.frame()

    def frame(self) -> None:
        """Take a snapshot and draw it."""
        self.fleet_snapshot = snapshot = self._fleet.snapshot()
        self._requested = snapshot.requested  # a search asks for its winner itself
        for notice in snapshot.notices:
            if notice.number > self._last_notice:
                self._last_notice = notice.number
                self.tell(notice.text, is_error=notice.is_error)
        if snapshot.finished and not snapshot.failure and _has_end(snapshot):
            self.exit()
            return
        if not is_line_behind():
            self.draw()

    def draw(self) -> None:
        """Draw the last snapshot on the screen that is seen."""
        snapshot, screen = self.fleet_snapshot, self.screen
        if snapshot is None:
            return
        if isinstance(screen, (FleetScreen, FleetTuneScreen)):
            screen.draw(snapshot, self._cost, self._clock())
        elif isinstance(screen, MachineScreen):
            machine = self._machine(screen.key)
            screen.draw(
                machine,
                self._fleet.run_of(screen.key),
                self._fleet.history_of(screen.key),
                _notices_of(snapshot, machine),
            )

    def tell(self, text: str, *, is_error: bool = False, stays: bool = False) -> None:
        """Show one sentence over the table: for a while, or until the next one."""
        now_s = float("inf") if stays else self._clock()
        for screen in (self.machines, self.tuning):
            if screen is not None:
                screen.message.tell(text, is_error=is_error, now_s=now_s)
                if self.screen is screen:
                    screen.message.flush()

    @property
    def _cost(self) -> str:
        budget = self.budget
        mark = " slowed" if budget.is_slowed else ""
        return f"UI {budget.cost_percent:4.1f} % · {1 / budget.interval_s:.3g} Hz{mark} "

    def _machine(self, key: str) -> MachineFigures | None:
        snapshot = self.fleet_snapshot
        machines = snapshot.machines if snapshot is not None else ()
        return next((machine for machine in machines if machine.key == key), None)

    # --- actions ----------------------------------------------------------------------------

    def configure(self, config: BenchmarkConfig) -> None:
        """Ask every machine for a configuration."""
        if config != self._requested:
            self._requested = config
            self._fleet.configure(config)
            self.frame()

    def action_nireq(self, direction: int) -> None:
        """One infer request more or less, counted from what most machines run with."""
        run = self._fleet.common_run
        offer = AvailableChoices(effective=run.effective if run else None)
        self.configure(more_requests(self._requested, direction, offer))

    def action_hint(self, direction: int) -> None:
        """The next performance hint, or the previous one."""
        self.configure(step(self._requested, "hint", direction, AvailableChoices()))

    def action_toggle_pause(self) -> None:
        """Let every machine pause, or go on."""
        self._fleet.toggle_pause()
        self.frame()

    def action_reset_stats(self) -> None:
        """Begin the statistics of every machine again."""
        self._fleet.reset_stats()
        self.tell("The statistics of every machine begin again.")

    def action_rate(self, direction: int) -> None:
        """Draw more or less often."""
        if rate_hz := next_rate(self.budget.wanted_s, direction):
            self.budget.want(1 / rate_hz)
            self._set_interval(self.budget.interval_s)
            self.draw()

    def action_help(self) -> None:
        """Show all keys."""
        groups = [
            ("The machines", bindings_of(self.machines.view)),
            ("One machine", MachineScreen.BINDINGS),
            ("Tuning", [*bindings_of(FleetTuneView(self._fleet)), *FleetTuneScreen.BINDINGS]),
            ("Everywhere", self.BINDINGS),
        ]
        in_use = [(name, keymap.in_use(own, self.keys)) for name, own in groups]
        self.push_screen(dialogs.help_dialog(in_use))

    def action_tune(self) -> None:
        """Show what a search has found, and where one begins."""
        if self.tuning is None:
            self.tuning = screen = FleetTuneScreen(self._fleet)
            own = [*bindings_of(screen.view), *FleetTuneScreen.BINDINGS]
            taken = {
                key
                for binding in own
                if isinstance(binding, Binding)
                for key in binding.key.split(",")
            }
            screen.footer.bindings = [
                *own,
                *(
                    binding
                    for binding in self.machines.footer.bindings
                    if not (isinstance(binding, Binding) and binding.key in taken)
                ),
            ]
            # Installed it outlives being left, and the search goes on.
            self.install_screen(screen, "tune")
        if isinstance(self.screen, MachineScreen):
            self.switch_screen("tune")
        elif self.screen is self.machines:
            self.push_screen("tune")
        self.call_after_refresh(self.draw)

    def on_tab_view_said(self, event: TabView.Said) -> None:
        """Show a sentence."""
        self.tell(event.text, is_error=event.is_error)

    def on_fleet_view_opened(self, event: FleetView.Opened) -> None:
        """Show one machine alone."""
        self.open_machine(event.key)

    def open_machine(self, key: str) -> None:
        """Show one machine alone."""
        screen = MachineScreen(key)
        screen.footer.bindings = [*MachineScreen.BINDINGS, *self.machines.footer.bindings]
        self.push_screen(screen)
        self.call_after_refresh(self.draw)

    def action_other_machine(self, direction: int) -> None:
        """Show the next machine of the table, or the one before."""
        screen, table = self.screen, self.machines.view.table
        if isinstance(screen, MachineScreen):
            table.move(direction)
            if table.row is not None:
                screen.key = str(table.row.key)
            self.draw()

    async def on_footer_line_chosen(self, event: FooterLine.Chosen) -> None:
        """Do what the clicked key does."""
        await self.run_action(event.action)


def _has_end(snapshot: FleetSnapshot) -> bool:
    """Whether the run was to end by itself; else the last figures stay to be looked at."""
    config = snapshot.requested
    return config.duration_s is not None or config.iterations is not None


def _notices_of(snapshot: FleetSnapshot, machine: MachineFigures | None) -> tuple[Notice, ...]:
    if machine is None:
        return ()
    return tuple(n for n in snapshot.notices if n.text.startswith(f"{machine.name}:"))
