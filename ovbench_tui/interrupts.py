"""Signals that end a run, kept until a moment at which they do no harm."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


@contextlib.contextmanager
def kept_interrupts() -> Iterator[Callable[[], None]]:
    """Keep the first signal that would raise, and yield what raises it.

    An exception in the middle of folding would count completions twice, or not at all. A
    second signal is not kept: it shows that nobody came to the first. Signals that are
    ignored, or have no handler in Python, stay as they are.
    """
    kept: list[tuple[Callable[..., Any], int, FrameType | None]] = []

    def raise_kept() -> None:
        if kept:
            handler, number, frame = kept.pop()
            handler(number, frame)

    with contextlib.ExitStack() as stack:
        # Python lets only the main thread set handlers, and runs them only there.
        if threading.current_thread() is threading.main_thread():
            for name in _ENDING:
                _replace_handler(name, kept, stack)
        yield raise_kept


def _replace_handler(
    name: str,
    kept: list[tuple[Callable[..., Any], int, FrameType | None]],
    stack: contextlib.ExitStack,
) -> None:
    number = getattr(signal, name, None)
    handler = None if number is None else signal.getsignal(number)
    if number is None or not callable(handler):
        return

    def keep(signal_number: int, frame: FrameType | None) -> None:
        if kept:
            handler(signal_number, frame)
        kept.append((handler, signal_number, frame))

    signal.signal(number, keep)
    stack.callback(signal.signal, number, handler)
