"""The app of a fleet: keys in, configurations out to all machines, and a clock that draws."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from ovbench_tui.ui.app.bindings.hints import side_by_side_hints
from ovbench_tui.ui.app.bindings.keys import APP_BINDINGS, bindings_of
from ovbench_tui.ui.app.changes import Changes
from ovbench_tui.ui.app.framed import FramedApp
from ovbench_tui.ui.app.frames.writer import is_line_behind
from ovbench_tui.ui.app.nothing_yet import nothing_yet
from ovbench_tui.ui.tabs.fleet.fleet_screens import (
    FleetScreen,
    FramedScreen,
    MachineScreen,
)
from ovbench_tui.ui.tabs.fleet.fleet_tune import FleetTuneScreen, FleetTuneView
from ovbench_tui.ui.widgets.live_screen import LiveScreen
from ovbench_tui.ui.widgets.selector.choices import AvailableChoices, step, waits_for_value

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.snapshot import Notice
    from ovbench_tui.fleet.machine_status import FleetLike, FleetSnapshot, MachineFigures
    from ovbench_tui.ui.app.end_signals import ShutdownWatchdog
    from ovbench_tui.ui.app.preferences import Preferences
    from ovbench_tui.ui.tabs.fleet.fleet_view import FleetView
    from ovbench_tui.ui.tabs.tune.search_view import SearchView
    from ovbench_tui.ui.widgets.hint import Hints

_SHARED = ("quit", "help", "pause", "more-requests", "fewer-requests", "undo", "reset", "log")
_HIDDEN = ("screenshot", "draw-less", "draw-more", "commands", None)
_FLEET_BINDINGS: tuple[Binding, ...] = (
    *(binding for binding in APP_BINDINGS if binding.id in _SHARED),
    Binding(
        "h", "hint(1)", "Hint", tooltip="The next performance hint, on all machines", id="hint"
    ),
    Binding("H", "hint(-1)", "Hint", tooltip="The previous performance hint", id="previous-hint"),
    Binding("t", "tune", "Tune", tooltip="Find the best configuration, on all machines", id="tune"),
    *(binding for binding in APP_BINDINGS if binding.id in _HIDDEN),
)
_BY_ID = {binding.id: binding for binding in _FLEET_BINDINGS if binding.id}


class FleetApp(FramedApp):
    """All machines on one screen.

    Args:
        start: called once, after the first frame.
        clock, refresh_hz, ui_budget_percent, departure: see `FramedApp`; machines report once
            a second.
    """

    TITLE = "ovbench-tui fleet"
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
        departure: ShutdownWatchdog | None = None,
    ) -> None:
        super().__init__(
            preferences,
            clock=clock,
            refresh_hz=refresh_hz,
            ui_budget_percent=ui_budget_percent,
            departure=departure,
        )
        self.snapshot = nothing_yet(config)
        self.fleet_snapshot: FleetSnapshot | None = None
        self.machines = FleetScreen()
        self.tuning: FleetTuneScreen | None = None
        self.machines.general_hints = self._hints
        self._requested = config
        self._changes = Changes()
        self._fleet = fleet
        self._start = start

    # --- life -------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        """Start on all machines."""
        return self.machines

    @property
    def shows_figures(self) -> bool:
        """Whether no dialog lies over the machines."""
        return isinstance(self.screen, LiveScreen)

    def begin(self) -> bool:
        """Start the engines."""
        self._start()
        return True

    # --- frames -----------------------------------------------------------------------------

    def frame(self) -> None:
        """Take a snapshot and draw it."""
        self.fleet_snapshot = snapshot = self._fleet.snapshot()
        self._requested = snapshot.requested  # a search asks for its winner itself
        for notice in self.new_notices(snapshot.notices):
            self.tell(notice.text, is_error=notice.is_error)
        if snapshot.finished and not snapshot.failure and _has_end(snapshot):
            self.exit()
            return
        if not is_line_behind() and self.is_frame_due:
            self.draw()

    def draw(self) -> None:
        """Draw the last snapshot on the screen that is seen."""
        snapshot, screen = self.fleet_snapshot, self._figures
        if snapshot is None:
            return
        if isinstance(screen, (FleetScreen, FleetTuneScreen)):
            screen.draw(snapshot, self.budget.text, self._clock())
        elif isinstance(screen, MachineScreen):
            machine = self._machine(screen.key)
            screen.draw(
                machine,
                self._fleet.run_of(screen.key),
                self._fleet.history_of(screen.key),
                _notices_of(snapshot, machine),
            )

    @property
    def _figures(self) -> LiveScreen:
        """The screen of figures that is seen, also where a dialog lies over it."""
        return next(s for s in reversed(self.screen_stack) if isinstance(s, LiveScreen))

    def _hints(self) -> Hints:
        snapshot, screen = self.fleet_snapshot, self._figures
        message = screen.message if isinstance(screen, FramedScreen) else None
        return side_by_side_hints(
            _BY_ID,
            self.keys,
            is_paused=snapshot is not None and snapshot.is_paused,
            can_undo=self._changes.last is not None,
            is_message_cut=message is not None and message.is_cut,
        )

    def tell(self, text: str, *, is_error: bool = False, stays: bool = False) -> None:
        """Show one sentence over the table: for a while, or until the next one."""
        self.messages.add(text)
        now_s = float("inf") if stays else self._clock()
        for screen in (self.machines, self.tuning):
            if screen is not None:
                screen.message.tell(text, is_error=is_error, now_s=now_s)
                if self.screen is screen:
                    screen.message.flush()

    def _machine(self, key: str) -> MachineFigures | None:
        snapshot = self.fleet_snapshot
        machines = snapshot.machines if snapshot is not None else ()
        return next((machine for machine in machines if machine.key == key), None)

    # --- actions ----------------------------------------------------------------------------

    def configure(self, config: BenchmarkConfig) -> None:
        """Ask every machine for a configuration."""
        if config != self._requested:
            self._changes.note(self._requested)
            self._request(config)

    def _request(self, config: BenchmarkConfig) -> None:
        self._requested = config
        self._fleet.configure(config)
        self.frame()

    def on_search_view_applied(self, event: SearchView.Applied) -> None:
        """Let what a search has changed be undone."""
        self._changes.note(event.before)

    def action_undo(self) -> None:
        """Go back to the configuration before the last change, on all machines."""
        before = self._changes.back(self._requested)
        if before is None:
            self.tell("There is nothing to undo.")
        else:
            self.tell("The last change was undone.")
            self._request(before)

    def action_nireq(self, direction: int) -> None:
        """One infer request more or less, counted from what most machines run with."""
        run = self._fleet.common_run
        offer = AvailableChoices(effective=run.effective if run else None)
        if waits_for_value(self._requested, "nireq", offer):
            self.tell("nireq can be changed once a machine runs and its number is known.")
        elif direction > 0 or self._requested.nireq != 1:  # below 1 is automatic
            self.configure(step(self._requested, "nireq", direction, offer))

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
        self.tell("The statistics of every machine are reset.")

    def action_help(self) -> None:
        """Show all keys."""
        groups = [
            ("The machines", bindings_of(self.machines.view)),
            ("One machine", MachineScreen.BINDINGS),
            ("Tuning", [*bindings_of(FleetTuneView(self._fleet)), *FleetTuneScreen.BINDINGS]),
            ("Everywhere", self.BINDINGS),
        ]
        self.show_keys(groups)

    def action_tune(self) -> None:
        """Show what a search has found, and where one begins."""
        if self.tuning is None:
            self.tuning = screen = FleetTuneScreen(self._fleet)
            screen.general_hints = self._hints
            # Installed it outlives being left, and the search goes on.
            self.install_screen(screen, "tune")
        if isinstance(self.screen, MachineScreen):
            self.switch_screen("tune")
        elif self.screen is self.machines:
            self.push_screen("tune")
        self.call_after_refresh(self.draw)

    def on_fleet_view_opened(self, event: FleetView.Opened) -> None:
        """Show one machine alone."""
        self.open_machine(event.key)

    def open_machine(self, key: str) -> None:
        """Show one machine alone."""
        screen = MachineScreen(key)
        screen.general_hints = self._hints
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


def _has_end(snapshot: FleetSnapshot) -> bool:
    """Whether the run was to end by itself; else the last figures stay to be looked at."""
    config = snapshot.requested
    return config.duration_s is not None or config.iterations is not None


def _notices_of(snapshot: FleetSnapshot, machine: MachineFigures | None) -> tuple[Notice, ...]:
    if machine is None:
        return ()
    return tuple(n for n in snapshot.notices if n.text.startswith(f"{machine.name}:"))
