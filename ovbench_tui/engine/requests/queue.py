"""What the worker needs of whatever runs a model: infer requests, or a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ovbench_tui.engine.workloads.workload import ArrivalStarter


class Trials(Protocol):
    """Short trials of a queue, of which nothing is stored; only when it is drained.

    Raises RuntimeError once an inference has failed; the queue must be discarded then.
    """

    def fastest_ms(self) -> float:
        """The shortest of a few inferences that run alone."""
        ...

    def trial_rate(self, seconds: float, *, spins: bool = False) -> float:
        """Inferences a second; the queue must be warm."""
        ...


class Queue(Protocol):
    """Takes work while it has room, and stores what completes in a ring.

    To be built, fed, drained and released by one thread only. Whatever starts or waits raises
    RuntimeError once an inference has failed; the queue must be discarded then.
    """

    nireq: int
    resets_after: int
    collected_by: str
    spins: bool

    def first_inference_ms(self) -> float:
        """Run one inference, before any other and outside the ring; wall time in ms."""
        ...

    def further_firsts_ms(self) -> tuple[tuple[int, float], ...]:
        """Where shapes rotate: run the next inferences alone and outside the ring, for a moment.

        Returns:
            Number of the shape group and latency in ms of the first with each shape.
        """
        ...

    def record(self, *, by_feeder: bool) -> None:
        """From now on completions go to the ring; only while nothing is in flight."""
        ...

    def starter(self) -> Callable[[], None]:
        """Build the call that waits until there is room, and starts the next inference."""
        ...

    def feed_while(self, go_on: Callable[[], bool], *, may_spin: bool = True) -> None:
        """Start inferences as fast as they complete."""
        ...

    def arrival_starter(self) -> ArrivalStarter:
        """Build what starts single inferences of known arrival; not where they are steps."""
        ...

    @property
    def trials(self) -> Trials | None:
        """What finds out how its completions are best collected; None = there is no choice."""
        ...

    @property
    def may_spin(self) -> bool:
        """Whether the feeder could look for idle requests without being woken."""
        ...

    def drain(self) -> None:
        """End what is in flight, and see that all that has completed is stored."""
        ...

    def restart_sequences(self) -> None:
        """Let every request begin with a new sequence; only when drained."""
        ...

    def profiles(self) -> list[Any]:
        """OpenVINO's profiling of the last inference of every request; only when drained."""
        ...

    def release(self) -> None:
        """Let go of what it holds of the model."""
        ...
