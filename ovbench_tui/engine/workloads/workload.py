"""What a workload is, and what it needs of the infer requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class ArrivalStarter(Protocol):
    """Starts single inferences whose arrival is known."""

    def is_ready(self) -> bool:
        """Whether a request is idle."""
        ...

    def wait(self) -> object:
        """Wait until one is."""
        ...

    def start(self, due_s: float) -> None:
        """Start an idle request for what arrived at `due_s`, by `perf_counter`."""
        ...


class Requests(Protocol):
    """The infer requests, as a workload sees them."""

    def starter(self) -> Callable[[], None]:
        """Build the call that waits for an idle request and starts it."""
        ...

    def feed_while(self, go_on: Callable[[], bool], *, may_spin: bool = True) -> None:
        """Start inferences as fast as they complete."""
        ...

    def arrival_starter(self) -> ArrivalStarter:
        """Build what starts inferences that arrive one by one; not where they are steps."""
        ...


class Workload(Protocol):
    """Says what is fed, when the next one starts, and what a completion means.

    The worker owns the requests and the states, warms up, and drains; a workload feeds what is
    warm. It is called once each time that the worker has looked into its inbox, so the loops
    over inferences are the workload's.
    """

    def feed(
        self,
        requests: Requests,
        go_on: Callable[[], bool],
        *,
        started: int = 0,
        wanted: int | None = None,
        may_spin: bool = True,
    ) -> int:
        """Start inferences while `go_on` says so, and at most so many.

        Args:
            started: how many of the `wanted` (None = no limit) were started before.
            may_spin: see `Requests.feed_while`.

        Returns:
            How many are started now, where their number matters.

        Raises:
            RuntimeError: an inference failed; the requests must be discarded.
        """
        ...
