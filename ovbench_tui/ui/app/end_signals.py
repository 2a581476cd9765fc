"""Signals that ask for the end, handled on the event loop so that the terminal is given back."""

from __future__ import annotations

import _thread
import asyncio
import os
import signal
import threading
import weakref
from collections.abc import Callable
from functools import partial
from types import FrameType

_NAMES = ("SIGTERM", "SIGHUP", "SIGINT")


class EndSignals:
    """Watches the signals of the running loop, where the system and the thread allow it."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watched: list[int] = []

    def watch(
        self, tell: Callable[[int], object], at_once: Callable[[int], object] | None = None
    ) -> None:
        """Call `tell` on the loop, with the number of each signal that comes.

        Args:
            at_once: called before, and also while the loop is blocked: when a terminal is not
                read any more, Textual's waits until what it draws can be written.
        """
        self._loop = asyncio.get_running_loop()
        for name in _NAMES:
            number = getattr(signal, name, None)
            if number is None:
                continue
            try:
                self._loop.add_signal_handler(number, tell, int(number))
            except (NotImplementedError, RuntimeError, ValueError):
                return  # Windows, or not the main thread: the caller's handlers stay
            if at_once is not None:
                # In place of asyncio's, which does nothing: its loop is woken in any case. Unlike
                # asyncio's it interrupts system calls, or a wait for a lock would go on.
                signal.signal(number, partial(_call, at_once))
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


def _call(at_once: Callable[[int], object], number: int, _: FrameType | None) -> None:
    at_once(number)


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
        self._is_begun = False
        self._is_complete = threading.Event()

    def begin(self, number: int) -> None:
        """The end was asked for by this signal; may be called by its handler."""
        if not self._is_begun:
            self._is_begun = True
            # Not by `threading`, whose locks the interrupted code may hold.
            _thread.start_new_thread(self._wait, (number,))

    def complete(self) -> None:
        """The screen is closed; the rest cannot hang."""
        self._is_complete.set()

    def _wait(self, number: int) -> None:
        if not self._is_complete.wait(self._patience_s):
            self._leave(number)
