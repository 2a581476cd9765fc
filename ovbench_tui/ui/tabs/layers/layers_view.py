"""The tab of layers: where the time of an inference goes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ovbench_tui.console.text import clean, fit
from ovbench_tui.console.units import COLUMN_WIDTH, DurationColumn, duration_parts
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.reports.counters import are_running_means, covered_inferences
from ovbench_tui.reports.layer_table import (
    Fate,
    GroupRow,
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
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.table.live_table import LiveTable
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Line, Row
from ovbench_tui.ui.widgets.table.table_view import TableView

if TYPE_CHECKING:
    from ovbench_tui.engine.api.events import ProfileTaken
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot

_FIRST_LOOKS = 5
_FIRST_EVERY_S = 2.0
_EVERY_S = 5.0
_LATENCIES_BETWEEN = 20
"""A look empties the queue and fills it again; a slow model is looked at less often."""

_NO_NAME = "unavailable"


class Grouping(Enum):
    """What a row of the table stands for; the value is its title."""

    LAYER = "Layer"
    TYPE = "Type"
    PRECISION = "Executed in"


_TIMES = (
    Column("Time", COLUMN_WIDTH, is_right=True, most_first=True),
    Column("%", 5, is_right=True, most_first=True),
    Column("Share", 7, most=40, rank=2, most_first=True),
    Column("CPU time", COLUMN_WIDTH, rank=4, is_right=True, most_first=True),
)
_LAYER_COLUMNS = (
    Column("Layer", 24, most=60, cuts_middle=True),
    Column("Type", 12, most=22, rank=1),
    Column("Executed as", 14, most=26, rank=3),
    Column("Runs in", 7),
    *_TIMES,
)
_COLUMNS = {
    Grouping.LAYER: _LAYER_COLUMNS,
    **{
        grouping: (
            Column(grouping.value, 14, most=40),
            Column("Layers", 7, is_right=True, most_first=True),
            Column("Executed", 9, is_right=True, most_first=True),
            *_TIMES,
        )
        for grouping in (Grouping.TYPE, Grouping.PRECISION)
    },
}
_NOT_ASKED = (
    "No layer times yet. To collect them the model is compiled again with PERF_COUNT;"
    " timing every layer costs some speed, so that is a run of its own."
)
_OF_PIPELINE = (
    "openvino-genai runs this model, and reports no layer times. The openvino_model.xml of such a"
    " folder, given as the model, is run as it is and can be timed."
)
_TO_COME = "Collecting layer times; the first appear in a moment."

_FOOT_FROM_HEIGHT = 6
"""Bodies of fewer rows are for the table alone."""


class LayersView(TableView):
    """Looks at the layer times every few seconds while it is seen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Collect layer times (recompiles)", show=False),
        Binding("o", "stop", "Stop collecting layer times (recompiles)", show=False),
        Binding("y,a", "group", "By layer, by type, by executed precision", show=False),
        Binding("w", "write", "Write the layers to a CSV file", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(LiveTable(_LAYER_COLUMNS, sort_by="Time"))
        self._grouping = Grouping.LAYER
        self._snapshot: Snapshot | None = None
        self._run_id = 0
        self._profile: ProfileTaken | None = None
        self._mean = MeanProfile(is_running_mean=False)
        self._layers: tuple[LayerRow, ...] = ()
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
                self._fill()
        self.table.empty = self._why_empty(run)
        is_pending = run is not None and snapshot.requested.perf_counts != run.config.perf_counts
        self.repaint_if_new((self._run_id, is_requested, is_pending, self._taken, self.table.empty))

    def head(self, width: int, height: int) -> Sequence[Line]:
        """Return what there is in all, and what it costs to know."""
        run = self._snapshot.run if self._snapshot else None
        if run is None or not self._layers or height < 10:
            return ()
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
        is_layer = self._grouping is Grouping.LAYER and height >= _FOOT_FROM_HEIGHT
        if row is None or not is_layer or not isinstance(row.key, int):
            return ()
        layer = self._layers[row.key]
        text = f" {layer.name}  {layer.node_type}  {layer.exec_type}  {_fate_text(layer)}"
        return (((fit(clean(text), width), "base"),),)

    def own_hints(self) -> Sequence[Hint]:
        """Return the keys that make sense now."""
        if self._is_pipeline:
            return ()
        if not self._is_collecting:
            return (Hint("enter", "Collect layer times", "choose"),)
        return (
            Hint("y", _FOLLOWING[self._grouping][1], "group"),
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
        self._grouping = _FOLLOWING[self._grouping][0]
        self.table.set_columns(_COLUMNS[self._grouping])
        if not self.table.sort_by[0]:
            self.table.sort("Time")
        self._fill()
        self.redraw()

    def action_write(self) -> None:
        """Ask for a file, and write the layers there."""
        snapshot = self._snapshot
        if snapshot is None or snapshot.run is None or not self._layers:
            self.post_message(self.Said("There are no layer times to write yet."))
            return
        layers = sorted(self._layers, key=lambda row: -row.real_ms)

        def write(text: str | None) -> None:
            if text is not None:
                sentence, is_error = write_file(checked_path(text), layers_csv(layers))
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
        if self._grouping is Grouping.LAYER:
            times = _times(self._layers)
            rows = [
                _layer_row(index, row, requested, times) for index, row in enumerate(self._layers)
            ]
        else:
            groups = by_type if self._grouping is Grouping.TYPE else by_precision
            is_precision = self._grouping is Grouping.PRECISION
            grouped = groups(self._layers)
            times = _times(grouped)
            rows = [
                _group_row(group, requested if is_precision else "", times) for group in grouped
            ]
        self.table.set_rows(rows)


_FOLLOWING = {
    Grouping.LAYER: (Grouping.TYPE, "By type"),
    Grouping.TYPE: (Grouping.PRECISION, "By precision"),
    Grouping.PRECISION: (Grouping.LAYER, "By layer"),
}


def _layer_row(index: int, layer: LayerRow, requested: str, times: DurationColumn) -> Row:
    is_executed = layer.fate is Fate.EXECUTED
    style = "value" if is_executed else "label"
    precision_style = "warn" if is_other_precision(layer, requested) else style
    return Row(
        index,
        (
            Cell(layer.name, style, order=layer.name),
            Cell(layer.node_type, style, order=layer.node_type),
            Cell(layer.exec_type, "label", order=layer.exec_type),
            Cell(layer.precision if is_executed else "", precision_style, order=layer.precision),
            *_time_cells(layer.real_ms, layer.cpu_ms, layer.share, _fate_text(layer), times),
        ),
        words=layer.fate.value,
    )


def _group_row(group: GroupRow, requested: str, times: DurationColumn) -> Row:
    is_other = bool(requested) and group.name not in ("", requested)
    return Row(
        group.name,
        (
            Cell(group.name or _NO_NAME, "warn" if is_other else "value", order=group.name),
            Cell(str(group.count), order=group.count),
            Cell(str(group.executed), order=group.executed),
            *_time_cells(
                *(group.real_ms, group.cpu_ms, group.share),
                "" if group.executed else "none run",
                times,
            ),
        ),
    )


def _times(rows: Iterable[LayerRow | GroupRow]) -> DurationColumn:
    """One unit for all layers."""
    return DurationColumn.of(ms for row in rows for ms in (row.real_ms, row.cpu_ms) if ms > 0)


def _time_cells(
    real_ms: float, cpu_ms: float, share: float, why_none: str, times: DurationColumn
) -> tuple[Cell, ...]:
    if why_none:
        return (Cell(why_none, "label"), Cell(), Cell(), Cell())
    return (
        Cell(times.write(real_ms), order=real_ms),
        Cell(f"{share * 100:.1f}", order=share),
        Cell(style="bar", share=share, order=share),
        Cell(times.write(cpu_ms), "label", order=cpu_ms),
    )


def _fate_text(layer: LayerRow) -> str:
    return "" if layer.fate is Fate.EXECUTED else layer.fate.value
