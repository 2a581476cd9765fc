"""The session: commands in, snapshots out, and an engine that may be replaced under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.model_file import names_pipeline
from ovbench_tui.engine.api.commands import (
    Alternate,
    Configure,
    DescribeModel,
    EndAlternation,
    Pause,
    ReadText,
    ResetClock,
    Resume,
    StopRun,
    TakeProfile,
)
from ovbench_tui.engine.api.events import ConfigRejected, ProfileTaken, ShapeNeeded
from ovbench_tui.engine.api.machine import MachineColumns
from ovbench_tui.engine.api.model_info import ModelFacts
from ovbench_tui.engine.api.pipeline_use import RequestText
from ovbench_tui.engine.api.results import AbPhase, AbView, RunResult, RunView
from ovbench_tui.engine.api.run_sink import RunSink
from ovbench_tui.engine.api.snapshot import History, Progress, Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.hosts.health import Health
from ovbench_tui.engine.hosts.host import Host
from ovbench_tui.engine.hosts.host_slot import HostSlot, OpenHost
from ovbench_tui.engine.hosts.opening import open_host
from ovbench_tui.engine.runs.latency_sink import LatencySink
from ovbench_tui.engine.runs.machine_record import MachineRecord
from ovbench_tui.engine.runs.notices import Notices
from ovbench_tui.engine.runs.run_comparison import RunComparer
from ovbench_tui.engine.runs.run_handover import RunHandover
from ovbench_tui.engine.runs.run_tracker import RunTracker
from ovbench_tui.engine.runs.session_state import SessionState
from ovbench_tui.stats.comparison.alternation import SLICE_S
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.stats.run_stats import Comparison, RunSeries
from ovbench_tui.stats.timeseries.views import HeatColumns, LatencyBars, TimeWindow
from ovbench_tui.system.machine_watch import with_shares
from ovbench_tui.system.memory_guard import MemoryGuard
from ovbench_tui.system.system_probe import SystemWatcher
from ovbench_tui.system.system_sample import MachineSample, SystemSample


class Session:
    """Runs, one for each effective configuration, over one engine after another.

    Not thread-safe: one thread (the screen's, or the headless loop's) makes every call, and
    none but `close` blocks.

    Args:
        sink: takes every measured latency.
        run_sink: takes every run that has measured something, as soon as it has ended.
        memory: ends a run that takes too much of it; None = the machine's.
        margin: what counts as equal where two runs are judged, as a fraction.
    """

    def __init__(
        self,
        config: BenchmarkConfig,
        *,
        isolated: bool = False,
        open_host: OpenHost = open_host,
        clock: Callable[[], float] = perf_counter,
        sink: LatencySink | None = None,
        run_sink: RunSink | None = None,
        memory: MemoryGuard | None = None,
        margin: float = EQUAL_MARGIN,
    ) -> None:
        self._clock = clock
        start_s = clock()
        self._machine = MachineRecord(start_s)
        self._tracker = RunTracker(start_s, sink, lambda: self._machine.samples, margin)
        self._handover = RunHandover(run_sink, self._tracker, clock)
        self._notices = Notices()
        # What openvino-genai runs must be isolated, so it is from the beginning.
        isolated = isolated or names_pipeline(config.model)
        self._slot = HostSlot(open_host, clock, self._notices.add, isolated=isolated)
        self._now = SessionState(
            config, self._slot, self._tracker, self._handover, self._notices, clock
        )
        self._paused = False
        self._health = Health(clock, memory)
        self._comparer = RunComparer(margin=margin)
        self._system = SystemWatcher()

    @property
    def _host(self) -> Host:
        return self._slot.host

    # -- commands ---------------------------------------------------------------------------

    def start(self) -> None:
        """Start the worker, and the first configuration if it names a model."""
        self._start_host("")

    def progress(self) -> Progress:
        """Look at the ring's total, and fold nothing."""
        count, last_s = self._host.ring.progress()
        return Progress(count, last_s)

    def configure(self, config: BenchmarkConfig, search: str = "") -> None:
        """Ask for this configuration; what runs goes on until it is ready.

        Args:
            search: the mark of the search that it is a trial of; '' = none.
        """
        self._now.requested = config
        self._now.shape_needed = None
        self._now.call_off_ab("Another configuration was requested.")
        self._tracker.take_word(config, search)
        if config.model and not self._slot.is_changing:
            self._host.send(Configure(config))

    def begin_ab(self, config: BenchmarkConfig, slice_s: float = SLICE_S) -> None:
        """Let this configuration, B, run in turn with what runs, A, in short slices."""
        if self._now.is_dead or self._slot.is_changing:
            self._now.ab = AbView(AbPhase.OVER, config, reason="There is no engine to run B on.")
            self._notices.add(self._now.ab.reason, is_error=True)
            return
        # Whichever goes on alone ends as was asked for A.
        now = self._now.requested
        config = config.judged_as(now)
        self._now.ab = AbView(AbPhase.PREPARING, config)
        self._host.send(Alternate(config, slice_s))

    def end_ab(self, *, keep_b: bool = False) -> None:
        """Let A run alone again, or B with `keep_b`; also while B is still being prepared."""
        seen = self.ab()
        if seen is None or seen.phase is AbPhase.OVER:
            return
        if self._now.ab is not None:
            self._now.call_off_ab("It was cancelled.")
        elif keep_b:
            now = self._now.requested
            self._now.requested = seen.requested.judged_as(now)
        self._host.send(EndAlternation(keep_b))

    def ab(self) -> AbView | None:
        """The A/B that goes on, or the last one; the same object until it changes."""
        return self._now.ab or self._tracker.ab(self._now.seen_s)

    def toggle_pause(self) -> None:
        """Pause or resume."""
        self._paused = not self._paused
        self._host.send(Pause() if self._paused else Resume())

    def reset_stats(self) -> None:
        """Begin the current run's statistics again."""
        self._now.fold()
        self._tracker.reset(self._clock())
        self._host.send(ResetClock())

    def take_profile(self, graph_path: str = "", *, is_reported: bool = True) -> None:
        """Ask for the time of every layer; `profile_pending` until it is there.

        Args:
            graph_path: also write the executable graph there; '' = no.
            is_reported: a notice tells what went wrong; else only the profile does.
        """
        if not self._now.is_dead:
            self._now.questions.request_profile(is_reported=is_reported)
            self._host.send(TakeProfile(graph_path))

    def cancel(self) -> bool:
        """Give up what is being read or compiled; only a process of its own can be ended."""
        if not self._slot.isolated or not self._now.background.what or self._slot.is_changing:
            return False
        what = self._now.background.what
        running = self._tracker.running
        self._host.kill()
        self._now.requested = running.config if running else replace(self._now.requested, model="")
        self._notices.add(f"Cancelled: {what}.")
        self._replace_host("compile cancelled")
        return True

    def isolate(self, isolated: bool) -> None:
        """Move the engine into a process of its own, or back into a thread of this one."""
        if isolated != self._slot.isolated:
            self._slot.isolated = isolated
            self._replace_host("isolated" if isolated else "in a thread")

    def restart(self) -> None:
        """Start a new engine after this one has died or hung."""
        stall = self._health.stall
        if stall:
            self._host.kill()
        if self._now.is_dead or stall:
            self._replace_host("restarted")

    def conclude(self) -> None:
        """Count nothing more: the summary, the reports and the history tell the same from now on.

        What runs goes on until `close`.
        """
        self._now.conclude()

    def close(self, timeout_s: float) -> bool:
        """Shut the worker down; False when it has not ended after `timeout_s`."""
        self.conclude()
        self._slot.stop()
        self._system.close()
        return self._slot.join(timeout_s)

    # -- the engine may be replaced ---------------------------------------------------------

    def _start_host(self, arrival: str) -> None:
        self._now.begin_engine(arrival)
        self._host.start()
        if self._paused:
            self._host.send(Pause())
        if self._now.requested.model:
            self._host.send(Configure(self._now.requested))

    def _replace_host(self, arrival: str) -> None:
        self._now.end_engine()
        self._health.stall = ""
        self._slot.retire(arrival)

    def _isolate_if_required(self) -> None:
        """Move the engine where the configuration that was asked for can run."""
        required, self._now.isolation_required = self._now.isolation_required, None
        # Not if something else was asked for since.
        if required is not None and not required.config.needs_preparation(self._now.requested):
            self._notices.add(required.reason)
            self.isolate(True)

    # -- what is seen -----------------------------------------------------------------------

    def snapshot(self, columns: int) -> Snapshot:
        """Fold what came since the last call; the history covers the last `columns`."""
        self._now.fold()
        self._isolate_if_required()
        arrival = self._slot.next_arrival()
        if arrival is not None:
            self._start_host(arrival)
        now_s = self._clock()
        run = self._tracker.run(self._now.seen_s)
        self._watch(run, now_s)
        for sentence in self._handover.sentences():
            self._notices.add(sentence)
        seen = self._machine.sample(now_s, self._slot.pids)
        if seen is not None:
            self._tracker.note_machine(*seen)
        background_s = now_s - self._now.background.since_s if self._now.background.what else 0.0
        return Snapshot(
            state=self._now.state,
            measuring=self._now.measuring
            or (self._now.state is WorkerState.RUNNING and self._tracker.is_alternating),
            requested=self._now.requested,
            run=run,
            background=self._now.background.what,
            background_s=background_s,
            history=self._tracker.history(columns, now_s),
            notices=self._notices.kept,
            devices=self._now.devices,
            openvino_version=self._now.openvino_version,
            shape_needed=self._now.shape_needed,
            isolated=self._slot.isolated,
            can_restart=self._now.is_dead or bool(self._health.stall),
            finished=self._now.state is WorkerState.FINISHED,
            past_runs=self._tracker.past,
            stall=self._health.stall,
        )

    def history(self, window: TimeWindow) -> History:
        """The history in a window, as of the last snapshot; the same object until it changes."""
        return self._tracker.record.window(window)

    def heat(self, window: TimeWindow, rows: int) -> HeatColumns:
        """The latencies in a window, in at most `rows` rows and a column for each two of it."""
        return self._tracker.record.columns.heat(window, rows)

    def machine(self, first: int, cells: int, cell_s: float) -> MachineColumns:
        """The machine in cells of the session's time; the same object until it changes."""
        return self._machine.columns(first, cells, cell_s)

    def machine_samples(self) -> tuple[MachineSample, ...]:
        """The machine second by second in the last minutes, oldest first."""
        return self._machine.samples

    def latest_bins(self) -> tuple[tuple[float, float, int], ...]:
        """The latencies of the current run as `RunResult.histogram` has them."""
        return self._tracker.latest_bins()

    def latency_bars(self, bars: int, *, is_log: bool = True) -> LatencyBars | None:
        """The latencies of the current run; None while there are none."""
        return self._tracker.latency_bars(bars, is_log=is_log)

    def system(self) -> SystemSample | None:
        """Return the machine's newest sample, and want another within the next seconds."""
        sample = self._system.latest(self._slot.pids)
        samples = self._machine.samples
        return with_shares(sample, samples[-1]) if sample and samples else sample

    def series(self) -> RunSeries:
        """The current run over time, as far as it has come; made anew with every call."""
        now_s = self._clock()
        models = self._tracker.models
        return self._tracker.series(models[-1][0], now_s) if models else RunSeries()

    def compare_with(self, run_id: int, figure: str = "fps") -> tuple[tuple[int, Comparison], ...]:
        """Compare other runs of the same model with this one; see `RunComparer`."""
        now_s = self._clock()
        return self._comparer.against(
            run_id,
            figure,
            self._tracker.models,
            lambda other_id: self._tracker.series(other_id, now_s),
            now_s,
        )

    @property
    def runs(self) -> Sequence[RunView]:
        """Every run so far, the current one last, as of the last fold."""
        return self._tracker.runs(self._now.seen_s)

    @property
    def results(self) -> tuple[RunResult, ...]:
        """Every run so far with all that is known of it, the current one last."""
        return self._tracker.results(self._now.seen_s)

    @property
    def profile_pending(self) -> bool:
        """Whether a profile was asked for and is still to come."""
        return self._now.questions.profile_pending

    def layer_times(self, *, fresh: bool = False) -> ProfileTaken | None:
        """The last profile of the current run; `fresh` asks for another, which comes later."""
        if fresh and not self._now.questions.profile_pending and not self._slot.is_changing:
            self.take_profile(is_reported=False)
        return self._tracker.profile

    def model_facts(self) -> ModelFacts | None:
        """What the current run's model is made of; asks for it once, None until it is known."""
        started = self._tracker.running
        if started is None:
            return None
        now = self._now
        facts = now.questions.facts_of(started)
        idle = not (now.is_dead or self._slot.is_changing or now.background.what)
        if facts is None and idle and now.questions.request_facts(started):
            self._host.send(DescribeModel())
        return facts

    def request_text(self) -> RequestText | None:
        """The text of one request, read about once a second while it is asked for."""
        started = self._tracker.running
        now = self._now
        if started is None or now.is_dead or self._slot.is_changing:
            return None
        if now.questions.request_text(self._clock()):
            self._host.send(ReadText())
        return now.questions.text_of(started.run_id)

    @property
    def rejection(self) -> ConfigRejected | ShapeNeeded | None:
        """Why the last configuration asked for does not run; None when one does."""
        return self._now.rejection or self._now.shape_needed

    @property
    def failure(self) -> str:
        """Why nothing runs any more; '' when that is not so."""
        return self._now.failure

    def _watch(self, run: RunView | None, now_s: float) -> None:
        """Say once that an engine which should work is stuck, and end what takes the memory."""
        fed = run if self._now.state.is_feeding else None
        if self._now.is_dead or self._slot.is_changing or not (fed or self._host.is_halted):
            self._health.rest()
            return
        if run is not None:
            pids = [self._host.pid] if self._host.pid else []
            if reason := self._health.shortage(run, pids, now_s):
                self._host.send(StopRun(reason))
        slowest_ms = self._tracker.slowest_ms() if fed else 0.0
        if self._health.has_stalled(self._host.ring.total, slowest_ms, fed):
            lasted = f"stalled for {self._health.stalled_s:.0f} s"
            self._tracker.record.mark(now_s, "stalled", lasted)
            self._notices.add(self._health.stall, is_error=True)
