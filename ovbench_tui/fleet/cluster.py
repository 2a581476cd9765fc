"""The Dask side of a fleet: connects, sends the model, starts engines, passes commands on.

A thread of its own does what waits for the network. It gets what is to be done from a queue,
and tells what happened into an inbox; the board is not its own.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from ovbench_tui.config.model_file import Source
from ovbench_tui.console.native_errors import native_reason
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.fleet.dask_modules import load_dask
from ovbench_tui.fleet.machine import GiveUp, Request, SendAgain, StartOn, WorkerSeen
from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.protocol.model_bundle import pack
from ovbench_tui.options.cluster_address import Address

_CONNECT_TIMEOUT_S = 10.0
_NOWHERE = "127.0.0.1:0"
"""For Dask's pages on what it does, which cannot all be left out: this machine alone sees them."""

_LOOK_EVERY_S = 3.0
_LOOK_AFTER_S = 0.1
_NETWORK_ERRORS = (OSError, TimeoutError, RuntimeError, ValueError)
"""What Dask raises when a scheduler or a worker is gone; its CommClosedError is an OSError."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """To be done: give every engine a command."""

    command: wire.Command


@dataclass(frozen=True, slots=True)
class Tell:
    """To be done: give one engine a command."""

    command: wire.Command


@dataclass(frozen=True, slots=True)
class WorkersSeen:
    """All workers there are."""

    workers: tuple[WorkerSeen, ...]


@dataclass(frozen=True, slots=True)
class WorkerGone:
    """A worker has left the cluster, or has died."""

    address: str


@dataclass(frozen=True, slots=True)
class TaskOver:
    """A task is over; `reason` is why, in a sentence, or ''.

    Attributes:
        may_try_again: it is no fault of the machine's.
    """

    task: str
    reason: str
    may_try_again: bool = False


@dataclass(frozen=True, slots=True)
class ClusterGone:
    """The scheduler does not answer any more."""

    reason: str


_Todo = Request | Broadcast | Tell

Reported = WorkersSeen | WorkerGone | TaskOver | ClusterGone | dict[str, Any]
"""What comes into the inbox; a dictionary is a message of an engine."""


@contextlib.contextmanager
def connected(address: Address, timeout_s: float = _CONNECT_TIMEOUT_S) -> Iterator[Any]:
    """Yield a Dask client of the cluster, and close both as far as they are ours.

    Raises:
        BadInputError: nothing answers there, or Dask cannot be loaded.
    """
    dask, distributed = load_dask()
    _log_to_descriptor_2()
    with contextlib.ExitStack() as stack:
        security = None
        if address.tls_ca_file or address.tls_cert or address.tls_key:
            security = distributed.Security(
                tls_ca_file=address.tls_ca_file or None,
                tls_client_cert=address.tls_cert or None,
                tls_client_key=address.tls_key or None,
                require_encryption=True,
            )
        where = address.scheduler
        if address.local:
            # The profiler looks at every thread a hundred times a second, and disturbs.
            stack.enter_context(dask.config.set({"distributed.worker.profile.enabled": False}))
            try:
                # Without TLS every user of this machine could run code as this one.
                security = distributed.Security.temporary()
                with _interrupts_kept_from_children():
                    cluster = distributed.LocalCluster(
                        n_workers=address.local,
                        threads_per_worker=1,
                        processes=True,
                        host="127.0.0.1",
                        protocol="tls",
                        security=security,
                        dashboard_address=_NOWHERE,
                        worker_dashboard_address=_NOWHERE,
                        memory_limit=0,
                        silence_logs=logging.ERROR,
                    )
                stack.callback(_close, cluster)
            except (*_NETWORK_ERRORS, ImportError) as error:
                raise BadInputError(f"No cluster can be started here: {_cause(error)}.") from None
            where = cluster.scheduler_address
        try:
            client = distributed.Client(
                where, timeout=timeout_s, set_as_default=False, security=security
            )
        except (*_NETWORK_ERRORS, TypeError) as error:
            raise BadInputError(
                f"No Dask scheduler answers at {where}: {_cause(error)}; start one with"
                " 'dask scheduler', and 'dask worker' on each machine."
            ) from None
        stack.callback(_close, client)
        yield client


def _close(closable: Any) -> None:
    with contextlib.suppress(*_NETWORK_ERRORS):  # gone already: that is what is wanted
        closable.close(timeout=5)


@contextlib.contextmanager
def _interrupts_kept_from_children() -> Iterator[None]:
    """Ctrl-C goes to every process of the terminal, and the workers are still needed then.

    Threads and processes that are started meanwhile keep the mask, restarted workers, too.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _log_to_descriptor_2() -> None:
    """Let Dask's log go where native noise goes: its own handlers would write on the screen."""
    for name in ("distributed", "distributed.client", "bokeh", "tornado", "tornado.application"):
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
    # As long as the program lives: at its end threads of Dask may still have something to say.
    stream = open(2, "w", closefd=False)  # noqa: SIM115 - a descriptor, not a path
    logging.getLogger("distributed").addHandler(logging.StreamHandler(stream))


