"""The child process of an isolated worker."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import TYPE_CHECKING

from ovbench_tui.console.error_log import keep_errors
from ovbench_tui.engine.api.events import Event
from ovbench_tui.engine.hosts.shared_buffer import SharedBuffer
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.system.parent import end_with_parent

if TYPE_CHECKING:
    from ovbench_tui.engine.worker.inbox import Inbox


def run_child(buffer: SharedBuffer, connection: Connection, parent_pid: int) -> None:
    """Run a worker whose commands come from and whose events go to `connection`.

    Ends with the worker, or with the parent, whatever the parent dies of.
    """
    end_with_parent(parent_pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    # Ctrl-C reaches every process of the terminal; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What the parent keeps off the screen leads to its log, here as there.
    keep_errors(2)
    inbox: Inbox = SimpleQueue()
    threading.Thread(target=_receive, args=(connection, inbox), daemon=True).start()

    from ovbench_tui.engine.models.preparation import Engine
    from ovbench_tui.engine.worker.worker import InferenceWorker

    def emit(event: Event) -> None:
        try:
            connection.send(event)
        except OSError:
            os._exit(0)  # nobody listens any more

    # A model with strings may abort the process when it is released; this one may die.
    engine = Engine(allow_strings=True)
    ring = LatencyRing(buffer.memory)
    InferenceWorker(ring, inbox, emit, engine.prepare, engine.discover).run()
    # Leaves without native teardown, which has nothing to add and may hang or crash.
    os._exit(0)


def _receive(connection: Connection, inbox: Inbox) -> None:
    try:
        while True:
            inbox.put(connection.recv())
    except (EOFError, OSError):
        os._exit(0)  # the parent is gone
