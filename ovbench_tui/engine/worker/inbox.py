"""What the worker's inbox takes beside commands: what its helpers and callbacks tell it."""

from __future__ import annotations

from dataclasses import dataclass
from queue import SimpleQueue

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.commands import Command
from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.api.model_info import ModelFacts
from ovbench_tui.engine.requests.prepared_model import PreparedModel


@dataclass(frozen=True, slots=True)
class Prepared:
    """The compile thread is done; `is_variant_b` = it was requested to alternate with what runs."""

    config: BenchmarkConfig
    result: PreparedModel | Exception
    is_variant_b: bool = False


@dataclass(frozen=True, slots=True)
class Progressed:
    """The compile thread has come to its next step."""

    what: str


@dataclass(frozen=True, slots=True)
class Discovered:
    """The device search is done."""

    devices: tuple[DeviceInfo, ...]
    openvino_version: str
    reason: str


@dataclass(frozen=True, slots=True)
class Described:
    """The model of this run is counted."""

    run_id: int
    facts: ModelFacts


@dataclass(frozen=True, slots=True)
class TimeIsUp:
    """The measured time of this arming of the clock is over."""

    arming: int


@dataclass(frozen=True, slots=True)
class WasStopped:
    """The process was stopped for a while, and runs again."""


@dataclass(frozen=True, slots=True)
class CallbackFailed:
    """The completion callback of this queue could not store."""

    error: BaseException
    queue_number: int


Inbox = SimpleQueue[
    Command
    | Prepared
    | Progressed
    | Discovered
    | Described
    | TimeIsUp
    | WasStopped
    | CallbackFailed
]


def take_all(inbox: Inbox, *, block: bool) -> list[object]:
    """Take every message there is; with `block` wait for one."""
    taken: list[object] = [inbox.get()] if block else []
    while not inbox.empty():
        taken.append(inbox.get())
    return taken
