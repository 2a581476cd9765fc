"""The figures of one run; free of numpy, so that the screen starts without it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.stats.rate import FRAMES, TOKENS
from ovbench_tui.stats.steadiness import Steady, Verdict


@dataclass(frozen=True, slots=True)
class GroupStats:
    """Latencies of the inferences of one shape group; NaN while there are none.

    Attributes:
        percentiles_ms: as in `RunStats`.
        first_ms: of the first inference of a shape in the run, its warm-up included; it is in
            none of the other figures of its group. NaN = it was not seen, or is not kept apart.
    """

    count: int
    min_ms: float
    mean_ms: float
    p50_ms: float
    max_ms: float
    percentiles_ms: tuple[tuple[float, float], ...] = ()
    p90_ms: float = math.nan
    p99_ms: float = math.nan
    first_ms: float = math.nan


@dataclass(frozen=True, slots=True)
class GenerationStats:
    """Figures of a model that generates tokens, beside its output tokens a second.

    Attributes:
        ttft: time to first token: of the inferences with a whole prompt, of which each gives the
            first new token.
        tpot: time per output token: of the inferences that give one token after the first.
        request: of whole requests, from the begin of the first to the end of the last token; those
            that did not begin and end while it was measured are left out.
        prompt_tokens: of the prompts that were read.
        input_tokens_per_s, requests_per_s: of the prompts, and of the whole requests.
    """

    ttft: GroupStats
    tpot: GroupStats
    request: GroupStats
    prompt_tokens: int
    input_tokens_per_s: float
    requests_per_s: float


@dataclass(frozen=True, slots=True)
class LoadStats:
    """Figures of an open loop, where requests arrive by themselves; rates are of arrivals.

    Attributes:
        offered: arrivals that came while it was measured.
        served: of these, completed.
        refused, expired: of these, dropped, since the queue was full or they had waited too long.
        unserved: of these, neither yet: they wait or are being served, or the stretch was ended
            before they were.
        waiting: from each arrival until an infer request was started for it; served ones only.
        service: from that start until it completed, which is all that a closed loop measures.
        queue_now, queue_mean, queue_max: arrivals that wait; the mean is over time.
        late_mean_ms, late_max_ms: how late the feeder woke for an arrival, which is a part of
            its waiting; NaN while it never slept.
    """

    offered: int
    served: int
    refused: int
    expired: int
    unserved: int
    offered_per_s: float
    served_per_s: float
    dropped_per_s: float
    waiting: GroupStats
    service: GroupStats
    queue_now: int
    queue_mean: float
    queue_max: int
    late_mean_ms: float = math.nan
    late_max_ms: float = math.nan

    @property
    def dropped(self) -> int:
        """Arrivals that nobody served, nor will."""
        return self.refused + self.expired


@dataclass(frozen=True, slots=True)
class RunStats:
    """Figures of one run, warm-up and disturbed stretches left out.

    Latencies are NaN while nothing was measured. Percentiles are nearest-rank over the
    whole run, from a histogram with at most 0.5 % relative error.

    Attributes:
        count: completed inferences, exact even when the ring was overwritten.
        dropped: completions counted whose latency was overwritten before it was read.
        elapsed_s: measured seconds.
        fps_now: over the last second or more, so that enough completions are in it.
        fps_peak: highest `fps_now` so far.
        frames: of the completed inferences.
        percentiles_ms: pairs of percent and latency, for the percents asked for.
        groups: the latencies of each shape group where data shapes rotate, else empty.
        generation: of a model that generates tokens; its frames are output tokens, and its
            latencies those of the tokens after the first. None = any other model.
        load: of an open loop; its latencies count from the arrival. None = any other workload.
        stops: how often the process was stopped while it measured, as by Ctrl-Z;
            `stopped_s` in all, which is in no other figure.
        over_limit: latencies over the limit of the p99 that the run was given; 0 without one.
    """

    count: int
    dropped: int
    elapsed_s: float
    fps_now: float
    fps_mean: float
    fps_peak: float
    min_ms: float
    mean_ms: float
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    warmup_count: int
    warmup_s: float
    frames: int = 0
    percentiles_ms: tuple[tuple[float, float], ...] = ()
    groups: tuple[GroupStats, ...] = ()
    stops: int = 0
    stopped_s: float = 0.0
    generation: GenerationStats | None = None
    load: LoadStats | None = None
    over_limit: int = 0

    @property
    def unit(self) -> str:
        """What the rate counts: ``tokens/s`` or ``FPS``."""
        return FRAMES if self.generation is None else TOKENS

    @property
    def latency_count(self) -> int:
        """How many latencies are behind its own percentiles, of the inferences of one kind."""
        generation = self.generation
        if generation is None:
            return self.count - self.dropped
        return generation.tpot.count or generation.ttft.count


@dataclass(frozen=True, slots=True)
class Stability:
    """The verdict on a run, from the windows of all that was measured, as its mean is.

    Attributes:
        fps_cv: coefficient of variation of the windows' FPS, as a fraction; NaN = too few.
        p99_cv: the same of their p99.
        fps, p99: what either figure does in these windows; None = too few.
        windows: of FPS so far.
        causes: why the run is not stable, in sentences, the likeliest first; empty where
            nothing can be told.
        notes: sentences on how far the figures can be trusted, stable or not.
    """

    verdict: Verdict = Verdict.WARMING_UP
    fps_cv: float = math.nan
    p99_cv: float = math.nan
    causes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fps: Steady | None = None
    p99: Steady | None = None
    windows: int = 0


@dataclass(frozen=True, slots=True)
class BusyProcess:
    """A process of others that took more CPU than every other, for a while.

    Attributes:
        share: of the time of all CPUs, in the mean.
        from_s, until_s: seconds of the run's measured time.
    """

    name: str
    pid: int
    share: float
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class MachineSeries:
    """What the machine did in the windows of a run, which is looked at once a second.

    NaN where it is not known; a list is empty where no window has the figure.

    Attributes:
        own_share, others_share: of the time of all CPUs, by our processes and by others.
        frequency_ghz: of the CPUs that may be used; only where it is measured.
        throttles_per_s: times a second that the CPU throttled for heat.
        engine_rss_mib: resident memory of the process that infers.
        processes: the largest of others in turn, while others took a noticeable share.
    """

    own_share: tuple[float, ...] = ()
    others_share: tuple[float, ...] = ()
    frequency_ghz: tuple[float, ...] = ()
    throttles_per_s: tuple[float, ...] = ()
    processes: tuple[BusyProcess, ...] = ()
    engine_rss_mib: tuple[float, ...] = ()

    @property
    def lists(self) -> tuple[tuple[float, ...], ...]:
        """All that have a value for each window, or are empty."""
        shares = self.own_share, self.others_share
        return *shares, self.frequency_ghz, self.throttles_per_s, self.engine_rss_mib


@dataclass(frozen=True, slots=True)
class RunSeries:
    """One run in equal windows of its measured time, oldest first.

    Pauses, warm-up and disturbed stretches are cut out. A long run is told in longer windows,
    so the number of windows is bounded.

    Attributes:
        step_s: seconds of a window; the last, unfinished one is left out.
        counts: completed inferences in each window.
        frames: of the completed inferences in each window.
        mean_ms, p50_ms, p99_ms: of the latencies in each window; NaN where none completed.
        machine: what else used the CPU meanwhile; empty in runs of older versions.
    """

    step_s: float = 0.0
    counts: tuple[int, ...] = ()
    frames: tuple[int, ...] = ()
    mean_ms: tuple[float, ...] = ()
    p50_ms: tuple[float, ...] = ()
    p99_ms: tuple[float, ...] = ()
    machine: MachineSeries = MachineSeries()


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a run differs from a baseline in one figure.

    Attributes:
        figure: ``fps``, ``p50_ms`` or ``p99_ms``; of a model that generates more, see `compare`.
        name: of the figure, for the user; '' = the usual one.
        ratio: the run's figure over the baseline's; NaN where there is too little to compare.
        low, high: the ends of the interval of `confidence` around the ratio; NaN likewise, 0 and
            infinity where the runs vary too slowly to tell.
        confidence: as a fraction, as in 0.95.
        windows: of the shorter of the two, behind the interval.
        baseline, value: the two figures behind the ratio.
        delta: Cliff's delta of the windows, from -1 to 1; see `stats.cliffs_delta`.
        reason: why there is no finite interval, in a clause; '' where there is one.
        runs: of the side with fewer, where the interval is from several runs' spread; 0 = it is
            from one run of each.
        margin: what counts as equal, as a fraction.
        seconds: of the shorter of the two, behind the interval; NaN = not known.
    """

    figure: str
    ratio: float
    low: float
    high: float
    confidence: float
    windows: int
    baseline: float = math.nan
    value: float = math.nan
    delta: float = math.nan
    reason: str = ""
    runs: int = 0
    margin: float = EQUAL_MARGIN
    seconds: float = math.nan
    name: str = ""

    @property
    def is_real(self) -> bool:
        """Whether the interval leaves out 1, no difference; False while it is not known."""
        return self.low > 1.0 or self.high < 1.0


