"""Where a worker lives: the same commands go in, the same events come out."""

from __future__ import annotations

import threading
from collections import deque
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol

from ovbench_tui.engine.commands import Command, Shutdown
from ovbench_tui.engine.events import Event
from ovbench_tui.engine.ring import LatencyRing

if TYPE_CHECKING:
    from ovbench_tui.engine.worker import Inbox

RING_CAPACITY = 1 << 17
"""2 MiB; at 20,000 inferences a second 6 s of reading may be missed before any is lost."""


class Host(Protocol):
    """A place for one worker; called from one thread, and no call but `close` blocks."""

    @property
    def ring(self) -> LatencyRing:
        """Where the worker's completions are stored."""
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

    def close(self, timeout_s: float) -> bool:
        """Shut the worker down; False when it has not ended after `timeout_s`."""
        ...


class ThreadHost:
    """A worker in a daemon thread of this process: nothing to set up, shares the GIL."""

    def __init__(self, ring_capacity: int = RING_CAPACITY) -> None:
        self._ring = LatencyRing(bytearray(LatencyRing.bytes_for(ring_capacity)))
        self._inbox: Inbox = SimpleQueue()
        self._events: deque[Event] = deque()
        self._thread = threading.Thread(target=self._run, name="ovbench-worker", daemon=True)

    @property
    def ring(self) -> LatencyRing:
        """Where the worker's completions are stored."""
        return self._ring

    def start(self) -> None:
        """Start the thread, which imports OpenVINO."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Ask the worker for something."""
        self._inbox.put(command)

    def poll(self) -> list[Event]:
        """Take what the worker has told since the last call."""
        events: list[Event] = []
        while self._events:
            events.append(self._events.popleft())
        return events

    def close(self, timeout_s: float) -> bool:
        """Shut down and wait; False when native code still holds the thread."""
        self._inbox.put(Shutdown())
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        # Imported here: OpenVINO takes half a second, and the first frame does not wait.
        from ovbench_tui.engine.preparation import Engine
        from ovbench_tui.engine.worker import InferenceWorker

        engine = Engine()
        InferenceWorker(
            self._ring, self._inbox, self._events.append, engine.prepare, engine.discover
        ).run()
