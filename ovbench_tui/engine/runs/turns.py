"""What one model does, told in two runs: while it runs alone, and together with others."""

from __future__ import annotations

from dataclasses import replace

from ovbench_tui.engine.api.events import PairStarted, RunStarted, SliceEnded, StateChanged

ALONE, TOGETHER = "alone", "together"


class Turns:
    """Says to which of the two runs a stretch belongs, and which stretch is a whole slice.

    The worker knows nothing of it: it feeds its queue or pauses, as ever. What completes outside
    of the slices counts in neither run. A slice in which the worker stopped measuring for a
    while, whatever the reason, is not whole.

    Args:
        started: the run that is told in two from here on.
        ring_count: completions by now.
        time_s: now, by `perf_counter`.
    """

    def __init__(self, started: RunStarted, ring_count: int, time_s: float) -> None:
        self.started = started
        alone = replace(started, change=ALONE, ring_count=ring_count, time_s=time_s)
        # The worker counts from 1, so no other run has this number.
        together = replace(alone, change=TOGETHER, run_id=-started.run_id)
        self.pair = PairStarted(alone, together)
        self._run_id = alone.run_id
        self._pair: int | None = None
        self._is_whole = False

    def begin(self, *, together: bool, pair: int, is_measured: bool) -> None:
        """Let a slice begin.

        Args:
            pair: number of the round that it belongs to.
            is_measured: the worker measures now.
        """
        self._run_id = (self.pair.b if together else self.pair.a).run_id
        self._pair = pair
        self._is_whole = is_measured

    def end(self) -> SliceEnded | None:
        """Let the slice end; None = it was not whole."""
        pair, self._pair = self._pair, None
        return SliceEnded(self._run_id, pair) if pair is not None and self._is_whole else None

    def of(self, event: StateChanged) -> StateChanged:
        """The state of the worker as one of the run whose turn it is."""
        self._is_whole = self._is_whole and event.measuring
        is_measured = event.measuring and self._pair is not None
        return replace(event, run_id=self._run_id, measuring=is_measured)
