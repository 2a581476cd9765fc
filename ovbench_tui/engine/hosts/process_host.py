"""A worker in a child process: its own GIL, and nothing it does can take the screen down."""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import sys
from collections.abc import Iterator
from multiprocessing import util
from time import perf_counter

from ovbench_tui.console.signal_words import death_words
from ovbench_tui.engine.api.commands import Command, Shutdown
from ovbench_tui.engine.api.events import Event, WorkerStopped
from ovbench_tui.engine.hosts.child import run_child
from ovbench_tui.engine.hosts.host import RING_CAPACITY
from ovbench_tui.engine.hosts.shared_buffer import SharedBuffer
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.worker.stop_watch import STOPPED_AFTER_S
from ovbench_tui.system.process_state import is_stopped


class ProcessHost:
    """A worker in a spawned process; the ring lies in shared memory, the rest goes by pipe."""

    def __init__(self, ring_capacity: int = RING_CAPACITY) -> None:
        context = multiprocessing.get_context("spawn")
        self._buffer = SharedBuffer(LatencyRing.bytes_for(ring_capacity))
        self._ring = LatencyRing(self._buffer.memory)
        self._connection, self._childs_end = context.Pipe()
        self._process = context.Process(
            target=run_child,
            args=(self._buffer, self._childs_end, os.getpid()),
            name="ovbench-engine",
            daemon=True,
        )
        self._requested_end = False
        self._hung_up = False

    @property
    def ring(self) -> LatencyRing:
        """Where the worker's completions are stored."""
        return self._ring

    @property
    def pid(self) -> int | None:
        """The child's process id, once it is started."""
        return self._process.pid

    @property
    def is_halted(self) -> bool:
        """Whether the system keeps the child from running, as after SIGSTOP."""
        pid, ticked_s = self._process.pid, self._ring.good_until_s
        ticks = not math.isinf(ticked_s) and perf_counter() - ticked_s < STOPPED_AFTER_S
        return pid is not None and not ticks and is_stopped(pid)

    @property
    def alive(self) -> bool:
        """Whether the child runs."""
        return self._process.is_alive()

    def start(self) -> None:
        """Start the child."""
        # multiprocessing hands the standard error's descriptor to its helper process, and
        # Textual's stand-in for sys.stderr has none.
        with contextlib.redirect_stderr(sys.__stderr__), _outside_the_current_folder():
            self._process.start()
        self._buffer.close_handle()
        # Ours must be the only one left, or the end of the child would not close the pipe.
        self._childs_end.close()

    def send(self, command: Command) -> None:
        """Ask the worker for something; nothing happens when it is dead."""
        try:
            self._connection.send(command)
        except (BrokenPipeError, ConnectionResetError, OSError):
            return  # `poll` tells of its end

    def poll(self) -> list[Event]:
        """Take what the worker has told since the last call; its death is an event, too."""
        events: list[Event] = []
        try:
            while not (self._requested_end or self._hung_up) and self._connection.poll():
                events.append(self._connection.recv())
                self._requested_end = isinstance(events[-1], WorkerStopped)
        except (EOFError, OSError):
            self._hung_up = True
        if self._hung_up and not self._requested_end and not self._process.is_alive():
            self._requested_end = True
            events.append(WorkerStopped(_obituary(self._process.exitcode)))
        return events

    def stop(self) -> None:
        """Ask the worker to end."""
        self.send(Shutdown())

    def kill(self) -> None:
        """End the child at once, whatever it is doing."""
        if self._process.pid is not None and self._process.is_alive():
            self._process.kill()

    def join(self, timeout_s: float) -> bool:
        """Wait until the child has ended; what is left of it is cleared away."""
        if self._process.pid is None:
            return True
        self._process.join(timeout_s)
        return not self._process.is_alive()


@contextlib.contextmanager
def _outside_the_current_folder() -> Iterator[None]:
    """Let no helper process take a module from the current folder, which may be a downloaded one.

    They start as ``python -c``, which looks there first. Later versions than Python 3.10 obey
    PYTHONSAFEPATH, which the program sets; that one knows no other way than -I. What the child
    may import beyond the standard library is told to it by multiprocessing.
    """
    if sys.version_info >= (3, 11):
        yield
        return
    module, name = vars(util), "_args_from_interpreter_flags"
    flags = module[name]
    module[name] = lambda: [*flags(), "-I"]
    try:
        yield
    finally:
        module[name] = flags


def _obituary(exit_code: int | None) -> str:
    """Say in words how the child ended."""
    if exit_code is None:
        return "The engine's process no longer answers."
    if exit_code >= 0:
        return f"The engine's process ended by itself (exit code {exit_code})."
    return f"The engine's process {death_words(-exit_code)}."
