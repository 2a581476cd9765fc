"""The figures of the current run, in as many columns as fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ovbench_tui.console.format import format_count, format_elapsed
from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.units import (
    FIXED_WIDTH,
    MILLISECONDS,
    DurationColumn,
    NumberColumn,
    StickyUnit,
    Unit,
)
from ovbench_tui.engine.api.snapshot import RunView
from ovbench_tui.stats.run_stats import RunStats
from ovbench_tui.ui.widgets import glyphs
from ovbench_tui.ui.widgets.limit_text import limit_style, marked
from ovbench_tui.ui.widgets.live import LiveWidget, Part
from ovbench_tui.ui.widgets.sample_text import (
    mean_of,
    needs_text,
    now_of,
    now_text,
    peak_of,
    percentile_of,
    sample_style,
)
from ovbench_tui.ui.widgets.stability_text import (
    FPS_WIDTH,
    RUN_WIDTH,
    fps_steadiness,
    fps_style,
    run_steadiness,
    run_style,
)

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
_NO_UNIT = " " * 3
_FPS_COLUMN = NumberColumn()
_TEXTS_KEPT = 100


@dataclass(frozen=True, slots=True)
class Figure:
    """A label and how to read its value from a run; without a value it is a heading.

    Attributes:
        style_of: the value's style, where it says something; the value must differ with it.
        heading_width: of the value of a heading that has one; 0 = this is no such heading.
        latency_of, step_of: milliseconds, instead of `read`: all latencies have one unit, and
            so have all steps on the way to the measurement.
        limit: the figure's name among the limits of a run, by which it is marked; '' = none.
        before: what stands before the value where there is room for it.
    """

    label: str
    read: Callable[[RunView], str] | None = None
    unit: str = _NO_UNIT
    style_of: Callable[[RunView], str] | None = None
    heading_width: int = 0
    latency_of: Callable[[RunView], float] | None = None
    step_of: Callable[[RunView], float] | None = None
    limit: str = ""
    before: Callable[[RunView], str] | None = None

    def style(self, run: RunView) -> str:
        """Name the value's style; what is too small a sample is dim, whatever its limit."""
        style = self.style_of(run) if self.style_of is not None else "value"
        return limit_style(run, self.limit) if self.limit and style == "value" else style


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


def _percentile(percent: float, read: Callable[[RunStats], float], limit: str = "") -> Figure:
    """A percentile, dimmed and with what it needs where the sample is too small.

    Args:
        limit: the figure of the limit that it may have; '' = none.
    """

    return Figure(
        f"p{percent:g}",
        unit="",
        style_of=lambda run: sample_style(run, percent),
        latency_of=lambda run: percentile_of(run.stats, percent, read(run.stats)),
        limit=limit,
        before=lambda run: needs_text(run, percent),
    )


_FPS = (
    Figure("FPS", fps_steadiness, "", fps_style, FPS_WIDTH),
    Figure("now", lambda run: _FPS_COLUMN.write(now_of(run.stats))),
    Figure("mean", lambda run: _FPS_COLUMN.write(mean_of(run.stats)), limit="fps"),
    Figure("peak", lambda run: _FPS_COLUMN.write(peak_of(run.stats))),
)
_LATENCY = (
    Figure("Latency"),
    Figure("min", unit="", latency_of=lambda run: run.stats.min_ms),
    Figure("mean", unit="", latency_of=lambda run: run.stats.mean_ms),
    _percentile(50, lambda stats: stats.p50_ms),
    _percentile(90, lambda stats: stats.p90_ms),
    _percentile(95, lambda stats: stats.p95_ms),
    _percentile(99, lambda stats: stats.p99_ms, limit="p99_ms"),
    _percentile(99.9, lambda stats: stats.p999_ms),
    Figure("max", unit="", latency_of=lambda run: run.stats.max_ms),
)
_EXTENT = (
    Figure("count", lambda run: format_count(run.stats.count)),
    Figure("elapsed", lambda run: format_elapsed(run.stats.elapsed_s)),
)
"""How much was measured; where they have no room here, the header has them."""
_RUN = (
    Figure("Run", run_steadiness, "", run_style, RUN_WIDTH),
    *_EXTENT,
    Figure("batch", lambda run: run.effective.batch_text),
    Figure("warm-up", unit="", step_of=lambda run: run.stats.warmup_s * 1e3),
    Figure("compile", unit="", step_of=lambda run: run.compile_ms),
    Figure("first inference", unit="", step_of=lambda run: run.first_inference_ms),
    Figure("read", unit="", step_of=lambda run: run.read_ms),
)
_APART = Figure("")
_LOST = Figure("latencies lost", lambda run: format_count(run.stats.dropped))


