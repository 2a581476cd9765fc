"""An engine that fails on demand, in a thread or in a process of its own: a file says how."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.hosts import process_host
from ovbench_tui.engine.hosts.child import run_child
from ovbench_tui.engine.hosts.shared_buffer import SharedBuffer
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.requests.prepared_model import PreparedModel, Progress
from ovbench_tui.engine.requests.request_queue import RequestQueue
from ovbench_tui.engine.requests.ring import CompletedRequest, LatencyRing

if TYPE_CHECKING:
    import pytest

_ORDER = "OVBENCH_TESTS_ORDER"


def _fail_inference() -> None:
    raise RuntimeError("the device is gone\nsecond line")


def _hang() -> None:
    """As native code that waits for ever and never lets go of the GIL."""
    while True:
        ctypes.PyDLL(None).pause()


_AT_START: dict[str, Callable[[], object]] = {
    "inference": _fail_inference,
    "segfault": lambda: ctypes.string_at(0),
    "abort": os.abort,
    "exit": lambda: os._exit(7),
    "hang": _hang,
}


def obey(order: Path, patch: pytest.MonkeyPatch) -> None:
    """Rig the engines that are opened from now on to do what the word in `order` says.

    ``inference`` fails the start of an inference, ``callback`` the storing of a completion,
    ``memory`` and ``error`` what prepares a configuration. ``segfault``, ``abort``, ``exit`` and
    ``hang`` are for an engine in a process of its own.
    """
    _rig(order, patch.setattr)
    patch.setenv(_ORDER, str(order))
    patch.setattr(process_host, "run_child", run_rigged_child)


def run_rigged_child(buffer: SharedBuffer, connection: Connection, parent_pid: int) -> None:
    """What an isolated engine's process runs in place of `run_child`."""
    _rig(Path(os.environ[_ORDER]), setattr)
    run_child(buffer, connection, parent_pid)


def _rig(order: Path, put: Callable[[type, str, object], None]) -> None:
    def word() -> str:
        try:
            return order.read_text()
        except FileNotFoundError:
            return ""

    real_starter = RequestQueue.starter
    real_callback = LatencyRing.completion_callback
    real_prepare = Engine.prepare

    def starter(queue: RequestQueue) -> Callable[[], None]:
        start = real_starter(queue)

        def start_or_fail() -> None:
            _AT_START.get(word(), lambda: None)()
            start()

        return start_or_fail

    def callback(
        ring: LatencyRing, on_error: Callable[[BaseException], None]
    ) -> Callable[[CompletedRequest, int], None]:
        store = real_callback(ring, on_error)

        def store_or_fail(request: CompletedRequest, group: int) -> None:
            if word() == "callback":
                on_error(MemoryError("no memory left"))
            else:
                store(request, group)

        return store_or_fail

    def prepare(
        engine: Engine, config: BenchmarkConfig, reuse: PreparedModel | None, progress: Progress
    ) -> PreparedModel:
        match word():
            case "memory":
                raise MemoryError
            case "error":
                raise LookupError("nobody foresaw\nthis")
        return real_prepare(engine, config, reuse, progress)

    put(RequestQueue, "starter", starter)
    put(LatencyRing, "completion_callback", callback)
    put(Engine, "prepare", prepare)
