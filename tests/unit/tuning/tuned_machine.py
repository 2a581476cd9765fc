"""A machine to tune, with its own clock: figures follow from the configuration by a formula."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.events import ShapeNeeded
from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.snapshot import Notice, Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.stats.run_stats import RunStats
from ovbench_tui.tuning.request import apply
from ovbench_tui.tuning.search.objective import Objective
from ovbench_tui.tuning.search.pace import Pace
from ovbench_tui.tuning.search.power import no_energy
from ovbench_tui.tuning.search.racing import ladder_search
from ovbench_tui.tuning.search.space import SearchSpace
from ovbench_tui.tuning.state import TuningState
from ovbench_tui.tuning.tuner import Tuner
from ovbench_tui.ui.app.nothing_yet import nothing_yet

CPUS = 4
BASE = BenchmarkConfig(model="some.xml")
SPACE = SearchSpace(streams=("1", "2", "4"), nireq=(1, 2, 3, 4, 6, 8, 12, 16))


def true_fps(config: BenchmarkConfig) -> float:
    """Streams share four processors with some loss; too few requests leave some idle."""
    streams = int(config.streams or CPUS)
    full = 400 * streams**0.3 * (1.03 if config.precision == "bf16" else 1.0)
    busy = min(1.0, config.nireq / (1.5 * streams))
    return full * busy**0.7


def true_p50_ms(config: BenchmarkConfig) -> float:
    """Little's law."""
    return 1000 * config.nireq / true_fps(config)


class Machine:
    """A session that obeys: each snapshot is a poll later.

    Attributes:
        refuses: a reason for a configuration that cannot be run; '' = it can.
        slowness: factor on all times, by the clock.
    """

    def __init__(self, *, noise: float = 0.01, poll_s: float = 0.1, compile_s: float = 0.5) -> None:
        self.now_s = 0.0
        self.refuses: Callable[[BenchmarkConfig], str] = lambda _: ""
        self.slowness: Callable[[float], float] = lambda _: 1.0
        self.requested: list[BenchmarkConfig] = []
        self.marks: list[str] = []
        self.compiles = 0
        self.restarts = 0
        self.resets = 0
        self.runs = 0
        self.view = nothing_yet(replace(BASE, model=""))
        self._noise = noise
        self._poll_s = poll_s
        self._compile_s = compile_s
        self._random = random.Random(1)  # noqa: S311 - noise, no secret
        self._pending: tuple[BenchmarkConfig, float] | None = None
        self._count = self._span_s = self._elapsed_s = 0.0

    def clock(self) -> float:
        return self.now_s

    def configure(self, config: BenchmarkConfig, search: str = "") -> None:
        run = self.view.run
        self.requested.append(config)
        self.marks.append(search)
        compiles = run is None or run.config.needs_recompile(config)
        self.compiles += compiles
        self._pending = config, self.now_s + (self._compile_s if compiles else 0.05)
        background = "compiling" if compiles else ""
        self.view = replace(self.view, requested=config, background=background)

    def reset_stats(self) -> None:
        self.resets += 1
        self._count = self._span_s = self._elapsed_s = 0.0

    def restart(self) -> None:
        self.restarts += 1
        self.view = replace(self.view, can_restart=False)

    def tell_error(self, text: str) -> None:
        notice = Notice(len(self.view.notices) + 1, True, text)
        self.view = replace(self.view, notices=(*self.view.notices, notice))

    def need_shape(self) -> None:
        needed = ShapeNeeded(BASE, "Give its shape with -data_shape.", (), (), None)
        self._pending = None
        self.view = replace(self.view, shape_needed=needed, background="")

    def die(self) -> None:
        self.tell_error("The engine has died.")
        self.view = replace(
            self.view, state=WorkerState.FAILED, measuring=False, can_restart=True, background=""
        )

    def snapshot(self, columns: int = 0) -> Snapshot:
        self.now_s += self._poll_s
        if self._pending is not None and self.now_s >= self._pending[1]:
            self._take_up(self._pending[0])
        if self.view.measuring and self.view.run is not None:
            self._go_on(self.view.run)
        return self.view

    def _take_up(self, config: BenchmarkConfig) -> None:
        self._pending = None
        self.view = replace(self.view, background="")
        reason = self.refuses(config)
        if reason:
            self.tell_error(reason)
            running = self.view.run.config if self.view.run else config
            self.view = replace(self.view, requested=running)
            return
        self._count = self._span_s = self._elapsed_s = 0.0
        self.runs += 1
        streams = str(min(int(config.streams or CPUS), CPUS))
        self.view = replace(
            self.view,
            run=RunView(
                run_id=self.runs,
                config=config,
                effective=EffectiveConfig(
                    device="CPU",
                    nireq=config.nireq,
                    streams=streams,
                    precision=config.precision or "f32",
                    properties=(("NUM_STREAMS", streams), ("P", config.precision or "f32")),
                ),
                model=ModelInfo("some", "some.xml", "IR", (), ()),
                read_ms=1.0,
                compile_ms=100.0,
                first_inference_ms=1.0,
                change="",
                stats=_stats(config, 0.0, 0.0, 0.0, 1.0),
            ),
            state=WorkerState.RUNNING,
            measuring=True,
        )

    def _go_on(self, run: RunView) -> None:
        slow = self.slowness(self.now_s) * math.exp(self._random.gauss(0, self._noise))
        self._count += true_fps(run.config) / slow * self._poll_s
        self._span_s += self._poll_s
        self._elapsed_s += self._poll_s
        stats = _stats(run.config, self._count, self._span_s, self._elapsed_s, slow)
        self.view = replace(self.view, run=replace(run, stats=stats))


def _stats(
    config: BenchmarkConfig, count: float, span_s: float, elapsed_s: float, slow: float
) -> RunStats:
    p50_ms = true_p50_ms(config) * slow
    fps = int(count) / span_s if span_s else 0.0
    return RunStats(
        count=int(count),
        dropped=0,
        elapsed_s=elapsed_s,
        fps_now=fps,
        fps_mean=fps,
        fps_peak=fps,
        min_ms=0.8 * p50_ms,
        mean_ms=p50_ms,
        p50_ms=p50_ms,
        p90_ms=1.2 * p50_ms,
        p95_ms=1.3 * p50_ms,
        p99_ms=1.5 * p50_ms,
        p999_ms=1.6 * p50_ms,
        max_ms=2 * p50_ms,
        warmup_count=1,
        warmup_s=0.05,
        frames=int(count),
    )


def make_tuner(
    machine: Machine,
    space: SearchSpace = SPACE,
    objective: Objective | None = None,
    base: BenchmarkConfig = BASE,
    *,
    max_time_s: float = 300.0,
    pace: Pace | None = None,
    read_energy: Callable[[], float] = no_energy,
) -> Tuner:
    objective = objective or Objective()
    return Tuner(
        base,
        ladder_search(space, objective.goal, cpus=CPUS),
        objective,
        size=space.size,
        max_time_s=max_time_s,
        pace=pace,
        read_energy=read_energy,
        clock=machine.clock,
    )


def run_to_end(
    tuner: Tuner, machine: Machine, until: Callable[[Tuner], bool] = lambda _: False
) -> TuningState:
    """Drive it until it is done, or `until` says so."""
    for _ in range(20_000):
        if tuner.is_done or until(tuner):
            return tuner.board
        ask = tuner.step(machine.snapshot())
        if ask is not None:
            apply(machine, ask)
    raise AssertionError(f"the tuner never ended: {tuner.board}")
