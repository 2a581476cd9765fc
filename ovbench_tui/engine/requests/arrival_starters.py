"""Start infer requests for arrivals, and let their completions be stored with the waiting."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from ovbench_tui.engine.requests.ring import LatencyRing, arrival_tag


class AsyncArrivalStarter:
    """Starts whichever request is idle; the ring's arrival callback stores what completes.

    Args:
        start: takes no inputs, and what the callback is given.
        idle_id: waits for an idle request, and returns its index.
        is_ready: whether there is one.
        make_ready: gives the request of this index its inputs, and returns their shape group;
            None = it has them.
    """

    def __init__(
        self,
        start: Callable[[dict[str, object], object], None],
        idle_id: Callable[[], int],
        is_ready: Callable[[], bool],
        make_ready: Callable[[int], int] | None,
    ) -> None:
        self._start = start
        self._make_ready = make_ready
        self._nothing: dict[str, object] = {}
        self.is_ready = is_ready
        self.wait = idle_id

    def start(self, due_s: float) -> None:
        """Start an idle request for what arrived at `due_s`.

        Raises:
            RuntimeError: an inference has failed; the queue must be discarded.
        """
        group = self._make_ready(self.wait()) if self._make_ready is not None else 0
        self._start(self._nothing, arrival_tag(group, perf_counter() - due_s))


class SyncArrivalStarter:
    """Runs one inference after the other, and stores each.

    Args:
        infer: runs one and returns its latency in ms.
        make_ready: as of `AsyncArrivalStarter`.
    """

    def __init__(
        self,
        infer: Callable[[], float],
        make_ready: Callable[[int], int] | None,
        ring: LatencyRing,
    ) -> None:
        self._infer = infer
        self._make_ready = make_ready
        self._store = ring.arrival_recorder()

    def is_ready(self) -> bool:
        """Always: whoever looks runs nothing meanwhile."""
        return True

    def wait(self) -> None:
        """Return at once."""

    def start(self, due_s: float) -> None:
        """Run an inference for what arrived at `due_s`.

        Raises:
            RuntimeError: it failed; the queue must be discarded.
        """
        group = self._make_ready(0) if self._make_ready is not None else 0
        tag = arrival_tag(group, perf_counter() - due_s)
        self._store(self._infer(), tag)
