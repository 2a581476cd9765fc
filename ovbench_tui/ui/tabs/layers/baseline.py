"""The Layers tab against a baseline: the layers of this run beside those of an earlier one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovbench_tui.config.benchmark import describe_change
from ovbench_tui.console.text import clean, fit
from ovbench_tui.console.units import COLUMN_WIDTH, DurationColumn
from ovbench_tui.layers.comparison import ComparedPart, LayerComparison, compare_layers
from ovbench_tui.layers.matching import Change
from ovbench_tui.layers.sample import Sample
from ovbench_tui.layers.words import executed_as
from ovbench_tui.reports.counters import are_running_means
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Line, Row

if TYPE_CHECKING:
    from ovbench_tui.engine.api.events import LayerTime
    from ovbench_tui.engine.api.results import RunView

BASELINE_COLUMNS = (
    Column("Layer", 20, most=60, cuts_middle=True),
    Column("Time", COLUMN_WIDTH, is_right=True, most_first=True),
    Column("Baseline", COLUMN_WIDTH, is_right=True, most_first=True),
    Column("Difference", COLUMN_WIDTH + 1, is_right=True, most_first=True, rank=1),
    Column("Ratio", 6, is_right=True, most_first=True),
    Column("Changed", 17, most=52),
    Column("Executed as", 14, most=40, rank=2),
)
_ONE_COMPILE = "The means go on from those of the baseline."
_WITH_INTERVALS = "For intervals: ovbench-tui layers."


@dataclass(frozen=True, slots=True)
class KeptLayers:
    """The layers of a run of this session, as they were seen last."""

    run: RunView
    layers: tuple[LayerTime, ...]


@dataclass(frozen=True, slots=True)
class AgainstBaseline:
    """The layers of this run, part by part, beside those of the baseline.

    Attributes:
        is_pinned: the baseline is the run that is pinned in the Runs tab.
    """

    baseline: KeptLayers
    now: KeptLayers
    found: LayerComparison
    is_pinned: bool

    @property
    def _is_one_compile(self) -> bool:
        """Whether both ran one compiled model, so that its means hold the inferences of both."""
        run, other = self.baseline.run, self.now.run
        is_same = (run.read_ms, run.compile_ms) == (other.read_ms, other.compile_ms)
        return is_same and are_running_means(other.effective)

    def head(self, width: int) -> tuple[Line, ...]:
        """Which run it is compared with, the sums, how sure it is, and what is otherwise."""
        run, parts = self.baseline.run, self.found.parts
        times = DurationColumn.of((_total(self.now), _total(self.baseline)))
        now, was = (times.write(_total(side)).strip() for side in (self.now, self.baseline))
        title = f" Against run {run.run_id} ({'pinned' if self.is_pinned else 'the first'})"
        counts = (
            f"{count} {change.value}"
            for change in Change
            if (count := sum(change in part.changes for part in parts))
        )
        changes = ", ".join(counts) or "the same layers"
        how_sure, advice = "one sample each: no interval", _WITH_INTERVALS
        if self._is_one_compile:
            how_sure, advice = "not compiled again", _ONE_COMPILE
        change = clean(describe_change(run.config, self.now.run.config)) or "the same settings"
        return (
            (
                (title, "title"),
                (f"  {now}, was {was}", "value"),
                (f"  {how_sure}", "warn"),
            ),
            ((fit(f" {change}: {changes}. {advice}", width), "label"),),
        )

    def foot(self, index: int, width: int) -> tuple[Line, ...]:
        """What the row of a part does not show in full."""
        part = self.found.parts[index]
        a, b = (_layers_text(layers) for layers in (part.a, part.b))
        text = f" {b}" if a == b else f" {b or 'removed'}, was {a or 'not there'}"
        return (((fit(clean(text), width), "base"),),)

    def rows(self) -> list[Row]:
        """A row for each part."""
        parts = self.found.parts
        times = DurationColumn.of(
            ms for part in parts for ms in (part.times.mean_a_ms, part.times.mean_b_ms) if ms > 0
        )
        return [_row(index, part, times) for index, part in enumerate(parts)]


def against_baseline(
    baseline: KeptLayers, now: KeptLayers, *, is_pinned: bool
) -> AgainstBaseline | None:
    """Match the layers of two runs; None where one has none."""
    if not baseline.layers or not now.layers:
        return None
    # Its latency is of all infer requests, so it is not held against the layers.
    a, b = ([Sample(side.layers, math.nan, 0)] for side in (baseline, now))
    found = compare_layers(a, b)
    return AgainstBaseline(baseline, now, found, is_pinned) if found is not None else None


def _row(index: int, part: ComparedPart, times: DurationColumn) -> Row:
    was_ms, now_ms, more_ms = (
        part.times.mean_a_ms,
        part.times.mean_b_ms,
        part.times.difference_ms,
    )
    ratio = part.times.ratio.ratio
    changes = ", ".join(change.value for change in part.changes)
    sign = "+" if more_ms >= 0 else "-"
    return Row(
        index,
        (
            Cell(part.name, order=part.name),
            Cell(times.write(now_ms if part.b else math.nan), order=now_ms),
            Cell(times.write(was_ms if part.a else math.nan), "label", order=was_ms),
            Cell(f"{sign}{times.write(abs(more_ms)).lstrip()}", order=more_ms),
            Cell("" if math.isnan(ratio) else f"{ratio:.2f}", order=_order(ratio)),
            Cell(changes, "warn", order=changes),
            Cell(executed_as(part.b or part.a), "label"),
        ),
        words=changes,
    )


def _order(ratio: float) -> float | None:
    return None if math.isnan(ratio) else ratio


def _total(side: KeptLayers) -> float:
    return sum(layer.real_ms for layer in side.layers)


def _layers_text(layers: tuple[LayerTime, ...]) -> str:
    return " + ".join(f"{layer.name} {layer.node_type} {layer.exec_type}" for layer in layers)
