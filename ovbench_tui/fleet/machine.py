"""One machine of a fleet: what its worker and its engine have reported."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from ovbench_tui.engine.api.results import RunView
from ovbench_tui.fleet.machine_status import MachineFigures, MachineState
from ovbench_tui.fleet.protocol import wire

_HISTORY_S = 600


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A worker of the cluster.

    Attributes:
        address: the scheduler's name for it.
        host: without a port.
        name: as it calls itself.
    """

    address: str
    host: str
    name: str


@dataclass(frozen=True, slots=True)
class StartOn:
    """To be done: start an engine on a worker."""

    key: str
    address: str
    task: str


@dataclass(frozen=True, slots=True)
class SendAgain:
    """To be done: this engine began with what is no longer asked for."""

    task: str
    address: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """To be done: nobody waits for this task any more."""

    task: str


Request = StartOn | SendAgain | GiveUp


@dataclass(slots=True)
class Machine:
    """What is known of a machine; changed by `FleetState` only."""

    key: str
    host: str
    worker_name: str
    address: str = ""
    task: str = ""
    starts: int = 0
    spare: int = 0
    state: MachineState = MachineState.JOINING
    hello: wire.Handshake | None = None
    pulse: wire.Heartbeat | None = None
    device: str = ""
    run_text: str = ""
    run: RunView | None = None
    reason: str = ""
    reported: str = ""
    last_seen_s: float = math.nan
    fps: deque[float] = field(default_factory=lambda: deque(maxlen=_HISTORY_S))
    seconds: int = 0
    figures: MachineFigures | None = None


def name_of(machine: Machine) -> str:
    """As it calls itself, or as the cluster does."""
    return machine.hello.name if machine.hello and machine.hello.name else machine.key
