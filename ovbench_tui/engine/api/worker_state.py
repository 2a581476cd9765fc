"""The states of a worker; apart from what it tells, which the first frame does not need."""

from __future__ import annotations

from enum import Enum


class WorkerState(Enum):
    """The states of the one machine that owns the queue."""

    IDLE = "idle"
    READING = "reading"
    COMPILING = "compiling"
    WAITING = "finding devices"
    WARMING_UP = "warming up"
    RUNNING = "running"
    PAUSED = "paused"
    DRAINING = "draining"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def is_feeding(self) -> bool:
        """Whether inferences are started in it."""
        return self in (WorkerState.WARMING_UP, WorkerState.RUNNING)
