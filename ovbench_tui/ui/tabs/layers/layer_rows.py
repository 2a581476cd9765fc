"""The rows of the Layers tab: a layer each, or those of a type or an executed precision."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from ovbench_tui.console.units import COLUMN_WIDTH, DurationColumn
from ovbench_tui.reports.layer_table import Fate, GroupRow, LayerRow, is_other_precision
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Row

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
LAYER_COLUMNS = (
    Column("Layer", 24, most=60, cuts_middle=True),
    Column("Type", 12, most=22, rank=1),
    Column("Executed as", 14, most=26, rank=3),
    Column("Runs in", 7),
    *_TIMES,
)
COLUMNS = {
    Grouping.LAYER: LAYER_COLUMNS,
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

FOLLOWING = {
    Grouping.LAYER: (Grouping.TYPE, "By type"),
    Grouping.TYPE: (Grouping.PRECISION, "By precision"),
    Grouping.PRECISION: (Grouping.LAYER, "By layer"),
}


def layer_row(index: int, layer: LayerRow, requested: str, times: DurationColumn) -> Row:
    """A layer; `requested` is the precision that was asked for."""
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
            *_time_cells(layer.real_ms, layer.cpu_ms, layer.share, fate_text(layer), times),
        ),
        words=layer.fate.value,
    )


def group_row(group: GroupRow, requested: str, times: DurationColumn) -> Row:
    """Several layers; `requested` is what their name is to be, '' = anything."""
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


def times_of(rows: Iterable[LayerRow | GroupRow]) -> DurationColumn:
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


def fate_text(layer: LayerRow) -> str:
    """Why it has no time; '' where it has."""
    return "" if layer.fate is Fate.EXECUTED else layer.fate.value
