"""How far a command without a screen is: one line on a terminal, now and then one elsewhere.

A library's bar would cost more: importing rich's takes longer than this program's own start,
and it draws from a thread that takes the GIL from the measurement.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TextIO

from ovbench_tui.console.messages import print_message
from ovbench_tui.console.printable import printable
from ovbench_tui.console.status_line import StatusLine

_REDRAW_S = 0.5
_FIRST_LINE_S = 10.0
"""A run shorter than this says nothing where nobody looks on."""
_LONGEST_SILENCE_S = 60.0
_BAR_CELLS = 20


class ProgressLine:
    """Shows lines on a stream, as often as suits it; trouble with it stops nothing.

    On a terminal a line is rewritten twice a second. In a log, as of a CI job that is ended
    when it is silent for long, a line is added after 10 s, then 20 s, 40 s and every minute.
    """

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._line = StatusLine(stream)
        self._pause_s = _REDRAW_S if self._line.is_terminal else _FIRST_LINE_S
        self._next_s = clock() + (0.0 if self._line.is_terminal else _FIRST_LINE_S)
        self._cells = _cells_of(stream)

    def show(self, line: str, fraction: float | None = None) -> None:
        """Show it, unless the last one was shown just now.

        Args:
            line: '' = nothing.
            fraction: how much is done, for a bar on a terminal; None = not known.
        """
        now_s = self._clock()
        if now_s < self._next_s or not line:
            return
        if self._line.is_terminal:
            self._line.rewrite(f"{self._bar(fraction)}{printable(line)}")
        else:
            self._line.add(printable(line))
            self._pause_s = min(2 * self._pause_s, _LONGEST_SILENCE_S)
        self._next_s = now_s + self._pause_s

    def log(self, lines: Sequence[str]) -> None:
        """Add what has come to its end to a log; a terminal shows it in its line."""
        if self._line.is_terminal or not lines:
            return
        for line in lines:
            self._line.add(line)
        self._next_s = self._clock() + self._pause_s

    def say(self, sentence: str) -> None:
        """Print something else, on a line of its own."""
        self.clear()
        print_message(sentence)

    def clear(self) -> None:
        """Take the line off the terminal."""
        self._line.clear()

    def _bar(self, fraction: float | None) -> str:
        if fraction is None:
            return ""
        full, empty = self._cells
        done = int(fraction * _BAR_CELLS)
        return f"{full * done}{empty * (_BAR_CELLS - done)}  "


def _cells_of(stream: TextIO) -> tuple[str, str]:
    try:
        "█░".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "#", "-"
    return "█", "░"
