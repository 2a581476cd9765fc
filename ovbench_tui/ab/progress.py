"""How far an A/B without a screen is: one line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TextIO

from ovbench_tui.console.printable import printable
from ovbench_tui.console.status_line import StatusLine
from ovbench_tui.engine.api.snapshot import AbPhase, AbView

_REDRAW_S = 0.5
_LOG_EVERY_S = 5.0


class AbProgress:
    """Shows what is known so far on a stream; trouble with the stream stops nothing."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._line = StatusLine(stream)
        self._next_s = clock() if self._line.is_terminal else clock() + _LOG_EVERY_S

    def show(self, what: str, view: AbView | None, left_s: float) -> None:
        """Show the ratio, or what is being prepared.

        Args:
            what: goes on in the background; '' = nothing.
            left_s: seconds until the end; NaN before it has begun.
        """
        if self._clock() < self._next_s:
            return
        self._next_s = self._clock() + (_REDRAW_S if self._line.is_terminal else _LOG_EVERY_S)
        line = printable(describe(what, view, left_s))
        if not line:
            return
        if self._line.is_terminal:
            self._line.rewrite(line)
        else:
            self._line.add(line)

    def clear(self) -> None:
        """Take the line off the terminal."""
        self._line.clear()


def describe(what: str, view: AbView | None, left_s: float) -> str:
    """Say in one line how far it is."""
    if view is None or view.phase is AbPhase.PREPARING or view.a is None or view.b is None:
        return what
    parts = [] if math.isnan(left_s) else [f"{max(0.0, left_s):.0f} s left"]
    parts.append("1 pair" if view.pairs == 1 else f"{view.pairs} pairs")
    if view.pairs:
        parts.append(f"A {view.a.stats.fps_mean:.1f} FPS")
        parts.append(f"B {view.b.stats.fps_mean:.1f} FPS")
        interval = ""
        if not math.isnan(view.fps.low):
            interval = f" ({view.fps.low:.3f} to {view.fps.high:.3f})"
        parts.append(f"B/A {view.fps.ratio:.3f}{interval}")
    return "  ".join(parts)
