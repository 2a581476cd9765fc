"""The figures of the current run, in as many columns as fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ovbench_tui.console.format import (
    DASH,
    DURATION_WIDTH,
    NUMBER_WIDTH,
    format_count,
    format_duration,
    format_elapsed,
)
from ovbench_tui.engine.api.snapshot import RunView
from ovbench_tui.stats.run_stats import RunStats
from ovbench_tui.ui.widgets import glyphs
from ovbench_tui.ui.widgets.limit_text import limit_style, marked
from ovbench_tui.ui.widgets.live import LiveWidget, Part
from ovbench_tui.ui.widgets.sample_text import (
    mean_text,
    needs_text,
    now_text,
    peak_text,
    percentile_text,
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
_NARROW_VALUE_WIDTH = 12
_LATENCY_WIDTH = 17
_BEFORE_FROM_WIDTH = 34
_BEFORE_WIDTH = 23
"""Of a value with what it needs: ``needs 6,636   99.59 ms``."""
_NO_UNIT = " " * (DURATION_WIDTH - NUMBER_WIDTH)


@dataclass(frozen=True, slots=True)
class Figure:
    """A label and how to read its value from a run; without a value it is a heading.

    Attributes:
        style_of: the value's style, where it says something; the value must differ with it.
        heading_width: of the value of a heading that has one; 0 = this is no such heading.
        before: what stands before the value where there is room for it.
    """

    label: str
    read: Callable[[RunView], str] | None = None
    unit: str = _NO_UNIT
    style_of: Callable[[RunView], str] | None = None
    heading_width: int = 0
    before: Callable[[RunView], str] | None = None


@dataclass(frozen=True, slots=True)
class _Slot:
    """A figure in its place: the label padded, and where its value comes from."""

    label: Part
    read: Callable[[RunView], str] | None = None
    unit: str = ""
    value_width: int = 0
    style_of: Callable[[RunView], str] | None = None


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

    def style(run: RunView) -> str:
        dim = sample_style(run, percent)
        return dim if dim != "value" or not limit else limit_style(run, limit)

    return Figure(
        f"p{percent:g}",
        lambda run: marked(run, limit, percentile_text(run, percent, read(run.stats))),
        "",
        style,
        before=lambda run: needs_text(run, percent),
    )


_FPS = (
    Figure("FPS", fps_steadiness, "", fps_style, FPS_WIDTH),
    Figure("now", lambda run: now_text(run.stats)),
    Figure(
        "mean",
        lambda run: marked(run, "fps", mean_text(run)),
        style_of=lambda run: limit_style(run, "fps"),
    ),
    Figure("peak", peak_text),
)
_LATENCY = (
    Figure("Latency"),
    Figure("min", lambda run: format_duration(run.stats.min_ms), ""),
    Figure("mean", lambda run: format_duration(run.stats.mean_ms), ""),
    _percentile(50, lambda stats: stats.p50_ms),
    _percentile(90, lambda stats: stats.p90_ms),
    _percentile(95, lambda stats: stats.p95_ms),
    _percentile(99, lambda stats: stats.p99_ms, limit="p99_ms"),
    _percentile(99.9, lambda stats: stats.p999_ms),
    Figure("max", lambda run: format_duration(run.stats.max_ms), ""),
)
_RUN = (
    Figure("Run", run_steadiness, "", run_style, RUN_WIDTH),
    Figure("count", lambda run: format_count(run.stats.count)),
    Figure("elapsed", lambda run: format_elapsed(run.stats.elapsed_s)),
    Figure("batch", lambda run: run.effective.batch_text),
    Figure("warm-up", lambda run: format_duration(run.stats.warmup_s * 1e3), ""),
    Figure("compile", lambda run: format_duration(run.compile_ms), ""),
    Figure("first inference", lambda run: format_duration(run.first_inference_ms), ""),
    Figure("read", lambda run: format_duration(run.read_ms), ""),
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

    def show(self, run: RunView | None) -> None:
        """Draw the figures of this run."""
        self._run = run
        self.repaint()

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
            values = [slot.read(run) if slot.read and run else DASH for slot in slots]
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
            _Column(_LATENCY, "", first, DURATION_WIDTH + 1),
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
    if figure.read is None:
        return _Slot((f"{column.indent} {figure.label:<{column.width - 1}}", "title"))
    if figure.heading_width:
        room = max(0, column.width - 1 - figure.heading_width)
        label = f"{column.indent} {figure.label:<{room}.{room}}"
        return _Slot(
            (label, "title"), figure.read, figure.unit, figure.heading_width, figure.style_of
        )
    value_width, read = column.value_width, figure.read
    if figure.before is not None and column.width >= _BEFORE_FROM_WIDTH:
        value_width, read = _BEFORE_WIDTH, _joined(figure.before, read)
    room = max(0, column.width - 2 - value_width)
    label = f"{column.indent}  {figure.label:<{room}.{room}}"
    return _Slot((label, "label"), read, figure.unit, value_width, figure.style_of)


def _joined(
    before: Callable[[RunView], str], read: Callable[[RunView], str]
) -> Callable[[RunView], str]:
    return lambda run: f"{before(run)}  {read(run)}" if before(run) else read(run)


def _parts(slots: Sequence[_Slot], values: Sequence[str], run: RunView | None) -> list[Part]:
    parts: list[Part] = []
    for slot, value in zip(slots, values, strict=True):
        parts.append(slot.label)
        if slot.read is not None:
            unit = _NO_UNIT if value == DASH else slot.unit
            style = slot.style_of(run) if slot.style_of and run else "value"
            parts.append((f"{value + unit:>{slot.value_width}}", style))
    return parts
