"""The history for as long as the program measures; what it needs loads only where it is kept."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ovbench_tui.console.messages import print_message

if TYPE_CHECKING:
    from ovbench_tui.history.writer import HistoryWriter

HISTORY_TIMEOUT_S = 12.0
"""Longer than SQLite waits for another instance; without one it takes milliseconds."""


@contextlib.contextmanager
def kept_history(*, is_wanted: bool) -> Iterator[HistoryWriter | None]:
    """Keep every run in the history, and say what became of those that could not be kept."""
    if not is_wanted:
        yield None
        return
    from ovbench_tui.history.writer import HistoryWriter

    writer = HistoryWriter()
    try:
        yield writer
    finally:
        for sentence in writer.close(HISTORY_TIMEOUT_S):
            print_message(sentence)
