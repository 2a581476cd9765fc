"""The session: commands in, snapshots out, and an engine that may be replaced under it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Protocol

from ovbench_tui.config import BenchmarkConfig
from ovbench_tui.engine.commands import Configure, Pause, ResetClock, Resume, TakeProfile
from ovbench_tui.engine.events import (
    BackgroundChanged,
    ConfigRejected,
    DeviceInfo,
    DevicesFound,
    Event,
    ProfileTaken,
    RunFailed,
    RunStarted,
    ShapeNeeded,
    StateChanged,
    WorkerNotice,
    WorkerState,
    WorkerStopped,
)
from ovbench_tui.engine.hosts import Host, open_host
from ovbench_tui.engine.ledger import LatencySink, RunLedger
from ovbench_tui.engine.machine_watch import MachineWatch
from ovbench_tui.engine.results import RunResult
from ovbench_tui.engine.snapshot import Notice, Progress, RunView, Snapshot
from ovbench_tui.engine.watchdog import Watchdog

_NOTICES_KEPT = 50
_RETIRE_PATIENCE_S = 5.0
_KILLED_WITHIN_S = 0.2
_FEEDING = (WorkerState.WARMING_UP, WorkerState.RUNNING)


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
    """

    def __init__(
        self,
        config: BenchmarkConfig,
        *,
        isolated: bool = False,
        open_host: OpenHost = open_host,
        clock: Callable[[], float] = perf_counter,
        sink: LatencySink | None = None,
    ) -> None:
        self._open_host = open_host
        self._clock = clock
        self._isolated = isolated
        self._requested = config
        self._machine = MachineWatch()
        self._ledger = RunLedger(clock(), sink, lambda: self._machine.samples)
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
        self._watchdog = Watchdog()
        self._stalled = False
        self._profile_pending = False

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
        if config.model and self._retired is None:
            self._host.send(Configure(config))

    def toggle_pause(self) -> None:
        """Pause, or go on."""
        self._paused = not self._paused
        self._host.send(Pause() if self._paused else Resume())

    def reset_stats(self) -> None:
        """Begin the current run's statistics again."""
        self._fold()
        self._ledger.reset(self._clock())
        self._host.send(ResetClock())

    def take_profile(self, graph_path: str = "") -> None:
        """Ask for the time of every layer; `profile_pending` until it is there.

        Args:
            graph_path: also write the executable graph there; '' = no.
        """
        if not self._dead:
            self._profile_pending = True
            self._host.send(TakeProfile(graph_path))

    def cancel(self) -> bool:
        """Give up what is being read or compiled; only a process of its own can be ended."""
        if not self._isolated or not self._background.what or self._retired is not None:
            return False
        what = self._background.what
        running = self._ledger.running
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

    def close(self, timeout_s: float) -> bool:
        """Shut the worker down; False when it has not ended after `timeout_s`."""
        hosts = [host for host in (self._host, self._retired) if host is not None]
        for host in hosts:
            host.stop()
        ended = [host.join(timeout_s) for host in hosts]
        for host, has_ended in zip(hosts, ended, strict=True):
            if not has_ended:
                host.kill()
        return all(ended) or all(host.join(_KILLED_WITHIN_S) for host in hosts)

    # -- the engine may be replaced ---------------------------------------------------------

    def _start_host(self, arrival: str) -> None:
        self._marks = 0
        self._dead = False
        self._ledger.follow(self._host.ring, arrival)
        self._host.start()
        if self._paused:
            self._host.send(Pause())
        if self._requested.model:
            self._host.send(Configure(self._requested))

    def _replace_host(self, arrival: str) -> None:
        """Retire the host; the next starts once it is gone, so that no two measure at once."""
        self._fold()
        self._ledger.stop(self._clock())
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
        run = self._ledger.run(now_s)
        self._watch(run, now_s)
        hosts = (self._host, self._retired)
        self._machine.sample(now_s, [host.pid for host in hosts if host and host.pid])
        background_s = now_s - self._background.since_s if self._background.what else 0.0
        return Snapshot(
            state=self._state,
            measuring=self._measuring,
            requested=self._requested,
            run=run,
            background=self._background.what,
            background_s=background_s,
            history=self._ledger.history(columns, now_s),
            notices=tuple(self._notices),
            devices=self._devices,
            openvino_version=self._openvino_version,
            shape_needed=self._shape_needed,
            isolated=self._isolated,
            can_restart=self._dead or self._stalled,
            finished=self._state is WorkerState.FINISHED,
        )

    @property
    def runs(self) -> Sequence[RunView]:
        """Every run so far, the current one last, as of the last fold."""
        return self._ledger.runs(self._clock())

    @property
    def results(self) -> tuple[RunResult, ...]:
        """Every run so far with all that is known of it, the current one last."""
        return self._ledger.results(self._clock())

    @property
    def profile_pending(self) -> bool:
        """Whether a profile was asked for and is still to come."""
        return self._profile_pending

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
        if self._state not in _FEEDING or self._dead or self._retired or run is None:
            self._watchdog.rest()
            self._stalled = False
            return
        cap = run.config.max_fps
        pause_s = run.effective.batch / cap if cap else 0.0
        stalled_s = self._watchdog.stalled_s(
            self._host.ring.total, run.stats.max_ms, pause_s, now_s
        )
        if stalled_s and not self._stalled:
            self._notify(
                f"No inference has completed for {stalled_s:.0f} s: the device or the model"
                " hangs, or is far slower than before.",
                is_error=True,
            )
        self._stalled = stalled_s > 0

    # -- folding ----------------------------------------------------------------------------

    def _fold(self) -> None:
        if self._retired is not None or self._dead:
            return
        # The order is the ring's contract: total, then announced marks, then events.
        total = self._host.ring.total
        announced = self._host.ring.marks
        for event in self._host.poll():
            self._apply(event)
        if self._marks >= announced and not self._dead:
            self._ledger.fold_until(total)

    def _apply(self, event: Event) -> None:
        match event:
            case StateChanged(state, measuring):
                self._marks += 1
                self._state, self._measuring = state, measuring
                self._ledger.change_state(event)
            case RunStarted():
                self._ledger.begin_run(event)
                self._rejection = None
                self._failure = ""
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
                self._fail(reason)
            case ProfileTaken(trouble=trouble):
                self._profile_pending = False
                self._ledger.take_profile(event)
                if trouble:
                    self._notify(trouble, is_error=True)
            case WorkerNotice(text):
                self._notify(text, is_error=False)
            case WorkerStopped(reason):
                self._bury(reason)

    def _bury(self, reason: str) -> None:
        """The engine is gone; what it measured stays."""
        doing = self._background.what
        running = self._ledger.running
        self._dead = True
        self._profile_pending = False
        self._ledger.stop(self._clock())
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

    def _fail(self, reason: str) -> None:
        self._failure = reason
        self._notify(reason, is_error=True)

    def _fall_back(self, rejected: BenchmarkConfig, running: BenchmarkConfig | None) -> None:
        """Ask again for what runs, unless something else was asked for since."""
        if running is not None and not rejected.needs_recompile(self._requested):
            self._requested = running

    def _notify(self, text: str, *, is_error: bool) -> None:
        self._notice_count += 1
        self._notices.append(Notice(self._notice_count, is_error, text))
