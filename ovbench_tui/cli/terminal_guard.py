"""Gives the terminal back when the program dies before it could; see `posix_guard` for how."""

from __future__ import annotations

import os
import sys
from typing import Protocol


class TerminalGuard(Protocol):
    """What the program reports of its screen."""

    def note_drawing(self) -> None:
        """The screen begins: from now on the terminal has to be given back."""
        ...

    def note_given_back(self) -> None:
        """The screen is closed, and the terminal as it was."""
        ...


class _NoGuard:
    """Where there is no terminal, or no fork."""

    def note_drawing(self) -> None:
        """Nothing: nobody watches."""

    def note_given_back(self) -> None:
        """Nothing: nobody watches."""


def guard_terminal() -> TerminalGuard:
    """Split the process: the parent stays as the guard, and the call returns in the child only.

    Call before the first thread and the large imports. In a browser, or where the system knows no
    fork, nothing is split.
    """
    if sys.platform != "win32" and not is_in_browser() and hasattr(os, "fork"):
        from ovbench_tui.cli.posix_guard import guarded

        return guarded() or _NoGuard()
    return _NoGuard()


def is_in_browser() -> bool:
    """Whether `ovbench-tui serve` started this; the pipes then lead to a browser."""
    return "WebDriver" in os.environ.get("TEXTUAL_DRIVER", "")


def has_terminal() -> bool:
    """Whether there is a screen to draw on, and a keyboard."""
    return is_in_browser() or (sys.stdin.isatty() and sys.stdout.isatty())
