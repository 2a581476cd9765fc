"""A worker in a thread of this process: nothing to set up, shares the GIL with the screen."""

from __future__ import annotations

import threading
from collections import deque
from queue import SimpleQueue
from typing import TYPE_CHECKING

from ovbench_tui.engine.api.commands import Command, Shutdown
from ovbench_tui.engine.api.events import Event
from ovbench_tui.engine.hosts.host import RING_CAPACITY
from ovbench_tui.engine.requests.ring import LatencyRing

if TYPE_CHECKING:
    from ovbench_tui.engine.worker.inbox import Inbox


class ThreadHost:
    """A worker in a daemon thread."""

    def __init__(self, ring_capacity: int = RING_CAPACITY) -> None:
        self._ring = LatencyRing(bytearray(LatencyRing.bytes_for(ring_capacity)))
        self._inbox: Inbox = SimpleQueue()
        self._events: deque[Event] = deque()
        self._thread = threading.Thread(target=self._run, name="ovbench-worker", daemon=True)

    @property
    def ring(self) -> LatencyRing:
        """Where the worker's completions are stored."""
        return self._ring

    @property
    def pid(self) -> int | None:
        """None: the worker lives in this process."""
        return None

    @property
    def is_halted(self) -> bool:
        """False: whoever sees this runs, and so does the worker."""
        return False

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

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

    def stop(self) -> None:
        """Ask the worker to end."""
        self._inbox.put(Shutdown())

    def kill(self) -> None:
        """Ask the worker to end: no thread can be ended from outside."""
        self.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait; False when native code still holds the thread."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        # Imported here: OpenVINO takes half a second, and the first frame does not wait.
        from ovbench_tui.engine.models.preparation import Engine
        from ovbench_tui.engine.worker.worker import InferenceWorker

        engine = Engine(allow_strings=False, map_files=False)
        InferenceWorker(
            self._ring, self._inbox, self._events.append, engine.prepare, engine.discover
        ).run()
