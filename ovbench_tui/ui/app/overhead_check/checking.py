"""The app's part of the overhead check: when one begins, what ends it, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.events import Event, Key, MouseDown, Resize

from ovbench_tui.stats.self_check import OverheadCheck, phase_long_enough_s
from ovbench_tui.ui.app.framed import FramedApp
from ovbench_tui.ui.app.overhead_check.self_check_run import (
    SelfCheckRun,
    describe_end,
    inferences_per_s,
    why_not,
)

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import Progress
    from ovbench_tui.stats.self_check import DisplayOverhead
    from ovbench_tui.ui.app.end_signals import ShutdownWatchdog
    from ovbench_tui.ui.app.preferences import Preferences
    from ovbench_tui.ui.tabs.live.monitor_screen import MonitorScreen

_KEY = "b"
_RUN_BEFORE_CHECK_S = 1.0


class SelfCheckingApp(FramedApp):
    """An app that can measure what its own drawing costs.

    Attributes:
        observer_effect: what the last overhead check found, or None; `observed_run_id` is its run.
        overhead_reason: why the overhead check asked for by `blind_s` has no result, in a
            sentence; '' when it has one or none was asked for.
    """

    monitor: MonitorScreen

    def __init__(
        self,
        preferences: Preferences | None,
        blind_s: float | None,
        *,
        clock: Callable[[], float],
        refresh_hz: float,
        ui_budget_percent: float,
        departure: ShutdownWatchdog | None,
    ) -> None:
        super().__init__(
            preferences,
            clock=clock,
            refresh_hz=refresh_hz,
            ui_budget_percent=ui_budget_percent,
            departure=departure,
        )
        self.observer_effect: DisplayOverhead | None = None
        self.observed_run_id = 0
        self.overhead_reason = ""
        if blind_s is not None:
            self.overhead_reason = "The overhead check did not start: the run was already over."
        self._blind_s = blind_s
        self._check_requested = blind_s is not None
        self._check: SelfCheckRun | None = None

    def now_s(self) -> float:
        """Wall seconds."""
        raise NotImplementedError

    def progress(self) -> Progress:
        """How far the engine is; nothing is folded."""
        raise NotImplementedError

    def draw_by_itself(self, *, is_on: bool) -> None:
        """Draw frame after frame, or nothing at all and without a timer to wake for."""
        raise NotImplementedError

    @property
    def is_check_due(self) -> bool:
        """Whether an overhead check goes on, or is asked for and about to begin."""
        return self._check is not None or self._check_requested

    def begin_check_in_time(self) -> None:
        """Begin the overhead check of the command line as soon as there is something to check."""
        if self._check_requested and self._may_begin_by_itself():
            self._begin_check(self._blind_s)

    def ends_check(self, event: Event) -> bool:
        """Let whatever makes the screen draw end the check; True for a key meant for that."""
        if self._check is None:
            return False
        if isinstance(event, Resize):
            self.stop_check("the terminal changed its size")
        elif isinstance(event, (Key, MouseDown)) and not event.is_forwarded:
            self.stop_check("a key or a click stopped it")
            own = self.keys.get("self-check", _KEY).split(",")
            return isinstance(event, Key) and event.key in (*own, "escape")
        return False

    def action_self_check(self) -> None:
        """Measure what watching costs."""
        reason = why_not(self.snapshot)
        if reason:
            self.tell(reason)
        elif self._check is None:
            self._begin_check(self._blind_s)

    def _may_begin_by_itself(self) -> bool:
        run = self.snapshot.run
        return (
            self.screen is self.monitor
            and run is not None
            and run.stats.elapsed_s >= _RUN_BEFORE_CHECK_S
            and not why_not(self.snapshot)
        )

    def _begin_check(self, phase_s: float | None) -> None:
        run = self.snapshot.run
        if run is None:
            return
        self._check_requested = False
        if phase_s is None:
            phase_s = phase_long_enough_s(inferences_per_s(self.snapshot), self.budget.interval_s)
        check = OverheadCheck(self.now_s(), run.run_id, phase_s=phase_s)
        self._check = SelfCheckRun(self, check, self._note_check)
        self._check.begin()

    def stop_check(self, why: str) -> None:
        """End the overhead check that goes on, if one does."""
        if self._check is not None:
            self._check.stop(why)

    def _note_check(self) -> None:
        if self._check is None:
            return
        check, self._check = self._check.check, None
        effect = check.effect
        if effect is None:
            # Who began it with its key has read why; who asked for it on the command line is
            # told at the end.
            if self._blind_s is not None and self.observer_effect is None:
                self.overhead_reason = describe_end(check, isolated=self.snapshot.isolated)
            return
        self.overhead_reason = ""
        self.observer_effect, self.observed_run_id = effect, check.run_id
        self.monitor.status.show_effect(effect, check.run_id)
