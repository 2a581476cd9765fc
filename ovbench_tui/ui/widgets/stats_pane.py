"""The figures of the current run, in as many columns as fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.units import (
    FIXED_WIDTH,
    MILLISECONDS,
    DurationColumn,
    StickyUnit,
    Unit,
)
from ovbench_tui.ui.widgets import glyphs
from ovbench_tui.ui.widgets.limit_text import marked
from ovbench_tui.ui.widgets.live import LiveWidget, Part
from ovbench_tui.ui.widgets.sample_text import (
    now_text,
)
from ovbench_tui.ui.widgets.stats_figures import LOST, NO_UNIT, Figure, Figures, figures_for

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import RunView

_TWO_COLUMNS_FROM_WIDTH = 42
_GAP = 2
_LARGE_ROWS = glyphs.HEIGHT + 1
_MAY_GO = 1
"""Rows at the end that say less than large digits do: how long the file took to read."""

_VALUE_WIDTH = 16
_NARROW_VALUE_WIDTH = 11
_LATENCY_WIDTH = 18
_BEFORE_FROM_WIDTH = 34
_BEFORE_WIDTH = 24
"""Of a value with what it needs: ``needs 6,636    99.6  ms``."""
_TEXTS_KEPT = 100


class _Written:
    """The durations of a column as text: from one frame to the next most are as they were."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self._column = DurationColumn(unit)
        self._texts: dict[float, str] = {}

    def text(self, ms: float) -> str:
        """The text of milliseconds."""
        text = self._texts.get(ms)
        if text is None:
            if len(self._texts) >= _TEXTS_KEPT:
                self._texts.clear()
            text = self._texts[ms] = self._column.write(ms)
        return text


@dataclass(frozen=True, slots=True)
class _Columns:
    """How the durations of a run are written."""

    latency: _Written
    step: _Written


@dataclass(frozen=True, slots=True)
class _Slot:
    """A figure in its place: the label padded, and where its value comes from."""

    label: Part
    figure: Figure | None = None
    value_width: int = 0
    has_before: bool = False

    def value(self, run: RunView | None, columns: _Columns) -> str:
        """What stands here; a dash for what has no value yet."""
        figure = self.figure
        if run is None or figure is None:
            return DASH
        text = self._text(figure, run, columns)
        text = marked(run, figure.limit, text) if figure.limit else text
        before = figure.before(run) if self.has_before and figure.before else ""
        return f"{before}  {text}" if before else text

    def _text(self, figure: Figure, run: RunView, columns: _Columns) -> str:
        if figure.latency_of is not None:
            return columns.latency.text(figure.latency_of(run))
        if figure.step_of is not None:
            return columns.step.text(figure.step_of(run))
        return figure.read(run) if figure.read is not None else DASH


@dataclass(frozen=True, slots=True)
class _Column:
    figures: tuple[Figure, ...]
    indent: str
    width: int
    value_width: int


_APART = Figure("")


class StatsPane(LiveWidget):
    """The rate, latencies and what the run is about."""

    STYLE_CLASSES = ("stats--large",)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._run: RunView | None = None
        self._plan: tuple[int, list[list[_Slot]]] = (0, [])
        self._plan_key: tuple[int, int, bool, Figures | None] = (0, 0, False, None)
        self._values: list[list[str]] = []
        self._extent: tuple[object, bool] = None, False
        self._latency_unit, self._step_unit = StickyUnit(), StickyUnit()
        self._columns = _Columns(_Written(MILLISECONDS), _Written(MILLISECONDS))

    def show(self, run: RunView | None, latency_unit: Unit | None = None) -> None:
        """Draw the figures of this run, its latencies in this unit."""
        self._run = run
        if latency_unit is None:
            latency_unit = self._latency_unit.of(run.stats.p50_ms if run else math.nan)
        about = figures_for(run).run
        steps_ms = [figure.step_of(run) for figure in about if figure.step_of] if run else []
        step_unit = self._step_unit.of_column(steps_ms)
        if (latency_unit, step_unit) != (self._columns.latency.unit, self._columns.step.unit):
            self._columns = _Columns(_Written(latency_unit), _Written(step_unit))
        self.repaint()

    @property
    def shows_extent(self) -> bool:
        """Whether it says how much was measured: count and elapsed time have a row."""
        figures = figures_for(self._run)
        size, is_any_lost = self.outer_size, self._run is not None and self._run.stats.dropped > 0
        key = (*size, is_any_lost, figures)
        if key != self._extent[0]:
            rows = plan(*size, is_any_lost, figures)[1]
            shown = [slot.figure for slots in rows for slot in slots]
            self._extent = key, all(figure in shown for figure in figures.extent)
        return self.is_shown and self._extent[1]

    def paint(self) -> None:
        """Draw the rows whose values changed."""
        run = self._run
        width, height = self._painted_size
        figures = figures_for(run)
        key = (width, height, run is not None and run.stats.dropped > 0)
        if (*key, figures) != self._plan_key or not any(self._rows):
            self._plan_key = (*key, figures)
            self._plan = plan(*key, figures)
            self._values = [[DASH * 2]] * len(self._plan[1])
            for y in range(height):
                self.set_row(y)
        top, rows = self._plan
        if top:
            self._paint_large()
        for y, slots in enumerate(rows):
            values = [slot.value(run, self._columns) for slot in slots]
            if values != self._values[y]:
                self._values[y] = values
                self.set_row(top + y, *_parts(slots, values, run))

    def _paint_large(self) -> None:
        text = now_text(self._run.stats) if self._run else DASH
        top, middle, bottom = glyphs.large(text)
        self.set_row(0, (f" {top}", "large"))
        self.set_row(1, (f" {middle}", "large"))
        self.set_row(2, (f" {bottom}", "large"), (f" {figures_for(self._run).unit}", "label"))


