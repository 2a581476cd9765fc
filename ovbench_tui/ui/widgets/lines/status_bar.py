"""The state, what is asked for and not running yet, and what the screen itself costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.config.benchmark import describe_change
from ovbench_tui.console.text import clean, fit, width_of
from ovbench_tui.stats.self_check import is_costly
from ovbench_tui.ui.widgets.live import LiveWidget, Part
from ovbench_tui.ui.widgets.state_text import state_part

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import Snapshot
    from ovbench_tui.stats.self_check import DisplayOverhead


class StatusBar(LiveWidget):
    """The last line of the figures."""

    def __init__(self, snapshot: Snapshot, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._snapshot = snapshot
        self._cost = ""
        self._is_slowed = False
        self._effect: DisplayOverhead | None = None
        self._checked_run_id = 0

    def show(
        self, snapshot: Snapshot, cost_percent: float, interval_s: float, is_slowed: bool
    ) -> None:
        """Draw the state and the cost of drawing, in percent of one core."""
        self._snapshot = snapshot
        self._is_slowed = is_slowed
        mark = " slowed" if is_slowed else ""
        self._cost = f"UI {cost_percent:4.1f} % · {1 / interval_s:.3g} Hz{mark} "
        run_id = snapshot.run.run_id if snapshot.run else 0
        self.repaint_if_new(
            (state_part(snapshot), snapshot.requested, run_id, snapshot.isolated, self._cost)
        )

    def show_effect(self, effect: DisplayOverhead | None, run_id: int) -> None:
        """Draw what watching costs, for as long as the run that was checked goes on."""
        self._effect = effect
        self._checked_run_id = run_id
        self.repaint()
        self.flush()

    def paint(self) -> None:
        """Draw the line; what watching costs gives way first, then the detail."""
        width = self._painted_size.width
        state, style = state_part(self._snapshot)
        cost = self._cost
        room = max(0, width - 1 - width_of(state) - 3 - width_of(cost))
        detail = self._detail()
        watching, watching_style = self._watching()
        if width_of(detail) + 2 + len(watching) > room:
            watching = ""
        parts: list[Part] = [
            (f" {state}", style),
            ("   ", "base"),
            (fit(detail, room - len(watching)), "label"),
            (watching, watching_style),
            (cost, "warn" if self._is_slowed else "label"),
        ]
        self.set_row(0, *parts)

    def _watching(self) -> Part:
        run, effect = self._snapshot.run, self._effect
        if effect is None or run is None or run.run_id != self._checked_run_id:
            return "", "label"
        return f"watching {effect.ratio:.3f} · ", "warn" if is_costly(effect) else "label"

    def _detail(self) -> str:
        snapshot = self._snapshot
        run = snapshot.run
        if run is None:
            return ""
        pending = clean(describe_change(run.config, snapshot.requested))
        if pending:
            return f"next: {pending}"
        change = clean(run.change)
        text = f"run {run.run_id}: {change}" if change else f"run {run.run_id}"
        return f"{text} · own process" if snapshot.isolated else text
