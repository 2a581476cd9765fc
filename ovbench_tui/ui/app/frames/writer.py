"""Textual's thread that writes to the terminal: who it is, and whether it keeps up."""

from __future__ import annotations

import threading
from queue import Queue

_NAME = "textual-output"


def find_writer() -> threading.Thread | None:
    """Return the thread; None where there is none, as in a browser."""
    return next((thread for thread in threading.enumerate() if thread.name == _NAME), None)


def is_line_behind() -> bool:
    """Tell whether a frame still waits to be written, as over a slow line.

    Textual lets 30 writes wait. To draw on would only make every key's answer, and the end,
    come that many frames later.
    """
    waiting = getattr(find_writer(), "_queue", None)
    return isinstance(waiting, Queue) and not waiting.empty()
