"""Runs: as the screen sees them, two in turn, and one as it is written down."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import Enum

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.answers import judged
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.events import ProfileTaken
from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.api.pipeline_use import PipelineUse
from ovbench_tui.engine.api.search_mark import LOAD, TrialFacts, kind_of, setting_of
from ovbench_tui.stats.limits import LimitResult, LimitVerdict, judge_limits, worst_of
from ovbench_tui.stats.memory_trend import MemoryTrend
from ovbench_tui.stats.run_stats import (
    PairedRatio,
    RunSeries,
    RunStats,
    SliceFigures,
    Stability,
)


@dataclass(frozen=True, slots=True)
class RunView:
    """One run of the session: what was asked, what it got, what it measured.

    Attributes:
        reshape_ms: NaN where the model was not reshaped.
        peak_rss_bytes: the peak of the engine's process from its start until the compile was
            over; 0 = unknown.
        run_peak_rss_bytes: the most that process had during the run, looked at once a second;
            0 = the run was over too soon, or unknown.
        memory_trend: how that process's memory changed; None = the run is too short, or unknown.
        pipeline: what a pipeline of openvino-genai was doing at last; None = it is none.
        search: the mark of the search that it is a trial of, see `search_mark`; '' = none.
    """

    run_id: int
    config: BenchmarkConfig
    effective: EffectiveConfig
    model: ModelInfo
    read_ms: float
    compile_ms: float
    first_inference_ms: float
    change: str
    stats: RunStats
    stability: Stability = field(default_factory=Stability)
    peak_rss_bytes: int = 0
    reshape_ms: float = math.nan
    run_peak_rss_bytes: int = 0
    pipeline: PipelineUse | None = None
    search: str = ""
    memory_trend: MemoryTrend | None = None

    @property
    def trial(self) -> TrialFacts:
        """What the search says of it that it is a trial of."""
        effective, arrivals = self.effective, self.config.arrivals
        setting = arrivals or setting_of(effective.nireq, effective.streams)
        return TrialFacts(self.search, self.config, self.stats.fps_mean, setting)

    @property
    def may_win(self) -> bool:
        """Whether it may be the best of its search, see `HasTrial`."""
        if kind_of(self.search) != LOAD:
            return True
        return bool(self.config.arrivals) and worst_of(self.limits) is LimitVerdict.PASSED

    @property
    def explicit_config(self) -> BenchmarkConfig:
        """The configuration with the batch and the shapes that were assumed, as options."""
        return replace(
            self.config,
            batch=self.effective.assumed_batch or self.config.batch,
            data_shape=self.effective.assumed_shape or self.config.data_shape,
        )

    @property
    def limits(self) -> tuple[LimitResult, ...]:
        """What becomes of the limits that it was given; empty without any."""
        config, answers = self.config, self.judged_answers
        limits = judge_limits(
            self.stats,
            p99_under_ms=config.p99_under_ms,
            fps_above=config.fps_above,
            ttft_p90_under_ms=config.ttft_p90_under_ms,
            tpot_p90_under_ms=config.tpot_p90_under_ms,
        )
        return limits if answers is None else (*limits, answers)

    @property
    def judged_answers(self) -> LimitResult | None:
        """Whether its outputs are right; None where they are not checked."""
        return judged(self.effective.answers, self.config.check_tolerance)


class AbPhase(Enum):
    """How far an A/B is."""

    PREPARING = "preparing"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class AbView:
    """Two configurations that run in turn, and how B compares with A.

    Attributes:
        requested: B as it was asked for.
        a, b: the two runs; None before they have begun.
        slices: the newest of the whole slices, in their order in time.
        pairs: whole pairs so far.
        fps, p50: the ratios of B to A.
        number: grows with every slice, so that a change is told by one look.
        reason: why it never began, in a sentence; '' otherwise.
    """

    phase: AbPhase
    requested: BenchmarkConfig
    a: RunView | None = None
    b: RunView | None = None
    slices: tuple[SliceFigures, ...] = ()
    pairs: int = 0
    fps: PairedRatio = field(default_factory=lambda: PairedRatio("fps"))
    p50: PairedRatio = field(default_factory=lambda: PairedRatio("p50_ms"))
    number: int = 0
    reason: str = ""

    @property
    def unit(self) -> str:
        """What the rates of both count."""
        return self.a.effective.unit if self.a is not None else "FPS"


@dataclass(frozen=True, slots=True)
class RunResult:
    """One run for a report: its figures and what they were made from.

    Attributes:
        histogram: for each bin that holds latencies its lower and upper edge in ms, and how
            many; bins are at most 0.9 % wide.
        series: the run over time, for charts and comparisons.
        profile: the last profile taken of this run, or None.
    """

    view: RunView
    histogram: tuple[tuple[float, float, int], ...]
    profile: ProfileTaken | None = None
    series: RunSeries = field(default_factory=RunSeries)
