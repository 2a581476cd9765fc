"""Models that run at known rates, alone and beside each other, in a time of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.commands import Command, Configure, Pause, Resume
from ovbench_tui.engine.api.events import (
    BackgroundChanged,
    ConfigRejected,
    Event,
    RunFailed,
    RunStarted,
    StateChanged,
)
from ovbench_tui.engine.api.run_sink import RunSink
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.requests import ring
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.turn_session import TurnSession
from ovbench_tui.system.machine_watch import MachineWatch
from tests.ui.fakes import effective, model_info

_STEP_S = 0.025


class World:
    """A clock that stands still until it is moved on, and the engines that live by it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 1000.0
        self.hosts: list[RiggedHost] = []
        self.rejects: Callable[[BenchmarkConfig], str] = lambda _: ""
        """Why a configuration is refused; '' = it is not."""
        self.speed: Callable[[BenchmarkConfig], float] = lambda _: 1.0
        """How many times as fast as its rates say a model is with a configuration."""
        monkeypatch.setattr(ring, "perf_counter", self.clock)
        # A second of this time passes in a moment, and the machine is looked at in each.
        monkeypatch.setattr(MachineWatch, "sample", lambda *_: None)

    def clock(self) -> float:
        return self.now_s

    def session(
        self,
        config: BenchmarkConfig,
        alone_fps: float,
        together_fps: float,
        sink: RunSink | None = None,
    ) -> TurnSession:
        """One whose model runs so fast alone, and so fast while any other does."""
        host = RiggedHost(self, alone_fps, together_fps)
        self.hosts.append(host)
        return TurnSession(
            config,
            open_host=lambda *, isolated: host,
            clock=self.clock,
            run_sink=sink,
        )

    def go_on(self) -> None:
        """Let a little time pass."""
        self.now_s += _STEP_S
        feeding = [host for host in self.hosts if host.is_feeding]
        for host in feeding:
            host.work(is_alone=len(feeding) == 1)


class RiggedHost:
    """An engine that does as it is asked at once; each request takes as long as its rate says."""

    pid = None
    is_halted = False
    alive = True

    def __init__(self, world: World, alone_fps: float, together_fps: float) -> None:
        self.ring = LatencyRing(bytearray(LatencyRing.bytes_for(1 << 14)))
        self._world = world
        self._fps = {True: alone_fps, False: together_fps}
        self._store = self.ring.recorder()
        self._events: list[Event] = []
        self._config: BenchmarkConfig | None = None
        self._is_paused = False
        self._done = 0.0
        self._runs = 0

    @property
    def is_feeding(self) -> bool:
        return self._config is not None and not self._is_paused

    def work(self, *, is_alone: bool) -> None:
        if self._config is None:
            return
        fps = self._fps[is_alone] * self._world.speed(self._config)
        self._done += fps * _STEP_S
        while self._done >= 1:
            self._done -= 1
            self._store(1000 / fps, 0)

    def fail(self, reason: str) -> None:
        """Let the model fail while it runs."""
        self._config = None
        self._announce(WorkerState.FAILED)
        self._events.append(RunFailed(reason))

    def prepare(self, what: str) -> None:
        """Let something go on beside the model; '' = nothing does any more."""
        self._events.append(BackgroundChanged(what, self._world.now_s))

    def start(self) -> None:
        """Nothing is to be begun."""

    def send(self, command: Command) -> None:
        match command:
            case Configure(config) if reason := self._world.rejects(config):
                self._events.append(ConfigRejected(config, reason, self._config, False))
            case Configure(config):
                self._run(config)
            case Pause():
                self._is_paused = True
                self._announce(WorkerState.PAUSED)
            case Resume():
                self._is_paused = False
                self._announce(WorkerState.RUNNING)

    def poll(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def stop(self) -> None:
        self._config = None

    kill = stop

    def join(self, timeout_s: float) -> bool:
        return True

    def _run(self, config: BenchmarkConfig) -> None:
        self._config = config
        self._runs += 1
        self._events.append(
            RunStarted(
                run_id=self._runs,
                config=config,
                effective=effective(config),
                model=model_info(config.model),
                read_ms=1.0,
                compile_ms=1.0,
                first_inference_ms=1.0,
                change="",
                ring_count=self.ring.total,
                time_s=self._world.now_s,
            )
        )
        self._announce(WorkerState.PAUSED if self._is_paused else WorkerState.RUNNING)

    def _announce(self, state: WorkerState) -> None:
        if self._config is None and state is not WorkerState.FAILED:
            return
        measuring = state is WorkerState.RUNNING
        count = self.ring.announce_mark()
        self._events.append(StateChanged(state, measuring, self._runs, count, self._world.now_s))
