"""One run of a session, while it goes on and once it is over."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.batch import as_reported
from ovbench_tui.engine.api.events import ProcessStopped, ProfileTaken, RunStarted, StateChanged
from ovbench_tui.engine.api.pipeline_use import PipelineUse
from ovbench_tui.engine.api.results import RunResult, RunView
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.requests.ring import RingSlice
from ovbench_tui.engine.runs.causes import explain
from ovbench_tui.stats.histogram import FrozenHistogram
from ovbench_tui.stats.memory_trend import MemoryTrend
from ovbench_tui.stats.run import RunAccumulator
from ovbench_tui.stats.run_stats import Stability
from ovbench_tui.stats.stability import StabilityMonitor
from ovbench_tui.stats.steadiness import Verdict
from ovbench_tui.stats.timeseries.series import FrozenSeries
from ovbench_tui.system.system_sample import MachineSample

_STOPS_KEPT = 100
_JUDGED_EVERY_S = 2.0
"""Windows are of seconds; judging them in every frame would only cost."""


@dataclass(slots=True)
class OpenRun:
    """A run that goes on; see `RunTracker`.

    Attributes:
        judged_at_s: when its stability was judged last; infinite = it is to be judged anew.
        was_judged_over: it was judged as a run to which nothing is added.
        unjudged: completions that the monitor has not been given yet.
        was_taken: it was handed over to the history.
        peak_rss_bytes: the most resident memory seen of the engine's process while it ran.
        shares_process: that process is this program's own.
        memory_trend: how that memory changed, as far as it was judged.
        pipeline: what a pipeline was doing when it was looked at last.
        stops: begin and end of the times in which the process was stopped.
    """

    run_id: int
    change: str
    started: RunStarted
    accumulator: RunAccumulator
    monitor: StabilityMonitor
    stability: Stability = field(default_factory=Stability)
    judged_at_s: float = math.inf
    was_judged_over: bool = False
    unjudged: list[RingSlice] = field(default_factory=list)
    profile: ProfileTaken | None = None
    was_taken: bool = False
    peak_rss_bytes: int = 0
    shares_process: bool = False
    memory_trend: MemoryTrend | None = None
    pipeline: PipelineUse | None = None
    search: str = ""
    stops: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_STOPS_KEPT))

    def _of_running_time(self, samples: Sequence[MachineSample]) -> list[MachineSample]:
        """Those of the machine that hold nothing of the time in which the process was stopped."""
        return [
            sample
            for sample in samples
            if not any(
                sample.since_s < end_s and sample.time_s > begin_s for begin_s, end_s in self.stops
            )
        ]

    def take_memory(self, samples: Sequence[MachineSample]) -> None:
        """Keep the most memory of the samples that fall into this run."""
        for sample in samples:
            if sample.time_s >= self.started.time_s:
                self.peak_rss_bytes = max(self.peak_rss_bytes, sample.engine_rss_bytes)
                self.shares_process = sample.engine_rss_bytes == sample.own_rss_bytes

    @property
    def is_settled(self) -> bool:
        """Whether it was judged when it was handed over, so that history and reports agree."""
        return self.was_taken and self.was_judged_over and not math.isinf(self.judged_at_s)

    def feed_monitor(self) -> None:
        """Hand over what was folded since the last judgement; one call costs as much as many."""
        if not self.unjudged:
            return
        times_s = np.concatenate([piece.times_s for piece in self.unjudged])
        latencies_ms = np.concatenate([piece.latencies_ms for piece in self.unjudged])
        others_ms = np.concatenate([piece.others_ms for piece in self.unjudged])
        dropped = sum(piece.dropped for piece in self.unjudged)
        self.monitor.add(times_s, latencies_ms, dropped, others_ms)
        self.unjudged.clear()

    def enter(self, event: StateChanged, *, is_one_of_two: bool) -> None:
        """Enter the worker's state that begins with the event.

        Args:
            is_one_of_two: it takes turns with another run.
        """
        self.accumulator.set_state(
            feeding=event.state.is_feeding,
            measuring=event.measuring,
            warming=event.state is WorkerState.WARMING_UP,
            time_s=event.time_s,
            drained=event.state is WorkerState.FINISHED,
            load=event.load,
        )
        self.feed_monitor()
        if event.measuring:
            self.monitor.resume(event.time_s)
        elif is_one_of_two:
            self.monitor.leave(event.time_s)
        else:
            self.monitor.interrupt()

    def view(
        self,
        now_s: float,
        machine: Callable[[], Sequence[MachineSample]],
        in_slices: tuple[float, float] | None = None,
        *,
        is_over: bool = False,
    ) -> RunView:
        """Everything that is seen of it now.

        Args:
            machine: what the machine did lately.
            in_slices: of an A/B the rate of its last slice and of its best, in place of those of
                its last completions.
            is_over: nothing more comes; it is judged for good, by all that was measured.
        """
        is_over = is_over or self.was_taken
        started = self.started
        limit_ms = started.config.p99_under_ms
        stats = self.accumulator.figures(now_s, limit_ms, fresh_groups=is_over)
        if in_slices is not None:
            fps_now, peak = in_slices
            stats = replace(stats, fps_now=fps_now, fps_peak=max(stats.fps_peak, peak))
        if not self.is_settled and (
            is_over != self.was_judged_over
            or not self.judged_at_s <= now_s < self.judged_at_s + _JUDGED_EVERY_S
            # Beside the first figures it must not stand that nothing is counted yet.
            or (stats.count > 0 and self.stability.verdict is Verdict.WARMING_UP)
        ):
            self.judged_at_s = now_s
            self.was_judged_over = is_over
            self.feed_monitor()
            samples = machine()
            self.take_memory(samples)
            trend = self.accumulator.memory_trend()
            self.memory_trend = trend and replace(trend, is_alone=not self.shares_process)
            self.stability = explain(
                self.monitor.judge(now_s),
                stats,
                started.effective,
                self._of_running_time(samples),
                model=started.model,
                memory=self.memory_trend,
                is_capped=started.config.is_paced,
                is_over=is_over,
            )
        return RunView(
            run_id=self.run_id,
            config=started.config,
            effective=started.effective,
            model=started.model,
            read_ms=started.read_ms,
            compile_ms=started.compile_ms,
            first_inference_ms=started.first_inference_ms,
            change=self.change,
            stats=stats,
            stability=self.stability,
            peak_rss_bytes=started.peak_rss_bytes,
            reshape_ms=started.reshape_ms,
            run_peak_rss_bytes=self.peak_rss_bytes,
            pipeline=self.pipeline,
            search=self.search,
            memory_trend=self.memory_trend,
        )

    def closed(self, view: RunView, now_s: float) -> ClosedRun:
        """What is kept of it."""
        accumulator = self.accumulator
        return ClosedRun(view, accumulator.histogram(), accumulator.series(now_s), self.profile)

    def take_word(self, config: BenchmarkConfig) -> None:
        """Take what changes nothing that is measured: one frame an inference, or a limit."""
        started = self.started
        self.started = replace(
            started,
            config=replace(
                started.config,
                single_frame=config.single_frame,
                **config.limits,
            ),
            effective=as_reported(started.effective, config),
        )
        self.judged_at_s = math.inf  # the notes may change with it

    def note_stop(self, event: ProcessStopped) -> None:
        """It lost measured time, since the process was stopped."""
        self.judged_at_s = math.inf  # the notes change with it
        self.accumulator.note_stop(event.lasted_s)
        self.stops.append((event.begin_s, event.end_s))


@dataclass(frozen=True, slots=True)
class RequestedTrial:
    """What was last requested, and the mark of the search that it is a trial of; '' = of none."""

    config: BenchmarkConfig = field(default_factory=BenchmarkConfig)
    search: str = ""

    def mark(self, run: OpenRun | None) -> None:
        """Mark the run, if it is of this configuration.

        So the winner that the user keeps is no trial any more, but a run by itself.
        """
        if run is not None and not run.started.config.needs_new_run(self.config):
            run.search = self.search


@dataclass(frozen=True, slots=True)
class ClosedRun:
    """A run that is over."""

    view: RunView
    histogram: FrozenHistogram
    series: FrozenSeries
    profile: ProfileTaken | None

    def result(self) -> RunResult:
        """The same for a report."""
        return RunResult(self.view, self.histogram.bins(), self.profile, self.series.series())


def batches_of(started: RunStarted) -> tuple[int, ...]:
    """Frames of an inference, one for each shape group."""
    effective = started.effective
    return tuple(group.batch for group in effective.shape_groups) or (effective.batch,)


def open_run(number: int, change: str, started: RunStarted) -> OpenRun:
    """Begin a run; `number` counts over all workers."""
    batches = batches_of(started)
    prompts = tuple(prompt for prompt, _ in started.effective.sequence_lengths)
    config = started.config
    accumulator = RunAccumulator(
        batches,
        config.percentiles,
        prompts,
        ((0, started.first_inference_ms), *started.further_firsts_ms),
        is_open_loop=bool(config.arrivals),
    )
    turn = [batches[group] for group in started.effective.rotation] or batches
    monitor = StabilityMonitor(sum(turn) / len(turn), started.effective.running_at_once)
    return OpenRun(number, change, started, accumulator, monitor)