class StatsPane(LiveWidget):
    """FPS, latency and what the run is about."""

    COMPONENT_CLASSES = {"stats--large"}  # noqa: RUF012 - Textual's way to declare them

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._run: RunView | None = None
        self._plan: tuple[int, list[list[_Slot]]] = (0, [])
        self._plan_key: tuple[int, int, bool] = (0, 0, False)
        self._values: list[list[str]] = []
        self._extent: tuple[object, bool] = None, False
        self._latency_unit, self._step_unit = StickyUnit(), StickyUnit()
        self._columns = _Columns(_Written(MILLISECONDS), _Written(MILLISECONDS))

    def show(self, run: RunView | None, latency_unit: Unit | None = None) -> None:
        """Draw the figures of this run, its latencies in this unit."""
        self._run = run
        if latency_unit is None:
            latency_unit = self._latency_unit.of(run.stats.p50_ms if run else math.nan)
        steps_ms = [figure.step_of(run) for figure in _RUN if figure.step_of] if run else []
        step_unit = self._step_unit.of_column(steps_ms)
        if (latency_unit, step_unit) != (self._columns.latency.unit, self._columns.step.unit):
            self._columns = _Columns(_Written(latency_unit), _Written(step_unit))
        self.repaint()

    @property
    def shows_extent(self) -> bool:
        """Whether it says how much was measured: count and elapsed time have a row."""
        key = (*self.outer_size, self._run is not None and self._run.stats.dropped > 0)
        if key != self._extent[0]:
            shown = [slot.figure for slots in plan(*key)[1] for slot in slots]
            self._extent = key, all(figure in shown for figure in _EXTENT)
        return self.is_shown and self._extent[1]

    def paint(self) -> None:
        """Draw the rows whose values changed."""
        run = self._run
        width, height = self._painted_size
        key = (width, height, run is not None and run.stats.dropped > 0)
        if key != self._plan_key or not any(self._rows):
            self._plan_key = key
            self._plan = plan(*key)
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
        self.set_row(2, (f" {bottom}", "large"), (" FPS", "label"))


def plan(width: int, height: int, is_any_lost: bool) -> tuple[int, list[list[_Slot]]]:
    """Return the rows left for large digits, and what stands in each row below them.

    One column where the height allows it, else two.
    """
    about = (*_RUN[:2], _LOST, *_RUN[2:]) if is_any_lost else _RUN
    count = len(_FPS) + len(_LATENCY) + len(about)
    columns: list[_Column]
    if height >= count or width < _TWO_COLUMNS_FROM_WIDTH:
        apart = (_APART,) if height >= count + _LARGE_ROWS + 2 else ()
        figures = (*_FPS, *apart, *_LATENCY, *apart, *about)
        columns = [_Column(figures, "", width - 1, _VALUE_WIDTH)]
    else:
        first = max(_LATENCY_WIDTH, width * 2 // 5)
        second = width - 1 - _GAP - first
        columns = [
            _Column(_LATENCY, "", first, FIXED_WIDTH + 1),
            _Column((*_FPS, *about), " " * _GAP, second, _NARROW_VALUE_WIDTH),
        ]
    longest = max(len(column.figures) for column in columns)
    top = _LARGE_ROWS if height >= longest + _LARGE_ROWS - _MAY_GO else 0
    rows = [
        [_slot(column, y) for column in columns] for y in range(max(0, min(longest, height - top)))
    ]
    return top, rows


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
            unit = _NO_UNIT if value == DASH else figure.unit
            style = figure.style(run) if run else "value"
            parts.append((f"{value + unit:>{slot.value_width}}", style))
    return parts