@dataclass(frozen=True, slots=True)
class SliceFigures:
    """One short stretch in which one of two alternating configurations ran alone.

    Attributes:
        pair: number of the pair that it belongs to, from 0.
        side: ``A`` or ``B``.
        count: completed inferences; those while the queue filled or emptied are left out.
        frames: of these.
        seconds: that they took.
        p50_ms: their median latency; NaN where none was seen.
    """

    pair: int
    side: str
    count: int
    frames: float
    seconds: float
    p50_ms: float

    @property
    def fps(self) -> float:
        """Frames a second; NaN where no time has passed."""
        return self.frames / self.seconds if self.seconds > 0 else math.nan


@dataclass(frozen=True, slots=True)
class PairedRatio:
    """How B differs from A in one figure, from neighbouring slices of both.

    Attributes:
        figure: ``fps`` or ``p50_ms``.
        pairs: behind the ratio.
        ratio: B's figure over A's; NaN while there is no pair.
        low, high: the ends of the interval of `confidence` around the ratio; NaN while unknown.
        confidence: as a fraction, as in 0.95.
        reason: why there is no interval, in a clause; '' where there is one.
        margin: what counts as equal, as a fraction.
        seconds: measured behind the interval; NaN = not known.
        runs: independent comparisons behind the interval; 0 = it is from the pairs of one.
        name: as in `Comparison`.
    """

    figure: str
    pairs: int = 0
    ratio: float = math.nan
    low: float = math.nan
    high: float = math.nan
    confidence: float = 0.95
    reason: str = ""
    margin: float = EQUAL_MARGIN
    seconds: float = math.nan
    runs: int = 0
    name: str = ""

    @property
    def is_real(self) -> bool:
        """Whether the interval leaves out 1, no difference; False while it is not known."""
        return self.low > 1.0 or self.high < 1.0
