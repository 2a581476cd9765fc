"""Telling the user something beside the data: on stderr, a sentence a line."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from ovbench_tui.console.plain import plain
from ovbench_tui.console.printable import printable

_LIMIT = 20_000
"""Letters; a proposal for a model of a hundred inputs is whole."""


def print_message(sentence: str) -> None:
    """Print a sentence on stderr, with nothing in it that a terminal would obey."""
    with contextlib.suppress(OSError):  # with no stderr left there is nobody to tell
        print(message_line(sentence), end="", file=sys.stderr, flush=True)


def message_line(sentence: str) -> str:
    """The line that `print_message` prints."""
    return f"ovbench-tui: {printable(sentence, _LIMIT)}\n"


def print_result(text: str) -> bool:
    """Print what was asked for on standard output; False when it could not be written.

    That is reported, except where the reader of a pipe has seen enough. What its encoding lacks
    is written in another way.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return _try(lambda: print(plain(text, encoding), flush=True) if text else None)


def flush_results() -> bool:
    """Write what is still buffered of standard output; False when that could not be done."""
    return _try(sys.stdout.flush)


def _try(write: Callable[[], object]) -> bool:
    try:
        write()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            is_closed = error.errno == errno.EBADF
            cause = "standard output is closed" if is_closed else error.strerror or error
            print_message(f"The results cannot be written: {cause}.")
        # What is left in the buffer would fail once more, and be reported once more.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - it lives as long as the program
        return False
    return True
