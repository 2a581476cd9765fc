"""What runs: a configuration with its queue, or two of them in turn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import perf_counter

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.iterations import aligned_iterations
from ovbench_tui.engine.api.batch import as_reported
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.events import RunStarted
from ovbench_tui.engine.requests.prepared_model import PreparedModel
from ovbench_tui.engine.requests.queue import Queue
from ovbench_tui.engine.workloads.closed_loop import ClosedLoop
from ovbench_tui.engine.workloads.open_loop import OpenLoop
from ovbench_tui.engine.workloads.rate_cap import RateCap
from ovbench_tui.engine.workloads.workload import Workload
from ovbench_tui.stats.comparison.alternation import Alternation, Side


@dataclass(slots=True)
class Active:
    """The configuration that runs.

    Attributes:
        open_loop: of one with arrivals; None = any other.
        originals: see `profile.originals_of`; None = not yet asked for.
        further_firsts_ms: see `Queue.further_firsts_ms`.
    """

    config: BenchmarkConfig
    prepared: PreparedModel
    queue: Queue
    queue_number: int
    open_loop: OpenLoop | None = None
    first_inference_ms: float = math.nan
    originals: Mapping[str, tuple[str, ...]] | None = None
    further_firsts_ms: tuple[tuple[int, float], ...] = ()

    def run_first_inferences(self) -> None:
        """Run what comes before the run, alone; so most of what cannot be run is found here.

        Raises:
            RuntimeError: one failed, the very first where `first_inference_ms` is still NaN.
        """
        self.first_inference_ms = self.queue.first_inference_ms()
        self.further_firsts_ms = self.queue.further_firsts_ms()

    @property
    def effective(self) -> EffectiveConfig:
        """What its settings came to, with this queue."""
        is_filled_once = self.prepared.effective.inference_only
        feed_count = self.queue.nireq if is_filled_once else None
        return replace(
            as_reported(self.prepared.effective, self.config),
            nireq=self.queue.nireq,
            api=self.config.api,
            collected_by=self.queue.collected_by,
            reset_state=self.queue.resets_after,
            feeder_spins=self.queue.spins,
            # With which files the infer requests there are really run.
            input_rules=tuple(rule.describe(feed_count) for rule in self.prepared.input_rules),
        )

    def started(self, run_id: int, change: str, ring_count: int) -> RunStarted:
        """Make the event that begins its run now, at this place of the ring."""
        prepared = self.prepared
        return RunStarted(
            run_id=run_id,
            config=self.config,
            effective=self.effective,
            model=prepared.info,
            read_ms=prepared.read_ms,
            compile_ms=prepared.compile_ms,
            first_inference_ms=self.first_inference_ms,
            change=change,
            ring_count=ring_count,
            time_s=perf_counter(),
            peak_rss_bytes=prepared.peak_rss_bytes,
            reshape_ms=prepared.reshape_ms,
            further_firsts_ms=self.further_firsts_ms,
        )

    @property
    def frames_an_inference(self) -> float:
        """Mean over the feeds, which rotate evenly."""
        effective, feeds = self.prepared.effective, self.prepared.feeds
        if not feeds or not effective.shape_groups:
            return effective.batch
        frames = [effective.shape_groups[feed.shape_group].batch for feed in feeds]
        return sum(frames) / len(frames)

    @property
    def workload(self) -> Workload:
        """What is fed to its queue, and when."""
        if self.open_loop is not None:
            return self.open_loop
        if self.config.max_fps:
            return RateCap(self.config.max_fps / self.frames_an_inference)
        return ClosedLoop()

    @property
    def wanted_iterations(self) -> int | None:
        """How many inferences it is to run, so that each request runs as many; None = no end."""
        iterations = self.config.iterations
        if iterations is None:
            return None
        groups = max(1, self.prepared.effective.rotating_shapes)
        is_sync = self.config.api == "sync"
        return aligned_iterations(iterations, self.queue.nireq, groups, is_sync=is_sync)


@dataclass(slots=True)
class AbTest:
    """Two configurations that alternate; neither has an end of its own.

    Attributes:
        configs: as they were asked for, with their ends.
        run_ids: of their runs.
        warm: those that have run.
        is_spoilt: something came in between, so the pair is measured again.
    """

    sides: dict[Side, Active]
    configs: dict[Side, BenchmarkConfig]
    run_ids: dict[Side, int]
    order: Alternation
    slice_s: float
    warm: set[Side]
    is_spoilt: bool = False
    is_ending_slice: bool = False

    def other(self, active: Active) -> Active:
        """The side that is not this one."""
        a, b = self.sides[Side.A], self.sides[Side.B]
        return b if active is a else a


def without_end(config: BenchmarkConfig) -> BenchmarkConfig:
    """A slice has its own end."""
    return replace(config, duration_s=None, iterations=None)
