"""What can be wrong with a history."""

from __future__ import annotations

from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError, OvbenchError


class HistoryError(OvbenchError):
    """The history cannot be read or written; what it holds is left as it is."""


class NoSuchRunError(HistoryError):
    """A run that was asked for is not there."""

    exit_code = BadInputError.exit_code


def cause_of(error: Exception) -> str:
    """Say in a clause why reading or writing failed."""
    if isinstance(error, OSError) and error.strerror:
        return printable(error.strerror)
    if isinstance(error, UnicodeDecodeError):
        return "its text is not UTF-8"
    return printable(str(error).rstrip(".") or type(error).__name__)
