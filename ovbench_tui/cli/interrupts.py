"""Signals that end a run, kept until a moment at which they do no harm."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NoReturn

INTERRUPTED = 130
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


def raise_on_end_signals() -> None:
    """Let SIGTERM and SIGHUP raise as Ctrl-C does; `code_of` tells which it was."""
    for name in _ENDING[1:]:
        number = getattr(signal, name, None)
        # What is ignored stays so: nohup means it.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def code_of(interrupt: KeyboardInterrupt) -> int:
    """Return the exit code for what ended the program."""
    return interrupt.args[0] if interrupt.args else INTERRUPTED


def _interrupt(number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt(128 + number)


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