class ClusterClient:
    """Does on the cluster what the board asks for.

    Args:
        source: the model to send; None = every machine has it.
        order: makes the order for a task, when it is about to be sent.
    """

    def __init__(
        self,
        client: Any,
        fleet: str,
        source: Source | None,
        order: Callable[[str, str], wire.Order],
    ) -> None:
        self.inbox: deque[Reported] = deque()
        self._client = client
        self._fleet = fleet
        self._source = source
        self._order = order
        self._todo: queue.SimpleQueue[_Todo | None] = queue.SimpleQueue()
        self._futures: dict[str, list[Any]] = {}
        self._addresses: dict[str, str] = {}
        self._bundle: tuple[str, str, Any] | None = None
        self._travelling: set[str] = set()
        self._look_at_s = 0.0
        self._is_gone = False
        self._thread = threading.Thread(target=self._run, name="ovbench-fleet", daemon=True)

    @property
    def topic(self) -> str:
        """Of the engines' messages."""
        return f"ovbench-tui-fleet-{self._fleet}"

    def start(self) -> None:
        """Listen to the cluster, and look for workers."""
        self._client.subscribe_topic(self.topic, self._take_message)
        self._client.subscribe_topic("all", self._take_scheduler_event)
        self._thread.start()

    def do(self, what: _Todo) -> None:
        """Do this as soon as possible; does not block."""
        self._todo.put(what)

    def stop(self, timeout_s: float) -> None:
        """Tell every engine to end, and end; what they still tell comes into the inbox."""
        self.do(Broadcast(wire.Command(wire.STOP)))
        self._todo.put(None)
        self._thread.join(timeout_s)

    # --- on Dask's loop: must be quick --------------------------------------------------------

    def _take_message(self, event: Any) -> None:
        _, message = event
        if isinstance(message, dict):
            self.inbox.append(message)

    def _take_scheduler_event(self, event: Any) -> None:
        _, message = event
        action = message.get("action") if isinstance(message, dict) else None
        if action == "remove-worker":
            self.inbox.append(WorkerGone(str(message.get("worker"))))
        if action in ("remove-worker", "add-worker"):
            self._look_at_s = 0.0
            self._todo.put(GiveUp(""))  # wakes the thread

    # --- the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            wait_s = max(_LOOK_AFTER_S, self._look_at_s - time.monotonic())
            try:
                what = self._todo.get(timeout=wait_s)
            except queue.Empty:
                what = GiveUp("")
            if what is None:
                return
            if self._is_gone:
                continue
            try:
                self._do(what)
                if time.monotonic() >= self._look_at_s:
                    self._look()
            except Exception as error:  # noqa: BLE001 - the other machines go on
                self._note_error(what, error)

    def _do(self, what: _Todo) -> None:
        if isinstance(what, StartOn):
            self._begin(what)
        elif isinstance(what, SendAgain):
            command = self._order(what.task, "")
            text = wire.to_text(wire.Command(wire.CONFIGURE, command.config, what.task))
            self._deliver(text, [what.address])
            pause = wire.PAUSE if command.is_paused else wire.RESUME
            self._deliver(wire.to_text(wire.Command(pause, None, what.task)), [what.address])
        elif isinstance(what, GiveUp):
            self._drop(what.task)
        elif isinstance(what, Tell):
            self._tell_one(what.command)
        else:
            self._deliver(wire.to_text(what.command), [*set(self._addresses.values())])

    def _look(self) -> None:
        self._look_at_s = time.monotonic() + _LOOK_EVERY_S
        workers: dict[str, Any] = {}
        if self._is_connected:
            workers = self._client.scheduler_info(n_workers=-1).get("workers", {})
        if not self._is_connected:
            raise OSError("the connection is closed")
        self.inbox.append(
            WorkersSeen(
                tuple(
                    WorkerSeen(address, str(worker.get("host", address)), str(worker.get("name")))
                    for address, worker in workers.items()
                    if worker.get("status") in ("running", "paused", "init")
                )
            )
        )

    def _begin(self, ask: StartOn) -> None:
        pinned: dict[str, Any] = {
            "workers": [ask.address],
            "allow_other_workers": False,
            "pure": False,
            "retries": 0,
        }
        futures: list[Any] = []
        model_file, folder = "", ""
        if self._source is not None:
            model_file, manifest, blob = self._shipment(ask.address)
            folder = self._client.submit(
                _there("place_model"), manifest, blob, key=f"{ask.task}-model", **pinned
            )
            self._travelling.add(ask.task)
            folder.add_done_callback(partial(self._arrived, ask.task))
            futures.append(folder)
        order = wire.to_text(self._order(ask.task, model_file))
        future = self._client.submit(_there("run_engine"), order, folder, key=ask.task, **pinned)
        future.add_done_callback(partial(self._over, ask.task))
        self._futures[ask.task] = [future, *futures]
        self._addresses[ask.task] = ask.address

    def _shipment(self, address: str) -> tuple[str, str, Any]:
        """The model on the cluster: it leaves this machine once, workers pass it on."""
        if self._bundle is not None and self._bundle[2].status != "finished":
            self._bundle = None  # who held it has died
        if self._bundle is None and self._source is not None:
            manifest, blob = pack(self._source)
            future = self._client.scatter(blob, workers=[address], broadcast=False, hash=False)
            self._bundle = manifest.model, manifest.text, future
        assert self._bundle is not None  # noqa: S101 - made just now
        return self._bundle

    def _arrived(self, task: str, _future: Any) -> None:
        self._travelling.discard(task)
        if not self._travelling:
            self._bundle = None  # Dask then frees the memory; a late machine gets another

    @property
    def _is_connected(self) -> bool:
        # A client that connects again has given up all that it had asked for.
        return bool(self._client.status == "running")

    def _over(self, task: str, future: Any) -> None:
        if future.status == "cancelled" and not self._is_connected:
            self._look_at_s = 0.0
            self._todo.put(GiveUp(""))  # the thread then finds out
        elif self._futures.get(task):
            is_given_up = future.status == "cancelled"
            self.inbox.append(TaskOver(task, _reason_of(future), may_try_again=is_given_up))
            if is_given_up:
                self._look_at_s = 0.0
                self._todo.put(GiveUp(""))

    def _drop(self, task: str) -> None:
        futures = self._futures.pop(task, [])
        self._addresses.pop(task, None)
        self._travelling.discard(task)
        if futures:
            self._client.cancel(futures, force=True)

    def _tell_one(self, command: wire.Command) -> None:
        """Give one engine a command; of a share that does not reach it nobody is to wait."""
        address = self._addresses.get(command.task)
        reached = self._deliver(wire.to_text(command), [address] if address else [])
        if command.share is not None and reached != 1:
            lost = wire.share_over_message(command.share.number, "It cannot be reached.")
            self.inbox.append({"task": command.task, **lost})

    def _deliver(self, text: str, addresses: list[str]) -> int:
        """Give engines a command; returns how many have it."""
        answers: dict[str, Any] = {}
        if addresses:
            # A worker that has gone in the meantime is an exception among the answers.
            answers = self._client.run(
                _deliver_there(),
                self._fleet,
                text,
                workers=addresses,
                on_error="return",
                nanny=False,
            )
        return sum(answer for answer in answers.values() if isinstance(answer, int))

    def _note_error(self, what: _Todo, error: Exception) -> None:
        logging.getLogger("distributed").warning("%r failed", what, exc_info=error)
        if isinstance(what, StartOn):
            reported = str(error) if isinstance(error, OvbenchError) else f"{_cause(error)}."
            self.inbox.append(TaskOver(what.task, f"It cannot be started: {reported}"))
        if not self._is_connected and not self._is_gone:
            self._is_gone = True
            self.inbox.append(ClusterGone("The Dask scheduler has gone, and the engines with it."))


