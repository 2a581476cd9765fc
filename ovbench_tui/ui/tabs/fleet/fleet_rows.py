"""The machines of a fleet as columns and rows of a table."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable
from dataclasses import dataclass

from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.units import COLUMN_WIDTH, DurationColumn, NumberColumn, StickyUnit
from ovbench_tui.fleet.machine_status import FleetSnapshot, MachineFigures, MachineState, Outlier
from ovbench_tui.stats.steadiness import Steady
from ovbench_tui.stats.steadiness_text import format_cv
from ovbench_tui.ui.widgets.spark_rows import spark
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Row

_MARK = " "
_SPARK_CELLS = 30
_HEADROOM = 1.1
_NUMBER = re.compile(r"\d+")
_STATES = {
    MachineState.JOINING: ("◌", "accent"),
    MachineState.PREPARING: ("◌", "accent"),
    MachineState.WARMING_UP: ("◐", "accent"),
    MachineState.RUNNING: ("●", "good"),
    MachineState.PAUSED: ("‖", "warn"),
    MachineState.FINISHED: ("■", "label"),
    MachineState.FAILED: ("✗", "bad"),
    MachineState.LOST: ("✗", "bad"),
}
_OUTLIERS = {
    Outlier.NONE: Cell(""),
    Outlier.SLOW: Cell("▼", "bad"),
    Outlier.FAST: Cell("▲", "accent"),
}

COLUMNS = (
    Column(_MARK, 1, sorts=False),
    Column("Machine", 12, most=28),
    Column("CPU", 8, most=30, rank=5),
    Column("Cores", 5, rank=7, is_right=True, most_first=True),
    Column("Device", 6, most=12, rank=4),
    Column("OpenVINO", 9, most=12, rank=5),
    Column("State", 12),
    Column("nireq", 5, rank=6, is_right=True),
    Column("FPS", 7, is_right=True, most_first=True),
    Column("p50", COLUMN_WIDTH, rank=3, is_right=True),
    Column("p99", COLUMN_WIDTH, rank=1, is_right=True, most_first=True),
    Column("Stability", 13, most=15, rank=3),
    Column("Last 30 s", 10, most=_SPARK_CELLS, rank=2, sorts=False),
    Column("Note", 8, most=60, rank=8, sorts=False),
)

_FPS = next(number for number, column in enumerate(COLUMNS) if column.title == "FPS")
_SPARK = len(COLUMNS) - 2
_FPS_STYLES = {Outlier.NONE: "value", Outlier.SLOW: "bad", Outlier.FAST: "accent"}


@dataclass(frozen=True, slots=True)
class _Figures:
    """How the figures of all machines are written."""

    fps: NumberColumn
    latency: DurationColumn


class FleetRows:
    """Makes rows at little cost: of hundreds that change each second, few are seen.

    A row always has the numbers it is sorted by. What stays is taken from the row before, and
    the sparkline is drawn only for rows that are `near` the window.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[MachineFigures, Row, bool]] = {}
        self._unit = StickyUnit()
        self._written = _Figures(NumberColumn(), DurationColumn())

    def rows(self, snapshot: FleetSnapshot, near: Collection[Hashable]) -> list[Row]:
        """One row a machine."""
        rows: list[Row] = []
        machines = snapshot.machines
        written = _Figures(
            NumberColumn.of(machine.fps for machine in machines),
            DurationColumn.of(
                (ms for one in machines for ms in (one.p50_ms, one.measured_p99_ms)),
                self._unit,
                (one.p50_ms for one in machines),
            ),
        )
        if written != self._written:
            self._written = written
            self._known.clear()
        known = self._known
        for machine in snapshot.machines:
            key = machine.key
            with_spark = key in near
            kept = known.get(key)
            if kept is None or kept[0] is not machine or with_spark > kept[2]:
                row = _row(machine, kept, written, with_spark=with_spark)
                kept = known[key] = machine, row, with_spark
            rows.append(kept[1])
        return rows

    def is_blank(self, key: Hashable) -> bool:
        """Whether a row that is seen still lacks its sparkline."""
        kept = self._known.get(str(key))
        return kept is not None and not kept[2]


def remark_on(machine: MachineFigures) -> str:
    """All that there is to say of a machine, in sentences."""
    return " ".join(filter(None, (machine.reason, machine.note, _odd(machine))))


def _row(
    machine: MachineFigures,
    kept: tuple[MachineFigures, Row, bool] | None,
    written: _Figures,
    *,
    with_spark: bool,
) -> Row:
    if kept is not None and _stays(machine) == _stays(kept[0]):
        before = kept[1].cells
    else:
        before = _still_cells(machine)
    fps_style = _FPS_STYLES[machine.outlier]
    p99_ms = machine.measured_p99_ms
    return Row(
        machine.key,
        (
            *before[:_FPS],
            Cell(written.fps.write(machine.fps), fps_style, order=machine.fps),
            Cell(written.latency.write(machine.p50_ms), order=machine.p50_ms),
            Cell(written.latency.write(p99_ms), order=p99_ms),
            _stability(machine),
            Cell(_spark(machine), "bar", is_tail=True) if with_spark else before[_SPARK],
            before[_SPARK + 1],
        ),
        words=machine.host,
    )


def _stays(machine: MachineFigures) -> tuple[object, ...]:
    return (
        machine.state,
        machine.name,
        machine.device,
        machine.openvino,
        machine.nireq,
        machine.outlier,
        machine.reason,
        machine.note,
    )


def _still_cells(machine: MachineFigures) -> tuple[Cell, ...]:
    """All cells, those that change every second left blank."""
    mark, style = _STATES[machine.state]
    blank = Cell()
    return (
        _OUTLIERS[machine.outlier],
        Cell(machine.name, order=_natural(machine.name)),
        Cell(machine.cpu or DASH, "label", order=machine.cpu),
        Cell(str(machine.cores or DASH), "label", order=machine.cores),
        Cell(machine.device or DASH, order=machine.device),
        Cell(machine.openvino.partition("-")[0] or DASH, "label", order=machine.openvino),
        Cell(f"{mark} {machine.state.value}", style, order=machine.state.value),
        Cell(str(machine.nireq or DASH), order=machine.nireq or None),
        *[blank] * (_SPARK + 1 - _FPS),
        Cell(remark_on(machine), "bad" if machine.reason else "warn"),
    )


def _stability(machine: MachineFigures) -> Cell:
    """How steady FPS is; what is said of p99 has room in the foot."""
    if machine.state not in (MachineState.RUNNING, MachineState.PAUSED):
        return Cell()
    if machine.fps_steady is None:
        return Cell(machine.verdict.value, "label", order=machine.fps_cv)
    style = "good" if machine.fps_steady is Steady.STEADY else "warn"
    text = f"{machine.fps_steady.value} ±{format_cv(machine.fps_cv)}"
    return Cell(text, style, order=machine.fps_cv)


def _spark(machine: MachineFigures) -> str:
    values = machine.fps_history[-_SPARK_CELLS:]
    top = max((value for value in values if value == value), default=0.0)
    return " " * (_SPARK_CELLS - len(values)) + spark([*values], top * _HEADROOM)


def _odd(machine: MachineFigures) -> str:
    if machine.outlier is Outlier.NONE:
        return ""
    return f"Far {'slower' if machine.outlier is Outlier.SLOW else 'faster'} than the others."


def _natural(name: str) -> str:
    """Sort host9 before host10."""
    return _NUMBER.sub(lambda number: number[0].zfill(6), name)
