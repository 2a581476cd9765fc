"""The runs of a session and its history, folded from a ring and the states of a worker."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ovbench_tui.engine.causes import explain
from ovbench_tui.engine.events import (
    EffectiveConfig,
    ProfileTaken,
    RunStarted,
    StateChanged,
    WorkerState,
)
from ovbench_tui.engine.machine_watch import MachineSample
from ovbench_tui.engine.results import RunResult
from ovbench_tui.engine.ring import LatencyRing, RingSlice
from ovbench_tui.engine.snapshot import History, Marker, RunView
from ovbench_tui.stats.figures import Stability
from ovbench_tui.stats.histogram import FrozenHistogram
from ovbench_tui.stats.run import RunAccumulator
from ovbench_tui.stats.stability import StabilityMonitor
from ovbench_tui.stats.timeline import Timeline

_MARKERS_KEPT = 500
_JUDGED_EVERY_S = 2.0
"""Windows are of seconds; judging them in every frame would only cost."""

_FEEDING = (WorkerState.WARMING_UP, WorkerState.RUNNING)


@dataclass(slots=True)
class _OpenRun:
    run_id: int
    change: str
    started: RunStarted
    accumulator: RunAccumulator
    monitor: StabilityMonitor
    stability: Stability = field(default_factory=Stability)
    judged_at_s: float = math.inf
    unjudged: list[RingSlice] = field(default_factory=list)
    profile: ProfileTaken | None = None

    def feed_monitor(self) -> None:
        """Hand over what was folded since the last judgement; one call costs as much as many."""
        if not self.unjudged:
            return
        times_s = np.concatenate([piece.times_s for piece in self.unjudged])
        latencies_ms = np.concatenate([piece.latencies_ms for piece in self.unjudged])
        self.monitor.add(times_s, latencies_ms, sum(piece.dropped for piece in self.unjudged))
        self.unjudged.clear()


@dataclass(frozen=True, slots=True)
class _ClosedRun:
    view: RunView
    histogram: FrozenHistogram
    profile: ProfileTaken | None


class LatencySink(Protocol):
    """Takes every measured latency, as it is folded."""

    def add(
        self,
        times_s: npt.NDArray[np.float64],
        latencies_ms: npt.NDArray[np.float64],
        run_id: int,
    ) -> None:
        """Take completions of one run, in order; must not raise."""
        ...


class RunLedger:
    """Writes down what completes under which run; runs are numbered over all workers.

    Args:
        start_s: begin of the history.
        sink: takes every measured latency.
        machine: what the machine did lately, for the causes of an unstable run.
    """

    def __init__(
        self,
        start_s: float,
        sink: LatencySink | None = None,
        machine: Callable[[], Sequence[MachineSample]] = tuple,
    ) -> None:
        self._sink = sink
        self._machine = machine
        self._timeline = Timeline(start_s)
        self._markers: deque[Marker] = deque(maxlen=_MARKERS_KEPT)
        self._finished: list[_ClosedRun] = []
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
        accumulator = self._run.accumulator if self._run else None
        batch = accumulator.frames_an_inference if accumulator else 1.0
        if piece.dropped:
            self._timeline.add_unseen(piece.dropped, batch)
        self._timeline.add(piece.times_s, piece.latencies_ms, batch)
        if self._run is not None and accumulator is not None:
            accumulator.add(piece.times_s, piece.latencies_ms, piece.groups, piece.dropped)
            if accumulator.is_measuring:
                self._run.unjudged.append(piece)
            if self._sink is not None and accumulator.is_measuring:
                self._sink.add(piece.times_s, piece.latencies_ms, self._run.run_id)
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
            if not event.measuring:
                self._run.feed_monitor()
                self._run.monitor.interrupt()

    def begin_run(self, event: RunStarted) -> None:
        """End the current run and begin another."""
        self.fold_until(event.ring_count)
        if self._run is not None:
            self._finished.append(self._closed(self._run, event.time_s))
        change = ", ".join(part for part in (self._arrival, event.change) if part)
        self._arrival = ""
        effective = event.effective
        batches = tuple(group.batch for group in effective.shape_groups) or (effective.batch,)
        accumulator = RunAccumulator(batches, event.config.percentiles)
        monitor = StabilityMonitor(sum(batches) / len(batches), _running_at_once(effective))
        self._run = _OpenRun(len(self._finished) + 1, change, event, accumulator, monitor)
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
            self._run.unjudged.clear()
            self._run.monitor.reset()
            self._run.judged_at_s = math.inf

    @property
    def running(self) -> RunStarted | None:
        """How the current run was started."""
        return self._run.started if self._run else None

    def run(self, now_s: float) -> RunView | None:
        """The current run; None before the first."""
        return self._view(self._run, now_s) if self._run else None

    def runs(self, now_s: float) -> tuple[RunView, ...]:
        """Every run so far, the current one last."""
        run = self.run(now_s)
        finished = tuple(closed.view for closed in self._finished)
        return (*finished, run) if run else finished

    def results(self, now_s: float) -> tuple[RunResult, ...]:
        """Every run so far with all that is known of it, the current one last."""
        current = (self._closed(self._run, now_s),) if self._run else ()
        return tuple(
            RunResult(closed.view, closed.histogram.bins(), closed.profile)
            for closed in (*self._finished, *current)
        )

    def take_profile(self, profile: ProfileTaken) -> None:
        """Keep a profile with the current run."""
        if self._run is not None:
            self._run.profile = profile

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

    def _closed(self, run: _OpenRun, now_s: float) -> _ClosedRun:
        return _ClosedRun(self._view(run, now_s), run.accumulator.histogram(), run.profile)

    def _view(self, run: _OpenRun, now_s: float) -> RunView:
        started = run.started
        stats = run.accumulator.figures(now_s)
        if not run.judged_at_s <= now_s < run.judged_at_s + _JUDGED_EVERY_S:
            run.judged_at_s = now_s
            run.feed_monitor()
            run.stability = explain(
                run.monitor.judge(now_s),
                stats,
                started.effective,
                self._machine(),
                is_capped=started.config.max_fps > 0,
            )
        return RunView(
            run_id=run.run_id,
            config=started.config,
            effective=started.effective,
            model=started.model,
            read_ms=started.read_ms,
            compile_ms=started.compile_ms,
            first_inference_ms=started.first_inference_ms,
            change=run.change,
            stats=stats,
            stability=run.stability,
            peak_rss_bytes=started.peak_rss_bytes,
        )


def _running_at_once(effective: EffectiveConfig) -> int:
    """Infer requests that run, and may complete, at the same time."""
    if effective.api == "sync":
        return 1
    return min(effective.nireq, effective.stream_count or effective.nireq)