def _there(name: str) -> Callable[..., Any]:
    """A function of `engine_task`, looked up only when it is called.

    As a local function it travels by value: a worker that lacks this package then tells so,
    where one that cannot even read its message would die of it.
    """

    def call(*arguments: Any) -> Any:
        from ovbench_tui.fleet import engine_task

        return getattr(engine_task, name)(*arguments)

    return call


def _deliver_there() -> Callable[..., Any]:
    def call(fleet: str, text: str, dask_worker: Any) -> Any:
        from ovbench_tui.fleet.engine_task import deliver

        return deliver(fleet, text, dask_worker)

    return call


def _reason_of(future: Any) -> str:
    """Why a task is over, in a sentence; '' = it came to its end."""
    if future.status == "finished":
        return ""
    if future.status == "cancelled":
        return "It was given up by the cluster, as when the worker that held the model has died."
    try:
        error = future.exception(timeout=5)
    except Exception as failure:  # noqa: BLE001 - whatever kept the reason is the reason then
        error = failure
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ImportError):
            who = "The scheduler" if "task graph" in str(error) else "Its worker"
            return (
                f"{who} lacks a package ({_cause(cause)}): install ovbench-tui[fleet] of the same"
                " version there."
            )
        if isinstance(cause, BadInputError):
            return str(cause)
        cause = cause.__cause__ or cause.__context__
    return f"Its task failed: {_cause(error)}."


def _cause(error: BaseException | None) -> str:
    text = str(error)
    return native_reason(text) if text.strip() else type(error).__name__