def plan(
    width: int, height: int, is_any_lost: bool, shown: Figures
) -> tuple[int, list[list[_Slot]]]:
    """Return the rows left for large digits, and what stands in each row below them.

    One column where the height allows it, else two.
    """
    about = (*shown.run[:2], LOST, *shown.run[2:]) if is_any_lost else shown.run
    count = len(shown.rate) + len(shown.latency) + len(about)
    columns: list[_Column]
    if height >= count or width < _TWO_COLUMNS_FROM_WIDTH:
        apart = (_APART,) if height >= count + _LARGE_ROWS + 2 else ()
        figures = (*shown.rate, *apart, *shown.latency, *apart, *about)
        columns = [_Column(_fitting(figures, height), "", width - 1, _VALUE_WIDTH)]
    else:
        first = max(_LATENCY_WIDTH, width * 2 // 5)
        second = width - 1 - _GAP - first
        columns = [
            _Column(_fitting(shown.latency, height), "", first, FIXED_WIDTH + 1),
            _Column(
                _fitting((*shown.rate, *about), height), " " * _GAP, second, _NARROW_VALUE_WIDTH
            ),
        ]
    longest = max(len(column.figures) for column in columns)
    top = _LARGE_ROWS if height >= longest + _LARGE_ROWS - _MAY_GO else 0
    rows = [
        [_slot(column, y) for column in columns] for y in range(max(0, min(longest, height - top)))
    ]
    return top, rows


def _fitting(figures: Sequence[Figure], rows: int) -> tuple[Figure, ...]:
    """The figures without those that give way where not all have room."""
    ranked = sorted((figure for figure in figures if figure.rank), key=lambda one: -one.rank)
    going = ranked[: max(0, len(figures) - rows)]
    return tuple(figure for figure in figures if figure not in going)


def _slot(column: _Column, y: int) -> _Slot:
    figure = column.figures[y] if y < len(column.figures) else _APART
    if not (figure.read or figure.latency_of or figure.step_of):
        return _Slot((f"{column.indent} {figure.label:<{column.width - 1}}", "title"))
    if figure.heading_width:
        room = max(0, column.width - 1 - figure.heading_width)
        label = f"{column.indent} {figure.label:<{room}.{room}}"
        return _Slot((label, "title"), figure, figure.heading_width)
    has_before = figure.before is not None and column.width >= _BEFORE_FROM_WIDTH
    value_width = _BEFORE_WIDTH if has_before else column.value_width
    room = max(0, column.width - 2 - value_width)
    label = f"{column.indent}  {figure.label:<{room}.{room}}"
    return _Slot((label, "label"), figure, value_width, has_before)


def _parts(slots: Sequence[_Slot], values: Sequence[str], run: RunView | None) -> list[Part]:
    parts: list[Part] = []
    for slot, value in zip(slots, values, strict=True):
        parts.append(slot.label)
        figure = slot.figure
        if figure is not None:
            unit = NO_UNIT if value == DASH else figure.unit
            style = figure.style(run) if run else "value"
            parts.append((f"{value + unit:>{slot.value_width}}", style))
    return parts
