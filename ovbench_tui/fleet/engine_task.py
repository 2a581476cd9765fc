"""What runs on a Dask worker: the headless engine, as one long task.

It runs in the worker's executor, never on its event loop. It tells by Dask's events, takes
commands from a mailbox that Dask's own remote calls fill, and ends when it is told to, when its
run is over, or when nobody wants its result any more: the client has gone.
"""

from __future__ import annotations

import contextlib
import os
import platform
import queue
import shutil
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovbench_tui import __version__
from ovbench_tui.engine.api.run_sink import FinishedRun
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.errors import EngineHangsError, OvbenchError
from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.protocol.model_bundle import unpack
from ovbench_tui.fleet.tuning.shard_task import STEP_S, ShareRunner

if TYPE_CHECKING:
    from distributed import Worker

    from ovbench_tui.engine.session import Session

_MAILBOXES = "ovbench-tui-fleet"
_PULSE_S = 1.0
_FOLD_S = 0.2
"""Far more often than a ring of latencies fills up."""

_CLOSE_TIMEOUT_S = 10.0


@dataclass(slots=True)
class Mailbox:
    """Commands for one engine, from the worker's event loop to the engine's thread."""

    fleet: str
    task: str
    commands: queue.SimpleQueue[wire.Command] = field(default_factory=queue.SimpleQueue)


def place_model(manifest: str, blob: bytes) -> str:
    """Unpack a model on this worker; returns its folder, which Dask clears if we cannot."""
    from distributed import get_worker

    return unpack(manifest, blob, get_worker().local_directory)


def remove_model(folder: str) -> None:
    """Remove what `place_model` made, where no engine came to do it."""
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def deliver(fleet: str, text: str, dask_worker: Worker) -> int:
    """Put a command into the mailboxes of a fleet's engines on this worker; returns how many.

    Dask runs it on the worker's event loop and fills in `dask_worker`.
    """
    command = wire.command_of(text)
    boxes: dict[str, Mailbox] = dask_worker.extensions.get(_MAILBOXES, {})
    addressed = [
        box for box in list(boxes.values()) if box.fleet == fleet and command.task in ("", box.task)
    ]
    for box in addressed:
        box.commands.put(command)
    return len(addressed)


def run_engine(order_text: str, folder: str) -> str:
    """Measure until it is over; returns the number of the fleet's task.

    Args:
        order_text: a `wire.Order`.
        folder: what `place_model` returned; '' where nothing was sent. It is removed.
    """
    from distributed import Status, get_worker

    worker = get_worker()
    working = (Status.running, Status.paused)
    try:
        order = wire.order_of(order_text)

        def tell(message: wire.Message) -> None:
            worker.log_event(order.topic, {"task": order.task, **message})

        def is_wanted() -> bool:
            if worker.status not in working:
                return False  # it closes, or has lost its scheduler
            key = worker.get_current_task()
            task = worker.state.tasks.get(key)
            # Dask cannot end a running task: it only notes that nobody wants it any more.
            return task is not None and task.state == "executing"

        config = order.config
        if order.model_file:
            config = replace(config, model=str(Path(folder, order.model_file)))
        with _mailbox(worker, order) as box:
            # Before anything else: what is asked for from now on reaches the mailbox.
            tell(wire.hello_message(_introduce(order.serial)))
            try:
                _measure(replace(order, config=config), box, tell, is_wanted)
            except OvbenchError as error:
                is_stall = isinstance(error, EngineHangsError)
                tell({"kind": wire.TROUBLE, "text": str(error), "is_stall": is_stall})
        return order.task
    finally:
        remove_model(folder)


@contextlib.contextmanager
def _mailbox(worker: Any, order: wire.Order) -> Any:
    boxes = worker.extensions.setdefault(_MAILBOXES, {})
    box = boxes[order.task] = Mailbox(order.fleet, order.task)
    try:
        yield box
    finally:
        del boxes[order.task]


