"""Understands the finished runs of a fleet, and hands them on, in a thread of its own.

A change of hundreds of machines ends hundreds of runs at once, each with a histogram and a
series: the screen must not wait for that.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.run_sink import MeasuredOn, RunSink
from ovbench_tui.fleet.machine_status import with_model
from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.protocol.wire_fields import WireError


class RunKeeper:
    """Takes messages, and gives runs to a sink.

    Args:
        model: what the user calls the model.
    """

    def __init__(self, sink: RunSink, model: str) -> None:
        self._sink = sink
        self._model = model
        self._reported: queue.SimpleQueue[
            tuple[Mapping[str, Any], wire.Handshake | None] | None
        ] = queue.SimpleQueue()
        self._sentences: deque[str] = deque()
        self._thread = threading.Thread(target=self._run, name="ovbench-fleet-runs", daemon=True)
        self._thread.start()

    def take(self, message: Mapping[str, Any], hello: wire.Handshake | None) -> None:
        """Take the message of a run that has ended; does not block."""
        self._reported.put((message, hello))

    def sentences(self) -> list[str]:
        """What the user should know and was not told yet."""
        own = [self._sentences.popleft() for _ in range(len(self._sentences))]
        return [*own, *self._sink.sentences()]

    def close(self, timeout_s: float) -> None:
        """Hand on what is left."""
        self._reported.put(None)
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while (reported := self._reported.get()) is not None:
            message, hello = reported
            try:
                run = wire.finished_of(message)
            except WireError as error:
                name = hello.name if hello is not None else "a machine"
                text = f"A run of {name} is not kept, since it cannot be understood: {error}."
                self._sentences.append(printable(text))
                continue
            view = with_model(run.result.view, self._model)
            self._sink.take(
                replace(run, result=replace(run.result, view=view), measured_on=_machine(hello))
            )


def _machine(hello: wire.Handshake | None) -> MeasuredOn | None:
    if hello is None:
        return None
    return MeasuredOn(
        name=hello.name,
        machine_id=hello.machine_id,
        cpu=hello.cpu,
        cpus=hello.cpus,
        usable_cpus=hello.usable_cpus,
        os=hello.os,
        python=hello.python,
    )
