"""A run that goes on, with all that is folded into it, and what is left of one that has ended."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ovbench_tui.engine.api.events import EffectiveConfig, ProfileTaken, RunStarted
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.engine.api.snapshot import RunView
from ovbench_tui.engine.worker.ring import RingSlice
from ovbench_tui.stats.histogram import FrozenHistogram
from ovbench_tui.stats.run import RunAccumulator
from ovbench_tui.stats.run_stats import Stability
from ovbench_tui.stats.stability import StabilityMonitor
from ovbench_tui.stats.timeseries.series import FrozenSeries
from ovbench_tui.system.machine_watch import MachineSample


@dataclass(slots=True)
class OpenRun:
    """A run that goes on.

    Attributes:
        judged_at_s: when its stability was judged last; infinite = it is to be judged anew.
        unjudged: completions that the monitor has not been given yet.
        peak_rss_bytes: the most resident memory seen of the engine's process while it ran.
        was_taken: it was handed over to the history.
    """

    run_id: int
    change: str
    started: RunStarted
    accumulator: RunAccumulator
    monitor: StabilityMonitor
    stability: Stability = field(default_factory=Stability)
    judged_at_s: float = math.inf
    unjudged: list[RingSlice] = field(default_factory=list)
    profile: ProfileTaken | None = None
    was_taken: bool = False
    peak_rss_bytes: int = 0

    def take_memory(self, sample: MachineSample | None) -> None:
        """Keep the most memory of the samples that fall into this run."""
        if sample is not None and sample.time_s >= self.started.time_s:
            self.peak_rss_bytes = max(self.peak_rss_bytes, sample.engine_rss_bytes)

    def feed_monitor(self) -> None:
        """Hand over what was folded since the last judgement; one call costs as much as many."""
        if not self.unjudged:
            return
        times_s = np.concatenate([piece.times_s for piece in self.unjudged])
        latencies_ms = np.concatenate([piece.latencies_ms for piece in self.unjudged])
        self.monitor.add(times_s, latencies_ms, sum(piece.dropped for piece in self.unjudged))
        self.unjudged.clear()


@dataclass(frozen=True, slots=True)
class ClosedRun:
    """What is left of a run that has ended."""

    view: RunView
    histogram: FrozenHistogram
    series: FrozenSeries
    profile: ProfileTaken | None

    def result(self) -> RunResult:
        """The run as reports and the history take it."""
        return RunResult(self.view, self.histogram.bins(), self.profile, self.series.series())


def batches_of(started: RunStarted) -> tuple[int, ...]:
    """Frames of an inference, one for each shape group."""
    effective = started.effective
    return tuple(group.batch for group in effective.shape_groups) or (effective.batch,)


def open_run(number: int, change: str, started: RunStarted) -> OpenRun:
    """Begin a run without any completions."""
    batches = batches_of(started)
    accumulator = RunAccumulator(batches, started.config.percentiles)
    at_once = _running_at_once(started.effective)
    monitor = StabilityMonitor(sum(batches) / len(batches), at_once)
    return OpenRun(number, change, started, accumulator, monitor)


def _running_at_once(effective: EffectiveConfig) -> int:
    """Infer requests that run, and may complete, at the same time."""
    if effective.api == "sync":
        return 1
    return min(effective.nireq, effective.stream_count or effective.nireq)
