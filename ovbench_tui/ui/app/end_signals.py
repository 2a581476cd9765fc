"""Signals that ask for the end, handled on the event loop so that the terminal is given back."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import weakref
from collections.abc import Callable

_NAMES = ("SIGTERM", "SIGHUP", "SIGINT")


class EndSignals:
    """Watches the signals of the running loop, where the system and the thread allow it."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watched: list[int] = []

    def watch(self, tell: Callable[[int], object]) -> None:
        """Call `tell` with the number of each signal that comes."""
        self._loop = asyncio.get_running_loop()
        for name in _NAMES:
            number = getattr(signal, name, None)
            if number is None:
                continue
            try:
                self._loop.add_signal_handler(number, tell, int(number))
            except (NotImplementedError, RuntimeError, ValueError):
                return  # Windows, or not the main thread: the caller's handlers stay
            self._watched.append(number)
        if hasattr(os, "register_at_fork"):
            forget = weakref.WeakMethod(self._forget_in_child)
            os.register_at_fork(after_in_child=lambda: (call := forget()) and call())

    def release(self) -> None:
        """Leave the signals to the caller again."""
        while self._loop is not None and self._watched:
            self._loop.remove_signal_handler(self._watched.pop())

    def _forget_in_child(self) -> None:
        """Keep a child that some library forks from passing its signals on to this loop.

        It shares the descriptor that wakes the loop, so what ends the child would end the screen
        (Python 3.12 does the same for itself). And with our handlers it would not end at all.
        """
        if not self._watched:
            return
        signal.set_wakeup_fd(-1)
        while self._watched:
            signal.signal(self._watched.pop(), signal.SIG_DFL)


class ShutdownWatchdog:
    """Sees to it that a program which was told to end does so.

    Textual's way out waits for the thread that writes to the terminal; where the terminal is
    gone that thread may be, too, and the wait would have no end.

    Args:
        leave: called with the signal's number, from a thread of its own, when `patience_s`
            have passed since `begin` without `complete`.
    """

    def __init__(self, leave: Callable[[int], object], patience_s: float = 10.0) -> None:
        self._leave = leave
        self._patience_s = patience_s
        self._timer: threading.Timer | None = None

    def begin(self, number: int) -> None:
        """The end was asked for by this signal."""
        if self._timer is None:
            self._timer = threading.Timer(self._patience_s, self._leave, (number,))
            self._timer.daemon = True
            self._timer.start()

    def complete(self) -> None:
        """The screen is closed; the rest cannot hang."""
        if self._timer is not None:
            self._timer.cancel()
