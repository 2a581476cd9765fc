"""The session: commands in, snapshots out, and an engine that may be replaced under it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from time import perf_counter
from typing import Protocol

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.commands import (
    Alternate,
    Configure,
    DescribeModel,
    EndAlternation,
    Pause,
    ResetClock,
    Resume,
    TakeProfile,
)
from ovbench_tui.engine.api.events import (
    BackgroundChanged,
    ConfigRejected,
    DeviceInfo,
    DevicesFound,
    Event,
    ModelDescribed,
    ModelFacts,
    PairStarted,
    ProfileTaken,
    RunFailed,
    RunStarted,
    ShapeNeeded,
    SliceEnded,
    StateChanged,
    WorkerNotice,
    WorkerState,
    WorkerStopped,
)
from ovbench_tui.engine.api.feeders import FeederChosen
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.engine.api.run_sink import FinishedRun, RunEnd, RunSink
from ovbench_tui.engine.api.snapshot import (
    AbPhase,
    AbView,
    History,
    Notice,
    Progress,
    RunView,
    Snapshot,
)
from ovbench_tui.engine.hosts.host import Host
from ovbench_tui.engine.hosts.opening import open_host
from ovbench_tui.engine.hosts.watchdog import Watchdog
from ovbench_tui.engine.runs.run_comparison import RunComparer
from ovbench_tui.engine.runs.run_tracker import LatencySink, RunTracker
from ovbench_tui.engine.worker.alternation import SLICE_S
from ovbench_tui.stats.run_stats import Comparison, RunSeries
from ovbench_tui.stats.timeseries.views import HeatColumns, LatencyBars, TimeWindow
from ovbench_tui.system.machine_watch import MachineWatch
from ovbench_tui.system.system_probe import SystemWatcher
from ovbench_tui.system.system_sample import SystemSample

_NOTICES_KEPT = 50
_RETIRE_PATIENCE_S = 5.0
_KILLED_WITHIN_S = 0.2


class OpenHost(Protocol):
    """Makes a host, not yet started."""

    def __call__(self, *, isolated: bool) -> Host:
        """One that is isolated in a process of its own, or not."""
        ...


class Session:
    """Runs, one for each effective configuration, over one engine after another.

    Not thread-safe: one thread (the screen's, or the headless loop's) makes every call, and
    none but `close` blocks.

    Args:
        sink: takes every measured latency.
        run_sink: takes every run that has measured something, as soon as it has ended.
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
    ) -> None:
        self._run_sink = run_sink
        self._open_host = open_host
        self._clock = clock
        self._isolated = isolated
        self._requested = config
        self._machine = MachineWatch()
        self._tracker = RunTracker(clock(), sink, lambda: self._machine.samples)
        self._host = open_host(isolated=isolated)
        self._retired: Host | None = None
        self._retired_since_s = 0.0
        self._arrival = ""
        self._marks = 0
        self._state = WorkerState.IDLE
        self._measuring = False
        self._paused = False
        self._background = BackgroundChanged("", 0.0)
        self._notices: deque[Notice] = deque(maxlen=_NOTICES_KEPT)
        self._notice_count = 0
        self._devices: tuple[DeviceInfo, ...] = ()
        self._openvino_version = ""
        self._shape_needed: ShapeNeeded | None = None
        self._rejection: ConfigRejected | None = None
        self._failure = ""
        self._dead = False
        self._concluded = False
        self._watchdog = Watchdog()
        self._stalled = False
        self._profile_pending = False
        self._profile_is_reported = True
        self._facts: dict[object, ModelFacts] = {}
        self._facts_requested: dict[int, object] = {}
        self._comparer = RunComparer()
        self._system = SystemWatcher()
        self._ab: AbView | None = None
        """An A/B that has not begun, or never will; else the tracker has it."""

    # -- commands ---------------------------------------------------------------------------

    def start(self) -> None:
        """Start the worker, and the first configuration if it names a model."""
        self._start_host("")

    def progress(self) -> Progress:
        """Look at the ring's total, and fold nothing."""
        count, last_s = self._host.ring.progress()
        return Progress(count, last_s)

    def configure(self, config: BenchmarkConfig) -> None:
        """Ask for this configuration; what runs goes on until it is ready."""
        self._requested = config
        self._shape_needed = None
        self._call_off_ab("Another configuration was asked for.")
        self._tracker.take_word(config)
        if config.model and self._retired is None:
            self._host.send(Configure(config))

    def begin_ab(self, config: BenchmarkConfig, slice_s: float = SLICE_S) -> None:
        """Let this configuration, B, run in turn with what runs, A, in short slices."""
        if self._dead or self._retired is not None:
            self._ab = AbView(AbPhase.OVER, config, reason="There is no engine to run B on.")
            self._notify(self._ab.reason, is_error=True)
            return
        # Whichever goes on alone ends as was asked for A.
        now = self._requested
        config = replace(config, duration_s=now.duration_s, iterations=now.iterations)
        self._ab = AbView(AbPhase.PREPARING, config)
        self._host.send(Alternate(config, slice_s))

    def end_ab(self, *, keep_b: bool = False) -> None:
        """Let A run alone again, or B with `keep_b`; also while B is still being prepared."""
        seen = self.ab()
        if seen is None or seen.phase is AbPhase.OVER:
            return
        if self._ab is not None:
            self._call_off_ab("It was called off.")
        elif keep_b:
            now = self._requested
            self._requested = replace(
                seen.requested, duration_s=now.duration_s, iterations=now.iterations
            )
        self._host.send(EndAlternation(keep_b))

    def ab(self) -> AbView | None:
        """The A/B that goes on, or the last one; the same object until it changes."""
        return self._ab or self._tracker.ab(self._clock())

    def _call_off_ab(self, reason: str) -> None:
        """B will not begin."""
        if self._ab is not None and self._ab.phase is AbPhase.PREPARING:
            self._ab = replace(self._ab, phase=AbPhase.OVER, reason=reason)

    def toggle_pause(self) -> None:
        """Pause, or go on."""
        self._paused = not self._paused
        self._host.send(Pause() if self._paused else Resume())

    def reset_stats(self) -> None:
        """Begin the current run's statistics again."""
        self._fold()
        self._tracker.reset(self._clock())
        self._host.send(ResetClock())

    def take_profile(self, graph_path: str = "", *, is_reported: bool = True) -> None:
        """Ask for the time of every layer; `profile_pending` until it is there.

        Args:
            graph_path: also write the executable graph there; '' = no.
            is_reported: a notice tells what went wrong; else only the profile does.
        """
        if not self._dead:
            self._profile_pending = True
            self._profile_is_reported = is_reported
            self._host.send(TakeProfile(graph_path))

    def cancel(self) -> bool:
        """Give up what is being read or compiled; only a process of its own can be ended."""
        if not self._isolated or not self._background.what or self._retired is not None:
            return False
        what = self._background.what
        running = self._tracker.running
        self._host.kill()
        self._requested = running.config if running else replace(self._requested, model="")
        self._notify(f"Given up: {what}.", is_error=False)
        self._replace_host("compile cancelled")
        return True

    def isolate(self, isolated: bool) -> None:
        """Move the engine into a process of its own, or back into a thread of this one."""
        if isolated != self._isolated:
            self._isolated = isolated
            self._replace_host("isolated" if isolated else "in a thread")

    def restart(self) -> None:
        """Start another engine after this one has died or got stuck."""
        if self._stalled:
            self._host.kill()
        if self._dead or self._stalled:
            self._replace_host("restarted")

    def conclude(self) -> None:
        """Count nothing more: the summary, the reports and the history tell the same from now on.

        What runs goes on until `close`.
        """
        if not self._concluded:
            self._fold()
            self._tracker.stop(self._clock())
            self._hand_over(RunEnd.STOPPED)
            self._concluded = True

    def close(self, timeout_s: float) -> bool:
        """Shut the worker down; False when it has not ended after `timeout_s`."""
        self.conclude()
        hosts = [host for host in (self._host, self._retired) if host is not None]
        for host in hosts:
            host.stop()
        self._system.close()
        ended = [host.join(timeout_s) for host in hosts]
        for host, has_ended in zip(hosts, ended, strict=True):
            if not has_ended:
                host.kill()
        return all(ended) or all(host.join(_KILLED_WITHIN_S) for host in hosts)

    # -- the engine may be replaced ---------------------------------------------------------

    def _start_host(self, arrival: str) -> None:
        self._marks = 0
        self._dead = False
        self._profile_pending = False
        self._facts_requested.clear()
        self._tracker.follow(self._host.ring, arrival)
        self._host.start()
        if self._paused:
            self._host.send(Pause())
        if self._requested.model:
            self._host.send(Configure(self._requested))

    def _replace_host(self, arrival: str) -> None:
        """Retire the host; the next starts once it is gone, so that no two measure at once."""
        self._fold()
        self._call_off_ab("The engine was replaced.")
        self._tracker.stop(self._clock())
        self._hand_over(RunEnd.STOPPED)
        self._state, self._measuring = WorkerState.DRAINING, False
        self._background = BackgroundChanged("", 0.0)
        self._failure = ""
        self._stalled = False
        self._host.stop()
        if self._retired is None:
            self._retired, self._retired_since_s = self._host, self._clock()
        self._arrival = arrival

    def _follow_up(self) -> None:
        retired = self._retired
        if retired is None:
            return
        if retired.alive:
            if self._clock() - self._retired_since_s <= _RETIRE_PATIENCE_S:
                return
            retired.kill()
            if retired.pid is not None:
                return
            # Native code holds the thread, and no thread can be ended from outside.
            self._isolated = True
            self._notify(
                "The old engine's thread does not end: it is left behind, may still use the"
                " processor, and the next engine gets a process of its own.",
                is_error=False,
            )
        self._retired = None
        self._host = self._open_host(isolated=self._isolated)
        self._start_host(self._arrival)

    # -- what is seen -----------------------------------------------------------------------

    def snapshot(self, columns: int) -> Snapshot:
        """Fold what came since the last call; the history covers the last `columns`."""
        self._fold()
        self._follow_up()
        now_s = self._clock()
        run = self._tracker.run(now_s)
        self._watch(run, now_s)
        if self._run_sink is not None:
            for sentence in self._run_sink.sentences():
                self._notify(sentence, is_error=False)
        hosts = (self._host, self._retired)
        self._machine.sample(now_s, [host.pid for host in hosts if host and host.pid])
        background_s = now_s - self._background.since_s if self._background.what else 0.0
        return Snapshot(
            state=self._state,
            measuring=self._measuring
            or (self._state is WorkerState.RUNNING and self._tracker.is_alternating),
            requested=self._requested,
            run=run,
            background=self._background.what,
            background_s=background_s,
            history=self._tracker.history(columns, now_s),
            notices=tuple(self._notices),
            devices=self._devices,
            openvino_version=self._openvino_version,
            shape_needed=self._shape_needed,
            isolated=self._isolated,
            can_restart=self._dead or self._stalled,
            finished=self._state is WorkerState.FINISHED,
            past_runs=self._tracker.past,
        )

    def history(self, window: TimeWindow) -> History:
        """The history in a window, as of the last snapshot; the same object until it changes."""
        return self._tracker.record.window(window)

    def heat(self, window: TimeWindow, rows: int) -> HeatColumns:
        """The latencies in a window, in at most `rows` rows and a column for each two of it."""
        return self._tracker.record.columns.heat(window, rows)

    def latest_bins(self) -> tuple[tuple[float, float, int], ...]:
        """The latencies of the current run as `RunResult.histogram` has them."""
        return self._tracker.latest_bins()

    def latency_bars(self, bars: int, *, is_log: bool = True) -> LatencyBars | None:
        """The latencies of the current run; None while there are none."""
        return self._tracker.latency_bars(bars, is_log=is_log)

    def system(self) -> SystemSample | None:
        """Return the machine's newest sample, and want another within the next seconds."""
        hosts = (self._host, self._retired)
        sample = self._system.latest([host.pid for host in hosts if host and host.pid])
        samples = self._machine.samples
        if sample is None or not samples:
            return sample
        machine = samples[-1]
        return replace(
            sample,
            own_share=machine.own_share,
            others_share=machine.others_share,
            steal_share=machine.steal_share,
            quota_cpus=machine.quota_cpus,
            throttled_share=machine.throttled_share,
            temperature_c=machine.temperature_c,
            throttle_count=machine.throttle_count,
        )

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
        return self._tracker.runs(self._clock())

    @property
    def results(self) -> tuple[RunResult, ...]:
        """Every run so far with all that is known of it, the current one last."""
        return self._tracker.results(self._clock())

    @property
    def profile_pending(self) -> bool:
        """Whether a profile was asked for and is still to come."""
        return self._profile_pending

    def layer_times(self, *, fresh: bool = False) -> ProfileTaken | None:
        """The last profile of the current run; `fresh` asks for another, which comes later."""
        if fresh and not self._profile_pending and self._retired is None:
            self.take_profile(is_reported=False)
        return self._tracker.profile

    def model_facts(self) -> ModelFacts | None:
        """What the current run's model is made of; asks for it once, None until it is known."""
        started = self._tracker.running
        if started is None:
            return None
        # A file may have changed under its name; what was read again has another reading time.
        key = (started.model, started.effective.shape_groups, started.read_ms)
        facts = self._facts.get(key)
        idle = not (self._dead or self._retired or self._background.what)
        if facts is None and started.run_id not in self._facts_requested and idle:
            self._facts_requested[started.run_id] = key
            self._host.send(DescribeModel())
        return facts

    @property
    def rejection(self) -> ConfigRejected | ShapeNeeded | None:
        """Why the last configuration asked for does not run; None when one does."""
        return self._rejection or self._shape_needed

    @property
    def failure(self) -> str:
        """Why nothing runs any more; '' when that is not so."""
        return self._failure

    def _watch(self, run: RunView | None, now_s: float) -> None:
        """Say once that an engine which should work is stuck."""
        if not self._state.is_feeding or self._dead or self._retired or run is None:
            self._watchdog.rest()
            self._stalled = False
            return
        cap = run.config.max_fps
        pause_s = run.effective.batch / cap if cap else 0.0
        stalled_s = self._watchdog.stalled_s(
            self._host.ring.total, run.stats.max_ms, pause_s, now_s
        )
        if stalled_s and not self._stalled:
            self._tracker.record.mark(now_s, "stalled", f"stalled for {stalled_s:.0f} s")
            self._notify(
                # Short, so that the offer to restart, which follows it, is seen on 80 columns.
                f"No inference has completed for {stalled_s:.0f} s: it seems to hang.",
                is_error=True,
            )
        self._stalled = stalled_s > 0

    # -- folding ----------------------------------------------------------------------------

    def _fold(self) -> None:
        if self._retired is not None or self._dead or self._concluded:
            return
        # The order is the ring's contract: total, then announced marks, then events.
        total = self._host.ring.total
        announced = self._host.ring.marks
        for event in self._host.poll():
            self._apply(event)
        if self._marks >= announced and not self._dead:
            self._tracker.fold_until(total)

    def _apply(self, event: Event) -> None:
        match event:
            case StateChanged(state, measuring):
                self._marks += 1
                self._state, self._measuring = state, measuring
                self._tracker.change_state(event)
                if state is WorkerState.FINISHED:
                    self._hand_over(RunEnd.FINISHED)
            case RunStarted():
                self._tracker.fold_until(event.ring_count)
                self._hand_over(RunEnd.CHANGED)
                self._tracker.begin_run(event)
                self._rejection = None
                self._failure = ""
            case PairStarted():
                self._ab = None
                self._tracker.fold_until(event.a.ring_count)
                self._hand_over(RunEnd.CHANGED)
                self._tracker.begin_pair(event)
                self._rejection = None
            case SliceEnded():
                self._tracker.end_slice(event)
            case FeederChosen():
                self._tracker.note_feeder(event)
            case BackgroundChanged():
                self._background = event
            case ConfigRejected(config, reason, running):
                self._rejection = event
                if self._ab is not None and self._ab.requested == config:
                    self._call_off_ab(reason)
                self._tracker.record.mark(self._clock(), "refused", reason)
                self._notify(reason, is_error=True)
                self._fall_back(config, running)
            case ShapeNeeded(config, running=running):
                self._shape_needed = event
                self._rejection = None
                self._fall_back(config, running)
            case DevicesFound(devices, version):
                self._devices, self._openvino_version = devices, version
            case RunFailed(reason):
                self._tracker.end_pair(self._clock())
                self._hand_over(RunEnd.FAILED)
                self._fail(reason)
            case ProfileTaken(reason=reason):
                self._profile_pending = False
                self._tracker.take_profile(event)
                if reason and self._profile_is_reported:
                    self._notify(reason, is_error=True)
            case ModelDescribed(run_id, facts):
                key = self._facts_requested.pop(run_id, None)
                if facts is not None and key is not None:
                    self._facts[key] = facts
            case WorkerNotice(text):
                self._notify(text, is_error=False)
            case WorkerStopped(reason):
                self._bury(reason)

    def _bury(self, reason: str) -> None:
        """The engine is gone; what it measured stays."""
        doing = self._background.what
        running = self._tracker.running
        self._dead = True
        self._call_off_ab("The engine has ended.")
        self._profile_pending = False
        self._tracker.stop(self._clock())
        self._hand_over(RunEnd.FAILED if reason else RunEnd.STOPPED)
        self._state, self._measuring = WorkerState.FAILED, False
        self._background = BackgroundChanged("", 0.0)
        if not reason:
            return
        if doing:
            reason = f"{reason.rstrip('.')} while {doing}."
        elif running is not None:
            reason = f"{reason.rstrip('.')} while it ran {running.model.name}."
        if doing and running is not None:
            # Starting again must not do again what killed it.
            self._requested = running.config
        self._fail(reason)

    def _hand_over(self, end: RunEnd) -> None:
        """Give the open runs to the sink, unless they were given already or measured nothing."""
        if self._run_sink is None:
            return
        now_s = self._clock()
        while (taken := self._tracker.take_ended(now_s)) is not None:
            result, started_s = taken
            started_at = datetime.now(timezone.utc) - timedelta(seconds=now_s - started_s)
            self._run_sink.take(
                FinishedRun(
                    result=result,
                    started_at=started_at,
                    end=end,
                    isolated=self._host.pid is not None,
                    devices=self._devices,
                    openvino_version=self._openvino_version,
                )
            )

    def _fail(self, reason: str) -> None:
        self._failure = reason
        self._tracker.record.mark(self._clock(), "failed", reason)
        self._notify(reason, is_error=True)

    def _fall_back(self, rejected: BenchmarkConfig, running: BenchmarkConfig | None) -> None:
        """Ask again for what runs, unless something else was asked for since."""
        if running is not None and not rejected.needs_recompile(self._requested):
            self._requested = running

    def _notify(self, text: str, *, is_error: bool) -> None:
        self._notice_count += 1
        self._notices.append(Notice(self._notice_count, is_error, text))
