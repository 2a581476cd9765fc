"""What is to be done on a cluster, and what happens there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ovbench_tui.fleet.machine import Request, WorkerSeen
from ovbench_tui.fleet.protocol import wire


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


ToDo = Request | Broadcast | Tell
"""What a `ClusterClient` can do."""

Reported = WorkersSeen | WorkerGone | TaskOver | ClusterGone | dict[str, Any]
"""What comes into the inbox; a dictionary is a message of an engine."""
