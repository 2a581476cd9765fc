"""Where a session's runs go once they have ended, as into the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.api.results import RunResult


class RunEnd(Enum):
    """How a run ended."""

    FINISHED = "finished"
    """By itself, at its duration or number of iterations."""

    CHANGED = "changed"
    """Another configuration followed."""

    STOPPED = "stopped"
    """The program ended, or its engine was replaced."""

    FAILED = "failed"
    """The model failed while it ran, or its engine died."""


@dataclass(frozen=True, slots=True)
class MeasuredOn:
    """Another machine than this one, as it has told of itself.

    Attributes:
        name: of the host; kept, since a fleet's runs are told apart by it.
        machine_id: as this machine makes its own.
    """

    name: str
    machine_id: str
    cpu: str
    cpus: int
    usable_cpus: int
    os: str
    python: str


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that measures nothing more.

    Attributes:
        started_at: in UTC.
        isolated: the engine had a process of its own.
        devices, openvino_version: as the engine told them; () and '' when it had not yet.
        measured_on: None = this machine.
    """

    result: RunResult
    started_at: datetime
    end: RunEnd
    isolated: bool
    devices: tuple[DeviceInfo, ...] = ()
    openvino_version: str = ""
    measured_on: MeasuredOn | None = None


class RunSink(Protocol):
    """Takes runs from the thread that draws: no call may block or raise."""

    def take(self, run: FinishedRun) -> None:
        """Take one run; each comes once."""
        ...

    def sentences(self) -> Sequence[str]:
        """What the user should know and was not told yet."""
        ...