class EventSink:
    """A `RunSink` that sends each run to the client as soon as it has ended."""

    def __init__(self, tell: Callable[[wire.Message], None]) -> None:
        self._tell = tell

    def take(self, run: FinishedRun) -> None:
        """Send one run."""
        self._tell(wire.finished_message(run))

    def sentences(self) -> Sequence[str]:
        """Nothing: the client keeps the runs."""
        return ()


def _measure(
    order: wire.Order,
    box: Mailbox,
    tell: Callable[[wire.Message], None],
    is_wanted: Callable[[], bool],
) -> None:
    from ovbench_tui.engine.session import Session

    session = Session(order.config, run_sink=EventSink(tell))
    shares = ShareRunner(session, order.config, tell)
    session.start()
    reported_run: tuple[object, ...] = ()
    reported_state: WorkerState | None = None
    is_paused = False
    if order.is_paused:
        session.toggle_pause()
        is_paused = True
    next_pulse_s = time.monotonic()
    try:
        while is_wanted():
            command = _next(box, STEP_S if shares.is_busy else _FOLD_S)
            if command is not None:
                if command.what == wire.STOP:
                    break
                if command.what == wire.TUNE:
                    _tune(shares, command)
                else:
                    is_paused = _obey(session, command, order.config.model, is_paused=is_paused)
            snapshot = session.snapshot(0)
            if snapshot.stall:
                # The thread that hangs cannot be ended, and nothing can be measured beside it.
                raise EngineHangsError(snapshot.stall)
            shares.step(snapshot)
            run = snapshot.run
            # What it runs with is known better once it is warm.
            if run is not None and (run.run_id, run.effective) != reported_run:
                reported_run = run.run_id, run.effective
                tell({"kind": wire.RUN, "text": wire.to_text(run)})
            is_over = snapshot.finished or snapshot.state is WorkerState.FAILED
            now_s = time.monotonic()
            ends_second = now_s >= next_pulse_s
            if ends_second or snapshot.state is not reported_state:
                if ends_second:
                    next_pulse_s = max(next_pulse_s + _PULSE_S, now_s)
                reported_state = snapshot.state
                rejection = session.rejection
                reason = session.failure or (rejection.reason if rejection else "")
                tell(wire.pulse_message(snapshot, reason, ends_second=ends_second))
                is_over = is_over or (rejection is not None and snapshot.run is None)
            if not shares.is_busy and snapshot.state is WorkerState.RUNNING:
                shares.forget()
            # What fails in a search is one configuration, and others follow.
            if snapshot.finished or (is_over and not shares.has_measured):
                break
    finally:
        session.close(_CLOSE_TIMEOUT_S)


def _next(box: Mailbox, timeout_s: float) -> wire.Command | None:
    try:
        return box.commands.get(timeout=timeout_s)
    except queue.Empty:
        return None


def _tune(shares: ShareRunner, command: wire.Command) -> None:
    if command.share is None:
        shares.stop()
    else:
        shares.begin(command.share)


def _obey(session: Session, command: wire.Command, model: str, *, is_paused: bool) -> bool:
    """Do what is asked; returns whether the engine is to pause from now on."""
    if command.what == wire.CONFIGURE and command.config is not None:
        # The client's name of the model means nothing here.
        session.configure(replace(command.config, model=model))
    elif command.what == wire.RESET:
        session.reset_stats()
    elif command.what in (wire.PAUSE, wire.RESUME):
        wanted = command.what == wire.PAUSE
        if wanted != is_paused:
            session.toggle_pause()
        return wanted
    return is_paused


def _introduce(serial: int) -> wire.Handshake:
    from ovbench_tui.system.machine_id import this_machine

    machine = this_machine()
    affinity = getattr(os, "sched_getaffinity", None)
    return wire.Handshake(
        name=socket.gethostname(),
        cpu=machine.cpu,
        cpus=machine.cpus,
        usable_cpus=len(affinity(0)) if affinity else machine.cpus,
        os=platform.platform(),
        python=platform.python_version(),
        ovbench_tui=__version__,
        machine_id=machine.id,
        serial=serial,
    )
