"""One line about what goes on, on a stream that may be a terminal or a log."""

from __future__ import annotations

import contextlib
import os
from typing import TextIO

_FALLBACK_COLUMNS = 80


class StatusLine:
    """A line that is rewritten on a terminal; trouble with the stream stops nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.is_terminal = stream.isatty()
        self._is_drawn = False

    def rewrite(self, line: str) -> None:
        """Show it in place of the one before, cut to the terminal's width."""
        # A line that wraps could not be rewritten. The last column stays free for the cursor.
        columns = self._columns()
        self._write(f"\r\x1b[K{line[: max(1, columns - 1)] if columns else line}")
        self._is_drawn = True

    def add(self, line: str) -> None:
        """Add it to a log."""
        self._write(f"ovbench-tui: {line}\n")

    def clear(self) -> None:
        """Take the line off the terminal."""
        if self._is_drawn:
            self._is_drawn = False
            self._write("\r\x1b[K")

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns
        except (OSError, ValueError):
            return _FALLBACK_COLUMNS

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # whoever watched has gone; the measurement goes on
            self._stream.write(text)
            self._stream.flush()
