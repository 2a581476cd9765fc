"""Signals that ask for the end, told on the event loop so that the terminal is given back."""

from __future__ import annotations

import asyncio
import signal
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

    def release(self) -> None:
        """Leave the signals to the caller again."""
        while self._loop is not None and self._watched:
            self._loop.remove_signal_handler(self._watched.pop())
