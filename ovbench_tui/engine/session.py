"""Runs, one for each effective configuration: commands in, snapshots out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from ovbench_tui.config import BenchmarkConfig
from ovbench_tui.engine.commands import Configure, Pause, Resume
from ovbench_tui.engine.events import (
    BackgroundChanged,
    ConfigRejected,
    DeviceInfo,
    DevicesFound,
    Event,
    RunFailed,
    RunStarted,
    ShapeNeeded,
    StateChanged,
    WorkerNotice,
    WorkerState,
    WorkerStopped,
)
from ovbench_tui.engine.hosts import Host
from ovbench_tui.engine.snapshot import History, Marker, Notice, RunStats, RunView, Snapshot
from ovbench_tui.stats.run import RunAccumulator, RunFigures
from ovbench_tui.stats.timeline import Timeline

_NOTICES_KEPT = 50
_MARKERS_KEPT = 500
_FEEDING = (WorkerState.WARMING_UP, WorkerState.RUNNING)


@dataclass(slots=True)
class _OpenRun:
    started: RunStarted
    accumulator: RunAccumulator


class Session:
    """Folds what a worker completes into runs, when it is asked for a snapshot.

    Not thread-safe: one thread (the screen's, or the headless loop's) makes every call.
    """

    def __init__(
        self, host: Host, config: BenchmarkConfig, clock: Callable[[], float] = perf_counter
    ) -> None:
        self._host = host
        self._ring = host.ring
        self._clock = clock
        self._requested = config
        self._cursor = 0
        self._marks = 0
        self._state = WorkerState.IDLE
        self._measuring = False
        self._paused = False
        self._background = BackgroundChanged("", 0.0)
        self._run: _OpenRun | None = None
        self._finished_runs: list[RunView] = []
        self._timeline = Timeline(clock())
        self._markers: deque[Marker] = deque(maxlen=_MARKERS_KEPT)
        self._notices: deque[Notice] = deque(maxlen=_NOTICES_KEPT)
        self._notice_count = 0
        self._devices: tuple[DeviceInfo, ...] = ()
        self._openvino_version = ""
        self._shape_needed: ShapeNeeded | None = None
        self._rejection: ConfigRejected | None = None
        self._failure = ""
        self._stopped = False

    # -- commands ---------------------------------------------------------------------------

    def start(self) -> None:
        """Start the worker, and the first configuration if it names a model."""
        self._host.start()
        if self._requested.model:
            self._host.send(Configure(self._requested))

    def configure(self, config: BenchmarkConfig) -> None:
        """Ask for this configuration; what runs goes on until it is ready."""
        self._requested = config
        self._shape_needed = None
        if config.model:
            self._host.send(Configure(config))

    def toggle_pause(self) -> None:
        """Pause, or go on."""
        self._paused = not self._paused
        self._host.send(Pause() if self._paused else Resume())

    def reset_stats(self) -> None:
        """Begin the current run's statistics again."""
        self._fold()
        if self._run is not None:
            self._run.accumulator.reset(self._clock())

    def close(self, timeout_s: float) -> bool:
        """Shut the worker down; False when it has not ended after `timeout_s`."""
        return self._host.close(timeout_s)

    # -- what is seen -----------------------------------------------------------------------

    def snapshot(self, columns: int) -> Snapshot:
        """Fold what came since the last call; the history covers the last `columns`."""
        self._fold()
        now_s = self._clock()
        self._timeline.advance(now_s)
        run = None
        if self._run is not None:
            run = _view(self._run, now_s)
        elif self._finished_runs:
            run = self._finished_runs[-1]
        background_s = now_s - self._background.since_s if self._background.what else 0.0
        return Snapshot(
            state=self._state,
            measuring=self._measuring,
            requested=self._requested,
            run=run,
            background=self._background.what,
            background_s=background_s,
            history=self._history(columns),
            notices=tuple(self._notices),
            devices=self._devices,
            openvino_version=self._openvino_version,
            shape_needed=self._shape_needed,
            finished=self._state is WorkerState.FINISHED or self._stopped,
        )

    @property
    def runs(self) -> Sequence[RunView]:
        """Every run so far, the current one last, as of the last fold."""
        if self._run is None:
            return tuple(self._finished_runs)
        return (*self._finished_runs, _view(self._run, self._clock()))

    @property
    def rejection(self) -> ConfigRejected | ShapeNeeded | None:
        """Why the last configuration asked for does not run; None when one does."""
        return self._rejection or self._shape_needed

    @property
    def failure(self) -> str:
        """Why nothing runs any more; '' when that is not so."""
        return self._failure

    def _history(self, columns: int) -> History:
        last = self._timeline.last(columns)
        return History(
            column_s=self._timeline.column_s,
            first_column=last.first,
            fps=last.fps,
            p50_ms=last.p50_ms,
            p99_ms=last.p99_ms,
            markers=tuple(marker for marker in self._markers if marker.column >= last.first),
        )

    # -- folding ----------------------------------------------------------------------------

    def _fold(self) -> None:
        # The order is the ring's contract: total, then announced marks, then events.
        total = self._ring.total
        announced = self._ring.marks
        events = self._host.poll()
        for event in events:
            self._apply(event)
        if self._marks >= announced or self._stopped:
            self._fold_until(total)

    def _fold_until(self, end: int) -> None:
        if end <= self._cursor:
            return
        piece = self._ring.read(self._cursor, end)
        batch = self._run.started.effective.batch if self._run else 1
        if piece.dropped:
            self._timeline.add_unseen(piece.dropped, batch)
        self._timeline.add(piece.times_s, piece.latencies_ms, batch)
        if self._run is not None:
            self._run.accumulator.add(piece.times_s, piece.latencies_ms, piece.dropped)
        self._cursor = end

    def _apply(self, event: Event) -> None:
        match event:
            case StateChanged():
                self._change_state(event)
            case RunStarted():
                self._begin_run(event)
            case BackgroundChanged():
                self._background = event
            case ConfigRejected(config, reason, running):
                self._rejection = event
                self._notify(reason, is_error=True)
                self._fall_back(config, running)
            case ShapeNeeded(config, running=running):
                self._shape_needed = event
                self._fall_back(config, running)
            case DevicesFound(devices, version):
                self._devices, self._openvino_version = devices, version
            case RunFailed(reason):
                self._failure = reason
                self._notify(reason, is_error=True)
            case WorkerNotice(text):
                self._notify(text, is_error=False)
            case WorkerStopped(reason):
                self._stopped = True
                if reason:
                    self._failure = reason
                    self._notify(reason, is_error=True)

    def _change_state(self, event: StateChanged) -> None:
        self._fold_until(event.ring_count)
        self._marks += 1
        self._state, self._measuring = event.state, event.measuring
        feeding = event.state in _FEEDING
        self._timeline.set_feeding(feeding, event.time_s)
        if self._run is not None:
            self._run.accumulator.set_state(
                feeding=feeding,
                measuring=event.measuring,
                warming=event.state is WorkerState.WARMING_UP,
                time_s=event.time_s,
            )

    def _begin_run(self, event: RunStarted) -> None:
        self._fold_until(event.ring_count)
        if self._run is not None:
            self._finished_runs.append(_view(self._run, event.time_s))
        self._run = _OpenRun(event, RunAccumulator(event.effective.batch))
        self._timeline.begin_run(event.time_s)
        self._rejection = None
        self._failure = ""
        if event.change:
            self._markers.append(Marker(self._timeline.column_of(event.time_s), event.change))

    def _fall_back(self, rejected: BenchmarkConfig, running: BenchmarkConfig | None) -> None:
        """Ask again for what runs, unless something else was asked for since."""
        if running is not None and not rejected.needs_recompile(self._requested):
            self._requested = running

    def _notify(self, text: str, *, is_error: bool) -> None:
        self._notice_count += 1
        self._notices.append(Notice(self._notice_count, is_error, text))


def _view(run: _OpenRun, now_s: float) -> RunView:
    started = run.started
    return RunView(
        run_id=started.run_id,
        config=started.config,
        effective=started.effective,
        model=started.model,
        read_ms=started.read_ms,
        compile_ms=started.compile_ms,
        first_inference_ms=started.first_inference_ms,
        change=started.change,
        stats=_stats(run.accumulator.figures(now_s)),
    )


def _stats(figures: RunFigures) -> RunStats:
    p50_ms, p90_ms, p95_ms, p99_ms, p999_ms = figures.percentiles_ms
    return RunStats(
        count=figures.count,
        dropped=figures.dropped,
        elapsed_s=figures.elapsed_s,
        fps_now=figures.fps_now,
        fps_mean=figures.fps_mean,
        fps_peak=figures.fps_peak,
        min_ms=figures.min_ms,
        mean_ms=figures.mean_ms,
        p50_ms=p50_ms,
        p90_ms=p90_ms,
        p95_ms=p95_ms,
        p99_ms=p99_ms,
        p999_ms=p999_ms,
        max_ms=figures.max_ms,
        warmup_count=figures.warmup_count,
        warmup_s=figures.warmup_s,
    )
