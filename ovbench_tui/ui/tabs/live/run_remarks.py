"""What a reader of the figures should know: of a scenario its verdict first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.ui.widgets.stability_text import remarks_on

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.engine.api.snapshot import SessionLike


class RunRemarks:
    """A sentence each, the most needed first; a scenario is judged once a second."""

    def __init__(self) -> None:
        self._judged: tuple[object, tuple[str, ...]] = None, ()

    def on(self, run: RunView | None, session: SessionLike, *, measuring: bool) -> tuple[str, ...]:
        """The remarks on this run; of one that is over only what it came to."""
        if run is None:
            return ()
        remarks = remarks_on(run) if measuring else ()
        if not run.config.scenario:
            return remarks
        return (*self._scenario(run, session, measuring=measuring), *remarks)

    def _scenario(self, run: RunView, session: SessionLike, *, measuring: bool) -> tuple[str, ...]:
        key = (run.run_id, int(run.stats.elapsed_s), measuring)
        if key != self._judged[0]:
            from ovbench_tui.engine.api.results import RunResult
            from ovbench_tui.reports.loadgen import scenario_lines

            lines = scenario_lines(RunResult(run, session.latest_bins()))
            self._judged = key, tuple(f"{label}: {text}." for label, text in lines)
        return self._judged[1]
