"""Stands in for the keyboard where a screen has it: what reads it finds its end, and is noted."""

from __future__ import annotations

import io
import sys
from typing import Any

from ovbench_tui.application.recorder.writer import Writer


def note_reading(writer: Writer) -> None:
    """Note when the program reads its standard input, which is the null device."""
    old = sys.stdin
    if old is None:
        return
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(  # type: ignore[misc]
        io.BufferedReader(_NoKeyboard(writer)), encoding=old.encoding, errors=old.errors
    )


class _NoKeyboard(io.RawIOBase):
    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._is_noted = False

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0

    def readinto(self, _buffer: Any) -> int:
        if not self._is_noted:
            self._is_noted = True
            self._writer.note(reads_keyboard=True)
        return 0
