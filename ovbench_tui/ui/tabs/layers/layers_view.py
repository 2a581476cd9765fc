"""The tab of layers: where the time of an inference goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ovbench_tui.console.text import clean, fit
from ovbench_tui.console.units import duration_parts
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.reports.counters import are_running_means, covered_inferences
from ovbench_tui.reports.layer_table import (
    Fate,
    LayerRow,
    MeanProfile,
    by_precision,
    by_type,
    is_other_precision,
    layers_csv,
)
from ovbench_tui.ui.app.nothing_yet import why_nothing_runs
from ovbench_tui.ui.dialogs import factory as dialogs
from ovbench_tui.ui.dialogs.write_file import checked_path, write_file
from ovbench_tui.ui.tabs.layers.baseline import (
    BASELINE_COLUMNS,
    AgainstBaseline,
    KeptLayers,
    against_baseline,
)
from ovbench_tui.ui.tabs.layers.layer_rows import (
    COLUMNS,
    FOLLOWING,
    LAYER_COLUMNS,
    Grouping,
    fate_text,
    group_row,
    layer_row,
    times_of,
)
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.table.live_table import LiveTable
from ovbench_tui.ui.widgets.table.table_view import TableView

if TYPE_CHECKING:
    from ovbench_tui.engine.api.events import ProfileTaken
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot
    from ovbench_tui.ui.widgets.table.table_parts import Line

_FIRST_LOOKS = 5
_FIRST_EVERY_S = 2.0
_EVERY_S = 5.0
_LATENCIES_BETWEEN = 20
"""A look empties the queue and fills it again; a slow model is looked at less often."""

_NOT_ASKED = (
    "No layer times yet. To collect them the model is compiled again with PERF_COUNT;"
    " timing every layer costs some speed, so that is a run of its own."
)
_OF_PIPELINE = (
    "openvino-genai runs this model, and reports no layer times. The openvino_model.xml of such a"
    " folder, given as the model, is run as it is and can be timed."
)
_NOTHING_TO_COMPARE = "There are no layer times yet that could be compared."
_NO_BASELINE = (
    "No other run of this model has layer times yet: change a setting, and this run becomes the"
    " baseline of the next."
)
_TO_COME = "Collecting layer times; the first appear in a moment."

_FOOT_FROM_HEIGHT = 6
"""Bodies of fewer rows are for the table alone."""


class LayersView(TableView):
    """Looks at the layer times every few seconds while it is seen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Collect layer times (recompiles)", show=False),
        Binding("o", "stop", "Stop collecting layer times (recompiles)", show=False),
        Binding("p", "baseline", "Compare with the layers of a baseline run", show=False),
        Binding("y,a", "group", "By layer, by type, by executed precision", show=False),
        Binding("w", "write", "Write the layers to a CSV file", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(LiveTable(LAYER_COLUMNS, sort_by="Time"))
        self._grouping = Grouping.LAYER
        self._snapshot: Snapshot | None = None
        self._run_id = 0
        self._profile: ProfileTaken | None = None
        self._mean = MeanProfile(is_running_mean=False)
        self._layers: tuple[LayerRow, ...] = ()
        self._kept: dict[int, KeptLayers] = {}
        self._compares = False
        self._against: AgainstBaseline | None = None
        self._looks = 0
        self._taken = 0
        self._due_s = 0.0

    def show(self, snapshot: Snapshot, session: SessionLike) -> None:
        """Take the last layer times, and ask for others when it is time."""
        self._snapshot = snapshot
        run = snapshot.run
        if run is None or run.run_id != self._run_id:
            self._begin(run)
        is_requested = run is not None and run.config.perf_counts
        if is_requested:
            profile = session.layer_times(fresh=self._is_due(snapshot))
            if profile is not None and profile is not self._profile:
                self._profile = profile
                self._taken += 1
                self._mean.add(profile)
                self._layers = self._mean.rows
                if run is not None:
                    self._kept[run.run_id] = KeptLayers(run, self._mean.layers)
                self._fill()
        if self._against is not None and self._against.baseline is not self._baseline:
            self._fill()
            self.repaint()
        self.table.empty = self._why_empty(run)
        is_pending = run is not None and snapshot.requested.perf_counts != run.config.perf_counts
        self.repaint_if_new((self._run_id, is_requested, is_pending, self._taken, self.table.empty))

    def head(self, width: int, height: int) -> Sequence[Line]:
        """Return what there is in all, and what it costs to know."""
        run = self._snapshot.run if self._snapshot else None
        if run is None or not self._layers or height < 10:
            return ()
        if self._against is not None:
            return self._against.head(width)
        executed = sum(row.fate is Fate.EXECUTED for row in self._layers)
        number, unit = duration_parts(sum(row.real_ms for row in self._layers))
        others = sum(is_other_precision(row, run.effective.precision) for row in self._layers)
        first: Line = (
            (f" {executed} of {len(self._layers)} layers executed", "title"),
            (f"   {number} {unit} in all", "value"),
            (f"   {others} not in {clean(run.effective.precision)}" if others else "", "warn"),
        )
        return (first, ((fit(f" {self._about(run)}", width), "label"),))

    def foot(self, width: int, height: int) -> Sequence[Line]:
        """Return what the row under the cursor does not show in full."""
        row = self.table.row
        if self._against is not None and row is not None and isinstance(row.key, int):
            return self._against.foot(row.key, width) if height >= _FOOT_FROM_HEIGHT else ()
        is_layer = self._grouping is Grouping.LAYER and height >= _FOOT_FROM_HEIGHT
        if row is None or not is_layer or not isinstance(row.key, int):
            return ()
        layer = self._layers[row.key]
        text = f" {layer.name}  {layer.node_type}  {layer.exec_type}  {fate_text(layer)}"
        return (((fit(clean(text), width), "base"),),)

    def own_hints(self) -> Sequence[Hint]:
        """Return the keys that make sense now."""
        if self._is_pipeline:
            return ()
        if not self._is_collecting:
            return (Hint("enter", "Collect layer times", "choose"),)
        return (
            *self._baseline_hint(),
            Hint("y", FOLLOWING[self._grouping][1], "group"),
            Hint("w", "Write CSV", "write"),
            Hint("o", "Stop collecting", "stop"),
        )

    # --- keys -------------------------------------------------------------------------------

    def action_choose(self) -> None:
        """Compile with PERF_COUNT, unless that is so."""
        snapshot = self._snapshot
        if snapshot is None:
            return
        if snapshot.run is None:
            self.post_message(self.Said(why_nothing_runs(snapshot)))
        elif self._is_pipeline:
            self.post_message(self.Said(_OF_PIPELINE))
        elif not snapshot.requested.perf_counts:
            self.post_message(
                self.Said("Compiling with PERF_COUNT: a run of its own, somewhat slower.")
            )
            self.post_message(self.Asked(replace(snapshot.requested, perf_counts=True)))

    def action_stop(self) -> None:
        """Compile without PERF_COUNT."""
        if self._snapshot is not None and self._snapshot.requested.perf_counts:
            self.post_message(self.Asked(replace(self._snapshot.requested, perf_counts=False)))
        else:
            self.post_message(self.Said("No layer times are collected."))

    def action_group(self) -> None:
        """Show layers, types or precisions."""
        self._compares = False
        self._grouping = FOLLOWING[self._grouping][0]
        self._show_again()

    def action_baseline(self) -> None:
        """Compare with the baseline, or no longer."""
        if self._compares or self._baseline is not None:
            self._compares = not self._compares
            self._grouping = Grouping.LAYER
            self._show_again()
        else:
            self.post_message(self.Said(_NO_BASELINE if self._layers else _NOTHING_TO_COMPARE))

    def _show_again(self) -> None:
        self._fill()
        if not self.table.sort_by[0]:
            self.table.sort("Time")
        self.redraw()

    def action_write(self) -> None:
        """Ask for a file, and write the layers there."""
        snapshot = self._snapshot
        if snapshot is None or snapshot.run is None or not self._layers:
            self.post_message(self.Said("There are no layer times to write yet."))
            return
        layers = self._csv

        def write(text: str | None) -> None:
            if text is not None:
                sentence, is_error = write_file(checked_path(text), layers)
                self.post_message(self.Said(sentence, is_error=is_error))

        name = re.sub(r"[^\w.-]+", "_", Path(snapshot.run.model.name).stem)[:60]
        self.app.push_screen(
            dialogs.value_editor(
                "Write the layers",
                "A CSV file with every layer; an existing file is replaced.",
                f"layers-{name}.csv",
                checked_path,
            ),
            write,
        )

    # --- content ----------------------------------------------------------------------------

    @property
    def _csv(self) -> str:
        """What is shown, for a file."""
        if self._against is not None:
            # Only now: it brings along what a comparison leaves behind on the command line.
            from ovbench_tui.layers.report import layers_csv as compared_csv

            return compared_csv(self._against.found)
        return layers_csv(sorted(self._layers, key=lambda row: -row.real_ms))

    @property
    def _baseline(self) -> KeptLayers | None:
        """The pinned run, else the first one of the current model, if its layers are known."""
        others = [kept for run_id, kept in self._kept.items() if run_id != self._run_id]
        pinned = next((kept for kept in others if kept.run.run_id == self.pinned_run), None)
        run = self._snapshot.run if self._snapshot else None
        if pinned is not None or run is None:
            return pinned
        return next((kept for kept in others if kept.run.config.model == run.config.model), None)

    def _baseline_hint(self) -> Sequence[Hint]:
        if self._compares:
            return (Hint("p", "Layers alone", "baseline"),)
        return (Hint("p", "Compare", "baseline"),) if self._baseline is not None else ()

    def _find_against(self) -> AgainstBaseline | None:
        baseline, now = self._baseline, self._kept.get(self._run_id)
        if not self._compares or baseline is None or now is None:
            return None
        is_pinned = baseline.run.run_id == self.pinned_run
        return against_baseline(baseline, now, is_pinned=is_pinned)

    @property
    def _is_collecting(self) -> bool:
        run = self._snapshot.run if self._snapshot else None
        return run is not None and run.config.perf_counts

    @property
    def _is_pipeline(self) -> bool:
        run = self._snapshot.run if self._snapshot else None
        return run is not None and run.model.is_pipeline

    def _begin(self, run: RunView | None) -> None:
        self._run_id = run.run_id if run else 0
        self._profile = None
        is_running_mean = run is not None and are_running_means(run.effective)
        self._mean = MeanProfile(is_running_mean=is_running_mean)
        self._layers = ()
        self._looks = 0
        self._due_s = 0.0
        self._fill()

    def _is_due(self, snapshot: Snapshot) -> bool:
        """Whether to look again; at a paused run only where nothing was seen of it yet."""
        is_fed = snapshot.state is WorkerState.RUNNING and snapshot.measuring
        if not is_fed and not (snapshot.state is WorkerState.PAUSED and not self._looks):
            return False
        now_s = self.app.now_s()  # type: ignore[attr-defined]  # the one app these tabs have
        if now_s < self._due_s:
            return False
        self._looks += 1
        every_s = _FIRST_EVERY_S if self._looks < _FIRST_LOOKS else _EVERY_S
        latency_s = snapshot.run.stats.p50_ms / 1e3 if snapshot.run else 0.0
        if latency_s > 0:  # NaN before the first
            every_s = max(every_s, _LATENCIES_BETWEEN * latency_s)
        self._due_s = now_s + every_s
        return True

    def _why_empty(self, run: RunView | None) -> str:
        if run is None:
            return why_nothing_runs(self._snapshot) if self._snapshot else ""
        if run.model.is_pipeline:
            return _OF_PIPELINE
        if run.config.perf_counts:
            return (self._profile.reason if self._profile else "") or _TO_COME
        if self._snapshot is not None and self._snapshot.requested.perf_counts:
            return "The model is being compiled with PERF_COUNT."
        return _NOT_ASKED

    def _about(self, run: RunView) -> str:
        if self._profile is not None and self._profile.reason:
            return self._profile.reason
        is_whole = are_running_means(run.effective)
        what = covered_inferences(run.effective) if is_whole else self._looks_text()
        return f"{what}; PERF_COUNT costs speed."

    def _looks_text(self) -> str:
        count = self._mean.count
        return f"mean of {count} look{'s' if count != 1 else ''}"

    def _fill(self) -> None:
        run = self._snapshot.run if self._snapshot else None
        requested = run.effective.precision if run else ""
        self._against = self._find_against()
        self.table.set_columns(
            COLUMNS[self._grouping] if self._against is None else BASELINE_COLUMNS
        )
        if self._against is not None:
            rows = self._against.rows()
        elif self._grouping is Grouping.LAYER:
            times = times_of(self._layers)
            rows = [
                layer_row(index, row, requested, times) for index, row in enumerate(self._layers)
            ]
        else:
            groups = by_type if self._grouping is Grouping.TYPE else by_precision
            is_precision = self._grouping is Grouping.PRECISION
            grouped = groups(self._layers)
            times = times_of(grouped)
            rows = [group_row(group, requested if is_precision else "", times) for group in grouped]
        self.table.set_rows(rows)
