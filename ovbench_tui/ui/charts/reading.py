"""What the cursor reads on the charts, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_elapsed, format_fps
from ovbench_tui.console.text import clean
from ovbench_tui.console.units import duration_parts

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import History

_NEAR_CELLS = 1
_CLOCK_FROM_S = 600.0


def reading(history: History, cell: int, until_s: float, unit: str = "FPS") -> str:
    """Say what was measured in a cell (two columns), and what happened in it or beside it.

    The rate is the mean of the two, with the slowest and the fastest moment where columns are made
    of several; p50 is the mean of the two, p99 the higher one.

    Args:
        until_s: the moment that is counted back from, in seconds of the session.
        unit: of the rate.
    """
    first = 2 * cell - history.first_column
    here = slice(max(0, first), max(0, first + 2))
    fps, p50_ms, p99_ms = (
        [value for value in values[here] if value == value]
        for values in (history.fps, history.p50_ms, history.p99_ms)
    )
    parts = []
    if fps:
        text = f"{unit} {format_fps(sum(fps) / len(fps))}"
        low = [value for value in history.low_fps[here] if value == value]
        high = [value for value in history.high_fps[here] if value == value]
        if low and high and min(low) < max(high):
            text += f" ({format_fps(min(low))} to {format_fps(max(high))})"
        parts.append(text)
    if p50_ms:
        parts.append(f"p50 {' '.join(duration_parts(sum(p50_ms) / len(p50_ms)))}")
    if p99_ms:
        parts.append(f"p99 {' '.join(duration_parts(max(p99_ms)))}")
    figures = ", ".join(parts) or "nothing ran"
    ago_s = until_s - (2 * cell + 1) * history.column_s
    return "; ".join((f"At {_before(ago_s)}: {figures}", *_events(history, cell)))


def _events(history: History, cell: int) -> list[str]:
    return [
        clean(marker.detail or marker.text)
        for marker in history.markers
        if abs(marker.column // 2 - cell) <= _NEAR_CELLS
    ]


def _before(ago_s: float) -> str:
    if ago_s >= _CLOCK_FROM_S:
        return f"-{format_elapsed(ago_s)}"
    return f"{-max(0.0, ago_s):.1f} s".replace("-0.0", "0.0")
