"""The runs of a session and its history, folded from a ring and the states of a worker."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from ovbench_tui.config.benchmark import BenchmarkConfig, describe_change
from ovbench_tui.engine.api.events import (
    PairStarted,
    ProcessStopped,
    ProfileTaken,
    RunStarted,
    SliceEnded,
    StateChanged,
)
from ovbench_tui.engine.api.feeders import FeederChosen
from ovbench_tui.engine.api.pipeline_use import PipelineUse
from ovbench_tui.engine.api.results import AbView, RunResult, RunView
from ovbench_tui.engine.api.snapshot import History
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.runs.latency_sink import LatencySink
from ovbench_tui.engine.runs.open_run import (
    ClosedRun,
    OpenRun,
    RequestedTrial,
    batches_of,
    open_run,
)
from ovbench_tui.engine.runs.pair_record import PairRecord
from ovbench_tui.engine.runs.session_record import SessionRecord, from_to
from ovbench_tui.engine.runs.shared_pairs import SharedPairs
from ovbench_tui.engine.runs.turns import Turns
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.stats.run_stats import RunSeries
from ovbench_tui.stats.timeseries.run_machine import MachineMoment
from ovbench_tui.stats.timeseries.views import LatencyBars
from ovbench_tui.system.system_sample import MachineSample


class RunTracker:
    """Writes down what completes under which run; runs are numbered over all workers.

    One run is open, or two while they alternate: then the current one is A, and B stands before
    it in every list.

    Args:
        start_s: begin of the history.
        sink: takes every measured latency.
        machine: what the machine did lately, for the causes of an unstable run.
        margin: what counts as equal where two runs alternate, as a fraction.
    """

    def __init__(
        self,
        start_s: float,
        sink: LatencySink | None = None,
        machine: Callable[[], Sequence[MachineSample]] = tuple,
        margin: float = EQUAL_MARGIN,
    ) -> None:
        self._sink = sink
        self._margin = margin
        self._machine = machine
        self.record = SessionRecord(start_s)
        self._shared = SharedPairs()
        self._finished: list[ClosedRun] = []
        self._past: tuple[RunView, ...] = ()
        self._run: OpenRun | None = None
        self._variant_b: OpenRun | None = None
        self._fed: OpenRun | None = None
        """Of the open runs, the one that what completes now belongs to."""
        self.turns: Turns | None = None
        """Says which of two runs a stretch belongs to; None = the worker does."""
        self._pairs: PairRecord | None = None
        self._ring: LatencyRing | None = None
        self._cursor = 0
        self._is_cut = False
        """What completes now is of a time that does not count: the process was stopped."""
        self._arrival = ""
        self._requested = RequestedTrial()

    def follow(self, ring: LatencyRing, arrival: str) -> None:
        """From now on read this worker's ring.

        Args:
            arrival: why there is another worker, for the marker of its first run.
        """
        self._ring = ring
        self._cursor = 0
        self._is_cut = False
        self._arrival = arrival

    def fold_until(self, end: int, until_s: float = math.inf) -> None:
        """Take completions up to the ring's `end`-th into the current run.

        Args:
            until_s: those that completed later stay for the next call.
        """
        if self._ring is None or end <= self._cursor:
            return
        run = self._fed
        accumulator = run.accumulator if run else None
        is_open_loop = accumulator is not None and accumulator.is_open_loop
        piece = self._ring.read(self._cursor, end, with_waits=is_open_loop)
        if not math.isinf(until_s):
            piece = piece.until(until_s)
        self._cursor = piece.end
        if self._is_cut:
            return
        batch = accumulator.frames_an_inference if accumulator else 1.0
        shown = piece.only_phase(accumulator.main_group if accumulator else None)
        if shown.dropped:
            self.record.columns.add_unseen(shown.dropped, batch)
        self.record.columns.add(shown.times_s, shown.latencies_ms, batch)
        if run is not None and accumulator is not None:
            accumulator.add(
                piece.times_s, piece.latencies_ms, piece.groups, piece.dropped, piece.waits_ms
            )
            if accumulator.is_measuring:
                run.unjudged.append(shown)
                if self._pairs is not None and self._variant_b is not None:
                    self._pairs.add(shown)
                if self._sink is not None:
                    self._sink.add(shown.times_s, shown.latencies_ms, run.run_id)

    @property
    def taken(self) -> int:
        """Completions of the ring that were read so far."""
        return self._cursor

    def note_load(self) -> None:
        """Take what an open loop has counted until now."""
        fed = self._fed
        if self._ring is not None and fed is not None and fed.accumulator.is_open_loop:
            fed.accumulator.note_load(self._ring.load_counts())

    def note_stop(self, event: ProcessStopped) -> None:
        """The engine's process did not run for a while; what completes until then is left out."""
        self._is_cut = True
        self.record.note_stop(event)
        if self._fed is not None and event.was_measuring:
            self._fed.note_stop(event)

    def change_state(self, event: StateChanged) -> None:
        """Enter the state that begins at the event's place in the ring."""
        if self.turns is not None:
            event = self.turns.of(event)
        self.fold_until(event.ring_count)
        self._is_cut = False
        self.record.change_state(event, marks_pauses=self.turns is None)
        self._turn_to(event)
        run = self._fed
        if run is not None:
            run.enter(event, is_one_of_two=self._variant_b is not None)
            if event.measuring and run.accumulator.is_open_loop:
                # Arrivals may be far rarer than the inferences that warmed it up.
                self.record.columns.begin_run(event.time_s)

    def _turn_to(self, event: StateChanged) -> None:
        """While two runs alternate: see whose turn it is, and where a stretch begins and ends."""
        run, variant_b, pairs = self._run, self._variant_b, self._pairs
        if run is None or variant_b is None or pairs is None:
            return
        pairs.change(event)
        for other, fed in ((run, variant_b), (variant_b, run)):
            if fed.started.run_id == event.run_id and self._fed is not fed:
                other.accumulator.set_state(
                    feeding=False,
                    measuring=False,
                    warming=False,
                    time_s=event.time_s,
                    load=event.load,
                )
                self._fed = fed

    def begin_run(self, event: RunStarted) -> None:
        """End the current run and begin another."""
        self.turns = None
        event = self._shared.share(event)
        before = self._run.started.config if self._run else event.config
        self._close_open(event)
        became = from_to(describe_change(event.config, before), event.change)
        change = ", ".join(part for part in (self._arrival, event.change) if part)
        detail = ", ".join(part for part in (self._arrival, became) if part)
        self._arrival = ""
        self._run = self._fed = open_run(len(self._finished) + 1, change, event)
        self._requested.mark(self._run)
        self.record.begin_run(event.time_s, change, detail)

    def begin_pair(self, event: PairStarted, *, title: str = "A/B", search: str = "") -> None:
        """End the current run and begin two that alternate; `title` is for the charts' marker."""
        self._close_open(event.a)
        number = len(self._finished) + 1
        self._variant_b = open_run(number, event.b.change, event.b)
        self._run = self._fed = open_run(number + 1, event.a.change, event.a)
        self._pairs = PairRecord(
            event.b.config,
            (event.a.run_id, event.b.run_id),
            (batches_of(event.a), batches_of(event.b)),
            self._margin,
        )
        for run in self._open:
            run.search = search
        self.record.begin_run(event.a.time_s, title, event.b.change)

    def end_slice(self, event: SliceEnded) -> None:
        """Take the last measured stretch as a whole slice of its side."""
        if self._pairs is not None and self._variant_b is not None:
            self._pairs.end_slice(event)

    def ab(self, now_s: float) -> AbView | None:
        """The two runs that alternate, or did last; the same object until a slice has ended."""
        return self._pairs.view(lambda: self._ab_runs(now_s)) if self._pairs else None

    def _ab_runs(self, now_s: float, *, is_over: bool = False) -> tuple[RunView, RunView] | None:
        if self._run is None or self._variant_b is None:
            return None
        a, b = (self._view(run, now_s, is_over=is_over) for run in (self._run, self._variant_b))
        return a, b

    @property
    def is_alternating(self) -> bool:
        """Whether two runs are open."""
        return self._variant_b is not None

    def end_pair(self, time_s: float) -> None:
        """No more slices come."""
        if self._variant_b is not None and self._pairs is not None:
            self._pairs.close(self._ab_runs(time_s, is_over=True))

    def _close_open(self, event: RunStarted) -> None:
        """End the open runs where another one starts."""
        self.fold_until(event.ring_count)
        self.end_pair(event.time_s)
        for run in (self._variant_b, self._run):
            if run is not None:
                self._finished.append(self._closed(run, event.time_s))
                self._past = (*self._past, self._finished[-1].view)
        self._run = self._variant_b = self._fed = None

    def stop(self, time_s: float) -> None:
        """The worker is gone: what its ring still holds counts, and then nothing more."""
        if self._ring is None:
            return
        total, load = self._ring.total, self._ring.load_counts()
        self.change_state(StateChanged(WorkerState.FAILED, False, 0, total, time_s, load))
        self.end_pair(time_s)

    def take_word(self, config: BenchmarkConfig, search: str = "") -> None:
        """Keep what is requested, and take what needs no other run: a limit, or a mark."""
        self._requested = RequestedTrial(config, search)
        self._requested.mark(self._run)
        run = self._run
        if run is None or run.started.config.needs_new_run(config):
            return
        run.take_word(config)

    def note_feeder(self, event: FeederChosen) -> None:
        """How the completions of this run are collected was settled while it warmed up."""
        run = self._run
        if run is not None and run.started.run_id == event.run_id:
            effective = replace(
                run.started.effective,
                collected_by=event.collected_by,
                feeder_spins=event.feeder_spins,
            )
            run.started = replace(run.started, effective=effective)

    def note_pipeline(self, event: PipelineUse) -> None:
        """What the pipeline of this run was doing lately."""
        for run in self._open:
            if run.started.run_id == event.run_id:
                run.pipeline = event

    def note_machine(self, sample: MachineSample, moment: MachineMoment) -> None:
        """Keep what the machine did with the runs whose time that was."""
        for run in self._open:
            # Half of a second before it may be of a compile.
            if (sample.since_s + sample.time_s) / 2 >= run.started.time_s:
                run.accumulator.note_machine(sample.time_s, moment)

    def reset(self, now_s: float) -> None:
        """Begin the current run's statistics again."""
        if self._run is None:
            return
        self.record.mark(now_s, "reset", "statistics reset")
        if self._pairs is not None and self._variant_b is not None:
            self._pairs.reset()
        for run in self._open:
            run.accumulator.reset(now_s)
            run.unjudged.clear()
            run.monitor.reset()
            run.judged_at_s = math.inf
        if self._sink is not None:
            # At once: while two runs alternate, their rows do too.
            self._sink.forget([run.run_id for run in self._open])

    @property
    def running(self) -> RunStarted | None:
        """How the current run was started."""
        return self._run.started if self._run else None

    def run(self, now_s: float) -> RunView | None:
        """The current run; None before the first."""
        return self._view(self._run, now_s) if self._run else None

    def runs(self, now_s: float) -> tuple[RunView, ...]:
        """Every run so far, the current one last."""
        finished = tuple(closed.view for closed in self._finished)
        return (*finished, *(self._view(run, now_s) for run in self._open))

    @property
    def past(self) -> tuple[RunView, ...]:
        """The runs before the current one; the same tuple until another has ended."""
        return self._past

    @property
    def models(self) -> tuple[tuple[int, str], ...]:
        """Number and model of every run, the current one last."""
        past = tuple((view.run_id, view.config.model) for view in self._past)
        return (*past, *((run.run_id, run.started.config.model) for run in self._open))

    def series(self, run_id: int, now_s: float) -> RunSeries:
        """A run over time, as far as it has come; empty where there is no such run."""
        for run in self._open:
            if run.run_id == run_id:
                return run.accumulator.series(now_s).series()
        finished = self._finished[run_id - 1 : run_id] if run_id > 0 else []
        return finished[0].series.series() if finished else RunSeries()

    def results(self, now_s: float) -> tuple[RunResult, ...]:
        """Every run so far with all that is known of it, the current one last."""
        current = (self._closed(run, now_s) for run in self._open)
        return tuple(closed.result() for closed in (*self._finished, *current))

    @property
    def profile(self) -> ProfileTaken | None:
        """The last profile of the current run; None before the first."""
        return self._run.profile if self._run else None

    def take_profile(self, profile: ProfileTaken) -> None:
        """Keep a profile with the current run."""
        if self._run is not None:
            self._run.profile = profile

    def take_ended(self, now_s: float) -> tuple[RunResult, float] | None:
        """An open run and its start, for good: each once, and only if it measured."""
        for run in self._open:
            if not run.was_taken and run.accumulator.count:
                run.was_taken = True
                return self._closed(run, now_s).result(), run.started.time_s
        return None

    def history(self, columns: int, now_s: float) -> History:
        """The last `columns` columns of the session."""
        return self.record.live(columns, now_s)

    def latency_bars(self, bars: int, *, is_log: bool = True) -> LatencyBars | None:
        """The latencies of the current run; None while there are none."""
        run = self._run
        return run.accumulator.latency_bars(run.run_id, bars, is_log=is_log) if run else None

    def latest_bins(self) -> tuple[tuple[float, float, int], ...]:
        """The latencies of the current run as `RunResult.histogram` has them."""
        return self._run.accumulator.histogram().bins() if self._run else ()

    @property
    def _open(self) -> tuple[OpenRun, ...]:
        """The runs that go on, the current one last."""
        return tuple(run for run in (self._variant_b, self._run) if run is not None)

    def _closed(self, run: OpenRun, now_s: float) -> ClosedRun:
        if not run.is_settled:
            run.judged_at_s = math.inf  # for good, so by all that was measured
        return run.closed(self._view(run, now_s, is_over=True), now_s)

    def _view(self, run: OpenRun, now_s: float, *, is_over: bool = False) -> RunView:
        # Between its turns a side would seem to stand still.
        pairs = self._pairs if self._variant_b is not None else None
        in_slices = pairs.slice_fps(run.started.run_id) if pairs is not None else None
        return run.view(now_s, self._machine, in_slices, is_over=is_over)

    def slowest_ms(self) -> float:
        """Of the inferences of the runs that are open, also of the first; NaN = none yet."""
        known = ((run.accumulator.slowest_ms, run.started.first_inference_ms) for run in self._open)
        return max((ms for pair in known for ms in pair if not math.isnan(ms)), default=math.nan)
