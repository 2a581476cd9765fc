"""The statistics of one run, folded from completions in the order in which they came."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.bars import latency_bars
from ovbench_tui.stats.groups.recorder import GroupRecorder, group_figures, requested
from ovbench_tui.stats.histogram import FrozenHistogram, LogHistogram
from ovbench_tui.stats.load.counts import NO_LOAD, LoadCounts
from ovbench_tui.stats.load.recorder import LoadRecorder
from ovbench_tui.stats.memory_trend import MemoryTrend
from ovbench_tui.stats.rate import RateWindow, completion_rate
from ovbench_tui.stats.run_stats import GenerationStats, LoadStats, RunStats
from ovbench_tui.stats.sequences import PREFILL, SequenceRecorder, phases_of
from ovbench_tui.stats.timeseries.run_machine import MachineMoment
from ovbench_tui.stats.timeseries.series import FrozenSeries, SeriesRecorder
from ovbench_tui.stats.timeseries.views import LatencyBars

PERCENTS = (50.0, 90.0, 95.0, 99.0, 99.9)


class RunAccumulator:
    """Folds one run: what is measured counts, what is not (warm-up, disturbed) is apart.

    Args:
        batches: frames of an inference, one for each shape group; every FPS counts frames.
        percents: further percentiles that are asked for.
        prompts: of a model that generates the tokens of the prompt of each sequence. The latencies
            are then those of the last group, and of the tokens after the first where there are any.
        firsts_ms: of the inferences before all others, see `GroupRecorder`.
        is_open_loop: latencies count from arrivals, and each comes with its waiting.
    """

    def __init__(
        self,
        batches: tuple[int, ...],
        percents: tuple[float, ...] = (),
        prompts: tuple[int, ...] = (),
        firsts_ms: Sequence[tuple[int, float]] = (),
        *,
        is_open_loop: bool = False,
    ) -> None:
        self._load = LoadRecorder() if is_open_loop else None
        self._batches = np.array(batches, dtype=np.int64)
        self._percents = percents
        self.main_group = len(batches) - 1 if prompts else None
        self._prompts = prompts
        self._sequences = self._new_sequences()
        self._histogram = LogHistogram()
        self._groups = (
            GroupRecorder(len(batches), percents, firsts_ms, keeps_firsts=not prompts)
            if len(batches) > 1 or prompts
            else None
        )
        self._series = SeriesRecorder()
        self._frames = 0.0
        self._count = 0
        self._dropped = 0
        self._closed_s = 0.0
        self._segment_start_s: float | None = None
        self._segment_count = 0
        self._last_s = 0.0
        self._window = RateWindow()
        self._feeding = False
        self._feed_count = 0
        self._stopped_s = 0.0
        self._stops = 0
        self._fps_peak = 0.0
        self._warmup_count = 0
        self._warmup_s = 0.0
        self._warmup_since_s: float | None = None

    @property
    def is_open_loop(self) -> bool:
        """Whether each completion comes with its waiting."""
        return self._load is not None

    @property
    def is_measuring(self) -> bool:
        """Whether completions count now."""
        return self._segment_start_s is not None

    def set_state(
        self,
        *,
        feeding: bool,
        measuring: bool,
        warming: bool,
        time_s: float,
        drained: bool = False,
        load: LoadCounts = NO_LOAD,
    ) -> None:
        """Enter a stretch that begins at `time_s`.

        Args:
            drained: all that was started has completed, so the stretch before ends here.
            load: what an open loop has counted by now.
        """
        if self._load is not None and measuring is not self.is_measuring:
            self._load.change(load, measuring=measuring)
        if self.is_measuring and not measuring:
            self._close_segment(time_s, drained=drained)
        elif measuring and not self.is_measuring:
            self._segment_start_s = time_s
            self._segment_count = 0
            self._restart_window(time_s)
            self._series.begin(time_s)
        if feeding and not self._feeding:
            self._restart_window(time_s)
        self._feeding = feeding
        if warming:
            if self._warmup_since_s is None:
                self._warmup_since_s = time_s
        elif self._warmup_since_s is not None:
            self._warmup_s += time_s - self._warmup_since_s
            self._warmup_since_s = None

    def add(
        self,
        times_s: npt.NDArray[np.float64],
        latencies_ms: npt.NDArray[np.float64],
        groups: npt.NDArray[np.uint32],
        dropped: int = 0,
        waits_ms: npt.NDArray[np.float32] | None = None,
    ) -> None:
        """Add completions of the current stretch; `dropped` more came that nobody saw.

        Args:
            groups: the shape group of each, or its tag as a step of a sequence; uint32 [n].
            waits_ms: of an open loop, the part of each latency before its start; [n].
        """
        count = times_s.size + dropped
        if not count:
            return
        if times_s.size:
            self._last_s = float(times_s[-1])
        self._feed_count += count
        self._window.add(self._last_s, self._feed_count)
        firsts = self._groups.take_firsts(latencies_ms, groups, dropped) if self._groups else None
        if self._segment_start_s is not None:
            self._count += count
            self._segment_count += count
            self._dropped += dropped
            if self._sequences is not None:
                self._sequences.add(times_s, latencies_ms, groups, dropped)
                groups = phases_of(groups)
            self._add_groups(latencies_ms, groups, dropped, firsts)
            if self.main_group is not None:
                # The others count, too, but their latencies are of another kind.
                is_main = groups == self.main_group
                times_s, latencies_ms, groups = (
                    values[is_main] for values in (times_s, latencies_ms, groups)
                )
                dropped = count - times_s.size
            if self._load is not None and waits_ms is not None:
                self._load.add(latencies_ms, waits_ms)
            self._histogram.add(latencies_ms)
            self._add_to_series(times_s, latencies_ms, groups, dropped)
        elif self._warmup_since_s is not None:
            self._warmup_count += count

    def note_load(self, counts: LoadCounts) -> None:
        """Take what an open loop has counted by now."""
        if self._load is not None:
            self._load.note(counts)

    def note_stop(self, lasted_s: float) -> None:
        """The process was stopped so long; its measured time has been ended before."""
        self._stopped_s += lasted_s
        self._stops += 1

    def note_machine(self, time_s: float, moment: MachineMoment) -> None:
        """Keep what the machine did until `time_s`, since the last time."""
        self._series.note_machine(time_s, moment)

    def memory_trend(self) -> MemoryTrend | None:
        """How the engine's memory changed over what was measured; None = nothing can be said."""
        return self._series.memory_trend()

    @property
    def count(self) -> int:
        """What was measured so far."""
        return self._count

    @property
    def slowest_ms(self) -> float:
        """The longest that an inference took, its waiting left out; NaN before any."""
        return self._histogram.max_ms if self._load is None else self._load.service.max_ms

    @property
    def frames_an_inference(self) -> float:
        """Mean over what was measured; where shapes rotate their batches may differ."""
        return self._frames / self._count if self._count else float(self._batches[0])

    def histogram(self) -> FrozenHistogram:
        """All measured latencies so far."""
        return self._histogram.frozen()

    def latency_bars(self, run_id: int, bars: int, *, is_log: bool) -> LatencyBars | None:
        """All measured latencies so far as bars; None while there are none."""
        return latency_bars(self._histogram, run_id, bars, is_log=is_log)

    def series(self, now_s: float) -> FrozenSeries:
        """What was measured, over its time, up to `now_s`."""
        return self._series.frozen(now_s)

    def _add_to_series(
        self,
        times_s: npt.NDArray[np.float64],
        latencies_ms: npt.NDArray[np.float64],
        groups: npt.NDArray[np.uint32],
        dropped: int,
    ) -> None:
        frames = self._batches[groups] if self._groups else int(self._batches[0])
        of_dropped = float(self._batches.mean())
        self._series.add(times_s, latencies_ms, frames, dropped, of_dropped)

    def _add_groups(
        self,
        latencies_ms: npt.NDArray[np.float64],
        groups: npt.NDArray[np.uint32],
        dropped: int,
        firsts: npt.NDArray[np.bool_] | None,
    ) -> None:
        """Count every frame, and the latencies but for the first inference of each shape."""
        if self._groups is None:
            self._frames += (latencies_ms.size + dropped) * int(self._batches[0])
            return
        counts = np.bincount(groups, minlength=self._batches.size)
        self._frames += float(counts @ self._batches) + dropped * float(self._batches.mean())
        if firsts is not None:
            latencies_ms, groups = latencies_ms[~firsts], groups[~firsts]
        self._groups.add(latencies_ms, groups)

    def _new_sequences(self) -> SequenceRecorder | None:
        batch = int(self._batches[0])  # every step gives one token of each sequence
        return SequenceRecorder([n * batch for n in self._prompts]) if self._prompts else None

    def _generation(self, fps_mean: float) -> GenerationStats | None:
        sequences, groups, percents = self._sequences, self._groups, self._percents
        if sequences is None or groups is None:
            return None
        seconds = self._frames / fps_mean if fps_mean else math.inf
        whole = sequences.latencies
        return GenerationStats(
            ttft=group_figures(groups.histogram(PREFILL), percents),
            tpot=group_figures(
                groups.histogram(-1) if self._batches.size > 1 else LogHistogram(), percents
            ),
            request=group_figures(whole, percents),
            prompt_tokens=sequences.prompt_tokens,
            input_tokens_per_s=sequences.prompt_tokens / seconds,
            requests_per_s=whole.count * int(self._batches[0]) / seconds,
        )

    def figures(
        self, now_s: float, limit_ms: float = 0.0, *, fresh_groups: bool = True
    ) -> RunStats:
        """The figures at `now_s`; also where the peak is taken, so ask about once a frame.

        Args:
            limit_ms: of the latency, over which are counted; 0 = none.
            fresh_groups: those of the shape groups are as new as the others.
        """
        fps_now = self._window.rate(now_s) * self.frames_an_inference if self._feeding else 0.0
        if self.is_measuring and self._window.is_full:
            self._fps_peak = max(self._fps_peak, fps_now)
        fps_mean = self._fps_mean(now_s)
        histogram = self._histogram
        p50_ms, p90_ms, p95_ms, p99_ms, p999_ms = histogram.percentiles_ms(PERCENTS)
        return RunStats(
            count=self._count,
            dropped=self._dropped,
            elapsed_s=self._elapsed_s(now_s),
            fps_now=fps_now,
            fps_mean=fps_mean,
            fps_peak=max(self._fps_peak, fps_mean, fps_now if self.is_measuring else 0.0),
            min_ms=histogram.min_ms,
            mean_ms=histogram.mean_ms,
            p50_ms=p50_ms,
            p90_ms=p90_ms,
            p95_ms=p95_ms,
            p99_ms=p99_ms,
            p999_ms=p999_ms,
            max_ms=histogram.max_ms,
            over_limit=histogram.count_over(limit_ms) if limit_ms else 0,
            warmup_count=self._warmup_count,
            warmup_s=self._warmup_s
            + (now_s - self._warmup_since_s if self._warmup_since_s is not None else 0.0),
            frames=round(self._frames),
            stops=self._stops,
            stopped_s=self._stopped_s,
            percentiles_ms=requested(histogram, self._percents),
            groups=self._groups.figures(now_s, fresh=fresh_groups) if self._groups else (),
            generation=self._generation(fps_mean),
            load=self._load_figures(now_s),
        )

    def _load_figures(self, now_s: float) -> LoadStats | None:
        load = self._load
        if load is None:
            return None
        waiting = group_figures(load.waiting, self._percents)
        service = group_figures(load.service, self._percents)
        return load.figures(self._elapsed_s(now_s), self._count, waiting, service)

    def reset(self, now_s: float) -> None:
        """Forget what was measured; warm-up figures stay."""
        self._histogram = LogHistogram()
        if self._groups is not None:
            self._groups.reset()
        self._sequences = self._new_sequences()
        if self._load is not None:
            self._load.reset()
        self._series.reset(now_s)
        self._frames = 0.0
        self._count = self._dropped = self._segment_count = 0
        self._closed_s = self._fps_peak = 0.0
        self._stopped_s, self._stops = 0.0, 0
        if self._segment_start_s is not None:
            self._segment_start_s = now_s
        self._restart_window(now_s)

    def _restart_window(self, time_s: float) -> None:
        self._window.restart()
        self._feed_count = 0
        self._last_s = max(self._last_s, time_s)
        self._window.add(time_s, 0)

    def _close_segment(self, time_s: float, *, drained: bool) -> None:
        """End the stretch: its mean FPS and its duration are of the same span from now on.

        It ends with its last completion where it was cut off, since the time after that belongs
        to inferences that do not count.
        """
        if self._segment_start_s is None:
            return
        whole_s = time_s - self._segment_start_s
        self._closed_s += whole_s if drained else self._rate_span_s(time_s)
        self._series.end(time_s)
        if self._sequences is not None:
            self._sequences.interrupt()
        self._segment_start_s = None
        self._segment_count = 0

    def _elapsed_s(self, now_s: float) -> float:
        if self._segment_start_s is None:
            return self._closed_s
        return self._closed_s + max(0.0, now_s - self._segment_start_s)

    def _rate_span_s(self, now_s: float) -> float:
        """The open segment's length for the mean FPS (see `completion_rate`)."""
        if self._segment_start_s is None:
            return 0.0
        rate = completion_rate(self._segment_count, self._segment_start_s, self._last_s, now_s)
        if rate:
            return self._segment_count / rate
        return max(0.0, now_s - self._segment_start_s)

    def _fps_mean(self, now_s: float) -> float:
        span_s = self._closed_s + self._rate_span_s(now_s)
        # Before the first completion the open segment says nothing yet.
        if not self._count or span_s <= 0 or math.isnan(span_s):
            return 0.0
        return self._frames / span_s
