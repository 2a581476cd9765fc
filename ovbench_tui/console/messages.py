"""Telling the user something beside the data: on stderr, a sentence a line."""

from __future__ import annotations

import contextlib
import sys

from ovbench_tui.console.printable import printable

_LIMIT = 2000


def print_message(sentence: str) -> None:
    """Print a sentence on stderr, with nothing in it that a terminal would obey."""
    with contextlib.suppress(OSError):  # with no stderr left there is nobody to tell
        print(message_line(sentence), end="", file=sys.stderr, flush=True)


def message_line(sentence: str) -> str:
    """The line that `print_message` prints."""
    return f"ovbench-tui: {printable(sentence, _LIMIT)}\n"


def print_result(text: str) -> bool:
    """Print what was asked for on standard output; False when it could not be written."""
    try:
        if text:
            print(text, flush=True)
    except BrokenPipeError:
        return False  # its reader did not want it
    except OSError as error:
        print_message(f"The results cannot be written: {error.strerror or error}.")
        return False
    return True
