"""The runs of a session and its history, folded from a ring and the states of a worker."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ovbench_tui.engine.events import RunStarted, StateChanged, WorkerState
from ovbench_tui.engine.ring import LatencyRing
from ovbench_tui.engine.snapshot import History, Marker, RunView
from ovbench_tui.stats.run import RunAccumulator
from ovbench_tui.stats.timeline import Timeline

_MARKERS_KEPT = 500
_FEEDING = (WorkerState.WARMING_UP, WorkerState.RUNNING)


@dataclass(slots=True)
class _OpenRun:
    run_id: int
    change: str
    started: RunStarted
    accumulator: RunAccumulator


class RunLedger:
    """Writes down what completes under which run; runs are numbered over all workers.

    Args:
        start_s: begin of the history.
    """

    def __init__(self, start_s: float) -> None:
        self._timeline = Timeline(start_s)
        self._markers: deque[Marker] = deque(maxlen=_MARKERS_KEPT)
        self._finished: list[RunView] = []
        self._run: _OpenRun | None = None
        self._ring: LatencyRing | None = None
        self._cursor = 0
        self._arrival = ""

    def follow(self, ring: LatencyRing, arrival: str) -> None:
        """From now on read this worker's ring.

        Args:
            arrival: why there is another worker, for the marker of its first run.
        """
        self._ring = ring
        self._cursor = 0
        self._arrival = arrival

    def fold_until(self, end: int) -> None:
        """Take completions up to the ring's `end`-th into the current run."""
        if self._ring is None or end <= self._cursor:
            return
        piece = self._ring.read(self._cursor, end)
        batch = self._run.started.effective.batch if self._run else 1
        if piece.dropped:
            self._timeline.add_unseen(piece.dropped, batch)
        self._timeline.add(piece.times_s, piece.latencies_ms, batch)
        if self._run is not None:
            self._run.accumulator.add(piece.times_s, piece.latencies_ms, piece.dropped)
        self._cursor = end

    def change_state(self, event: StateChanged) -> None:
        """Enter the state that begins at the event's place in the ring."""
        self.fold_until(event.ring_count)
        feeding = event.state in _FEEDING
        self._timeline.set_feeding(feeding, event.time_s)
        if self._run is not None:
            self._run.accumulator.set_state(
                feeding=feeding,
                measuring=event.measuring,
                warming=event.state is WorkerState.WARMING_UP,
                time_s=event.time_s,
            )

    def begin_run(self, event: RunStarted) -> None:
        """End the current run and begin another."""
        self.fold_until(event.ring_count)
        if self._run is not None:
            self._finished.append(_view(self._run, event.time_s))
        change = ", ".join(part for part in (self._arrival, event.change) if part)
        self._arrival = ""
        accumulator = RunAccumulator(event.effective.batch)
        self._run = _OpenRun(len(self._finished) + 1, change, event, accumulator)
        self._timeline.begin_run(event.time_s)
        if change:
            self._markers.append(Marker(self._timeline.column_of(event.time_s), change))

    def stop(self, time_s: float) -> None:
        """The worker is gone: what its ring still holds counts, and then nothing more."""
        if self._ring is None:
            return
        self.change_state(StateChanged(WorkerState.FAILED, False, 0, self._ring.total, time_s))

    def reset(self, now_s: float) -> None:
        """Begin the current run's statistics again."""
        if self._run is not None:
            self._run.accumulator.reset(now_s)

    @property
    def running(self) -> RunStarted | None:
        """How the current run was started."""
        return self._run.started if self._run else None

    def run(self, now_s: float) -> RunView | None:
        """The current run; None before the first."""
        return _view(self._run, now_s) if self._run else None

    def runs(self, now_s: float) -> tuple[RunView, ...]:
        """Every run so far, the current one last."""
        run = self.run(now_s)
        return (*self._finished, run) if run else tuple(self._finished)

    def history(self, columns: int, now_s: float) -> History:
        """The last `columns` columns of the session."""
        self._timeline.advance(now_s)
        last = self._timeline.last(columns)
        return History(
            column_s=self._timeline.column_s,
            first_column=last.first,
            fps=last.fps,
            p50_ms=last.p50_ms,
            p99_ms=last.p99_ms,
            markers=tuple(marker for marker in self._markers if marker.column >= last.first),
        )


def _view(run: _OpenRun, now_s: float) -> RunView:
    started = run.started
    return RunView(
        run_id=run.run_id,
        config=started.config,
        effective=started.effective,
        model=started.model,
        read_ms=started.read_ms,
        compile_ms=started.compile_ms,
        first_inference_ms=started.first_inference_ms,
        change=run.change,
        stats=run.accumulator.figures(now_s),
    )
