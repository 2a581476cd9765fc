"""The keys that pause, reset, move, restart or cancel the engine, and change what it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.ui.app.overhead_check.checking import SelfCheckingApp
from ovbench_tui.ui.widgets.selector.choices import (
    EDITS,
    AvailableChoices,
    step,
    waits_for_value,
)
from ovbench_tui.ui.widgets.selector.row_view import model_name
from ovbench_tui.ui.widgets.selector.selector_pane import choices_now

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot
    from ovbench_tui.ui.app.changes import Changes
    from ovbench_tui.ui.tabs.tune.search_view import SearchView


class EngineActionsApp(SelfCheckingApp):
    """An app with a session that keys act upon."""

    snapshot: Snapshot
    _session: SessionLike | None
    _requested: BenchmarkConfig
    _changes: Changes

    @property
    def offer(self) -> AvailableChoices:
        """What there is to choose from now."""
        return choices_now(self.snapshot, self._requested)

    @property
    def requested(self) -> BenchmarkConfig:
        """The configuration last asked for."""
        return self._requested

    def configure(self, config: BenchmarkConfig) -> None:
        """Request a configuration of the session, and show at once that it is requested."""
        if self._session is None or config == self._requested:
            return
        self._changes.note(self._requested)
        self._request(config)

    def _request(self, config: BenchmarkConfig) -> None:
        if self._session is not None:
            self._requested = config
            self._session.configure(config)
            self.frame()

    def on_search_view_applied(self, event: SearchView.Applied) -> None:
        """Let what a search has changed be undone."""
        self._changes.note(event.before)

    def way_back(self, run: RunView) -> str:
        """Say with a new run that another model runs; '' where the model is the same."""
        before = self._changes.last
        if before is None or before.model == run.config.model:
            return ""
        return f"{run.model.name} runs, no longer {model_name(before.model)}."

    @property
    def undo_hint(self) -> str | None:
        """The model that undoing brings back; '' where it is the same one, None = no change."""
        before = self._changes.last
        if before is None:
            return None
        return "" if before.model == self._requested.model else model_name(before.model)

    def change_by(self, row: str, direction: int) -> None:
        """Change a value by a step, as soon as it is known from where."""
        if not waits_for_value(self._requested, row, self.offer):
            self.configure(step(self._requested, row, direction, self.offer))
        elif self._requested.model:
            steps = self._changes.wait(self._requested.model, row, direction)
            title = EDITS[row].title
            self.tell(f"{title} {steps:+d} waits until the model is compiled." if steps else "")

    def take_waiting_steps(self) -> None:
        """Make the changes that had to wait, if they can be made now."""
        if not self._changes.is_waiting:
            return  # what there is to choose from is not looked up in every frame
        for row, steps in self._changes.due(self._requested, self.offer):
            config = self._requested
            for _ in range(abs(steps)):
                config = step(config, row, 1 if steps > 0 else -1, self.offer)
            self.configure(config)

    def action_nireq(self, direction: int) -> None:
        """One infer request more or less."""
        if direction > 0 or self._requested.nireq != 1:  # below 1 is automatic
            self.change_by("nireq", direction)

    def action_undo(self) -> None:
        """Go back to the configuration before the last change."""
        before = self._changes.back(self._requested)
        if before is None:
            self.tell("There is nothing to undo.")
        else:
            self.tell("The last change was undone.")
            self._request(before)

    def action_toggle_pause(self) -> None:
        """Pause or resume."""
        if self._session is not None:
            self._session.toggle_pause()
            self.frame()

    def action_reset_stats(self) -> None:
        """Reset the statistics."""
        if self._session is not None:
            self._session.reset_stats()
            self.frame()

    def action_isolate(self) -> None:
        """Move the engine into a process of its own, or back into a thread."""
        if self._session is not None:
            self._session.isolate(not self.snapshot.isolated)
            self.frame()

    def action_restart(self) -> None:
        """Start a new engine after this one has died or hung."""
        if self._session is None:
            return
        if self.snapshot.can_restart:
            self._session.restart()
            self.tell("A new engine is starting; what was measured is kept.")
            self.frame()
        else:
            self.tell("The engine is working; there is nothing to restart.")

    def action_cancel(self) -> None:
        """Give up a compile."""
        if self._session is None:
            return
        if not self.snapshot.background:
            self.tell("Nothing is being read or compiled.")
        elif not self._session.cancel():
            self.tell(
                "A compile can be cancelled only in an isolated engine: press"
                f" {self.key_of('isolate')} first."
            )
        self.frame()
