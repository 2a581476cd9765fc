"""Where a worker lives: the same commands go in, the same events come out."""

from __future__ import annotations

from typing import Protocol

from ovbench_tui.engine.api.commands import Command
from ovbench_tui.engine.api.events import Event
from ovbench_tui.engine.requests.ring import LatencyRing

RING_CAPACITY = 1 << 19
"""12 MiB; at 60,000 inferences a second 8 s of reading may be missed before any is lost."""


class Host(Protocol):
    """A place for one worker; called from one thread, and no call but `join` blocks."""

    @property
    def ring(self) -> LatencyRing:
        """Where the worker's completions are stored."""
        ...

    @property
    def pid(self) -> int | None:
        """The process of its own that the worker lives in; None = this one, or not started."""
        ...

    @property
    def is_halted(self) -> bool:
        """Whether the system keeps the worker's process from running, as after SIGSTOP."""
        ...

    @property
    def alive(self) -> bool:
        """Whether the worker runs."""
        ...

    def start(self) -> None:
        """Start the worker."""
        ...

    def send(self, command: Command) -> None:
        """Ask the worker for something."""
        ...

    def poll(self) -> list[Event]:
        """Take what the worker has told since the last call."""
        ...

    def stop(self) -> None:
        """Ask the worker to release everything and end."""
        ...

    def kill(self) -> None:
        """End the worker at once where that is possible: a thread can only be asked."""
        ...

    def join(self, timeout_s: float) -> bool:
        """Wait for its end; False when it has not ended after `timeout_s`."""
        ...
