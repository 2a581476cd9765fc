"""The Dask side of a fleet: sends the model, starts engines, passes commands on.

A thread of its own does what waits for the network. It gets what is to be done from a queue,
and tells what happened into an inbox; the board is not its own.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from ovbench_tui.config.model_file import Source
from ovbench_tui.errors import OvbenchError
from ovbench_tui.fleet.cluster_messages import (
    Broadcast,
    ClusterGone,
    Reported,
    TaskOver,
    Tell,
    ToDo,
    WorkerGone,
    WorkersSeen,
)
from ovbench_tui.fleet.machine import GiveUp, SendAgain, StartOn, WorkerSeen
from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.protocol.model_bundle import pack
from ovbench_tui.fleet.task_reason import cause_of, reason_of

_LOOK_EVERY_S = 3.0
_LOOK_AFTER_S = 0.1


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
        self._todo: queue.SimpleQueue[ToDo | None] = queue.SimpleQueue()
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

    def do(self, what: ToDo) -> None:
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

    def _do(self, what: ToDo) -> None:
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
            self.inbox.append(TaskOver(task, reason_of(future), may_try_again=is_given_up))
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

    def _note_error(self, what: ToDo, error: Exception) -> None:
        logging.getLogger("distributed").warning("%r failed", what, exc_info=error)
        if isinstance(what, StartOn):
            reported = str(error) if isinstance(error, OvbenchError) else f"{cause_of(error)}."
            self.inbox.append(TaskOver(what.task, f"It cannot be started: {reported}"))
        if not self._is_connected and not self._is_gone:
            self._is_gone = True
            self.inbox.append(ClusterGone("The Dask scheduler is gone, and the engines with it."))


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
