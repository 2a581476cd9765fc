"""The first line: what runs where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_count, format_elapsed
from ovbench_tui.console.text import clean, fit, width_of
from ovbench_tui.console.units import MILLISECONDS, Unit, in_unit
from ovbench_tui.ui.widgets.live import LiveWidget, Part
from ovbench_tui.ui.widgets.sample_text import now_text
from ovbench_tui.ui.widgets.selector.row_view import view_of
from ovbench_tui.ui.widgets.state_text import state_part

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import Snapshot


class HeaderLine(LiveWidget):
    """Program, model, device, version and state, and of the figures those that are not seen."""

    def __init__(self, snapshot: Snapshot, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._snapshot = snapshot
        self._figures = ""
        self._extent = ("", "")

    def show(
        self,
        snapshot: Snapshot,
        latency_unit: Unit = MILLISECONDS,
        *,
        with_figures: bool,
        with_extent: bool = False,
    ) -> None:
        """Draw the line for this snapshot, with the figures that nothing else shows.

        Args:
            with_figures: with the main ones.
            with_extent: with how much was measured.
        """
        self._snapshot = snapshot
        run = snapshot.run
        self._figures, self._extent = "", ("", "")
        if with_extent and run is not None:
            elapsed = f"{format_elapsed(run.stats.elapsed_s)}   "
            self._extent = f"{format_count(run.stats.count)} in {elapsed}", elapsed
        if with_figures and run is not None:
            median = in_unit(run.stats.p50_ms, latency_unit)
            self._figures = f"{now_text(run.stats)} {run.effective.unit}  p50 {median}   "
        run_id = run.run_id if run else 0
        self.repaint_if_new(
            (
                state_part(snapshot),
                snapshot.requested,
                run_id,
                snapshot.openvino_version,
                self._figures,
                self._extent,
            )
        )

    def paint(self) -> None:
        """Draw the line; the name gives way first."""
        snapshot = self._snapshot
        width = self._painted_size.width
        name = view_of("model", snapshot.requested, snapshot.run).text
        device = view_of("device", snapshot.requested, snapshot.run).text
        is_narrow = width < 60
        figures = self._extent[is_narrow] + ("" if is_narrow else self._figures)
        version = f"OpenVINO {clean(snapshot.openvino_version)}   "
        version = version if snapshot.openvino_version and width >= (100 if figures else 76) else ""
        state = state_part(snapshot)
        program = " " if is_narrow else " ovbench-tui  "
        tail = f"  on {device}"
        room = width - len(program) - len(figures) - len(version) - width_of(state[0]) - 2
        if width_of(name) + width_of(tail) > room:
            name = fit(name, max(1, room - width_of(tail)))
        used = width_of(name) + width_of(tail)
        parts: list[Part] = [
            (program, "title"),
            (name, "value"),
            (tail, "label"),
            (" " * max(1, room - used + 1), "base"),
            (figures, "value"),
            (version, "label"),
            state,
        ]
        self.set_row(0, *parts)
