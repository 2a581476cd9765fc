"""A session without an engine: deterministic snapshots, and a record of what was asked."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from textual.pilot import Pilot

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.events import ProfileTaken, ShapeNeeded
from ovbench_tui.engine.api.machine import MachineColumns
from ovbench_tui.engine.api.model_info import ModelFacts, ModelInfo, PortInfo
from ovbench_tui.engine.api.pipeline_use import RequestText
from ovbench_tui.engine.api.results import AbPhase, AbView, RunView
from ovbench_tui.engine.api.snapshot import History, Marker, Notice, Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.stats.run_stats import Comparison, RunSeries, RunStats, Stability
from ovbench_tui.stats.steadiness import Steady, Verdict
from ovbench_tui.stats.timeseries.views import HeatColumns, LatencyBars, TimeWindow
from ovbench_tui.system.largest_process import OtherProcess
from ovbench_tui.system.system_sample import MachineSample, SystemSample
from ovbench_tui.ui.app.app import OvbenchApp
from ovbench_tui.ui.widgets.live import LiveWidget

SIZES = ((80, 24), (120, 40), (200, 60))

CONFIG = BenchmarkConfig(model="mobilenet-v2")
DEVICES = (
    DeviceInfo("CPU", "Some processor", ("f32", "bf16")),
    DeviceInfo("GPU", "Some graphics", ("f16", "f32")),
    DeviceInfo("MULTI:CPU", "Several", (), is_virtual=True),
)
STATS = RunStats(
    count=12345,
    dropped=0,
    elapsed_s=61.0,
    fps_now=512.34,
    fps_mean=500.0,
    fps_peak=530.0,
    min_ms=0.9,
    mean_ms=2.0,
    p50_ms=1.9,
    p90_ms=3.0,
    p95_ms=4.0,
    p99_ms=5.5,
    p999_ms=9.25,
    max_ms=1234.0,
    warmup_count=10,
    warmup_s=1.0,
)


STABILITY = Stability(
    Verdict.STABLE,
    fps_cv=0.0123,
    p99_cv=0.0821,
    fps=Steady.STEADY,
    p99=Steady.STEADY,
    windows=29,
)


def history(columns: int = 40, markers: tuple[Marker, ...] = (), first: int = 0) -> History:
    """A steady history: 100 FPS, 2 ms and 4 ms."""
    return History(
        column_s=0.5,
        first_column=first,
        fps=(100.0,) * columns,
        p50_ms=(2.0,) * columns,
        p99_ms=(4.0,) * columns,
        markers=markers,
    )


def heat(of: History, rows: int) -> HeatColumns:
    """A column for each two of the history: the lowest row the fullest, up to the fourth."""
    cells = (len(of.fps) + of.first_column % 2 + 1) // 2
    shades = [bytes([8 - 2 * row] * cells) for row in range(min(rows, 4))]
    return HeatColumns(
        column_s=2 * of.column_s,
        first_column=of.first_column // 2,
        edges_ms=(1.0, 2.0, 4.0, 8.0, 16.0)[: len(shades) + 1],
        rows=tuple(shades),
        most=100,
    )


BARS = LatencyBars(
    run_id=1,
    count=1000,
    is_log=True,
    low_ms=1.0,
    high_ms=10.0,
    bars=(10.0, 200.0, 400.0, 250.0, 100.0, 30.0, 6.0, 2.0, 1.0, 1.0),
    marks=((50.0, 2.4), (90.0, 3.6), (99.0, 5.5), (99.9, 9.25)),
    below=0,
    above=0,
)


def model_info(name: str = "mobilenet-v2") -> ModelInfo:
    return ModelInfo(
        name=name,
        source=name,
        format="built-in",
        inputs=(PortInfo(0, "data", ("1", "3", "160", "160"), "f32", "NCHW"),),
        outputs=(PortInfo(0, "prob", ("1", "1000"), "f32"),),
    )


def effective(config: BenchmarkConfig) -> EffectiveConfig:
    """What a machine with two processors makes of a configuration."""
    return EffectiveConfig(
        device=config.device,
        execution_devices="CPU" if config.device == "MULTI:CPU" else config.device,
        hint="LATENCY" if config.hint == "none" else config.hint.upper(),
        nireq=config.nireq or 4,
        optimal_nireq=4,
        streams=str(min(int(config.streams), 2)) if config.streams.isdigit() else "2",
        threads=str(min(config.threads, 2) or 2),
        precision="f32",
        batch=1,
        properties=(("NUM_STREAMS", "2"), ("PERFORMANCE_HINT", "THROUGHPUT")),
    )


def machine_columns(cells: int) -> MachineColumns:
    """A machine that we use half, and a named process of others the rest."""
    return MachineColumns(
        own_share=(0.51,) * cells,
        others_share=(0.49,) * cells,
        frequency_ghz=(math.nan,) * cells,
        throttles=(math.nan,) * cells,
        largest=(OtherProcess("python3", 812, 0.45),) * cells,
    )


class FakeSession:
    """Runs a configuration the moment it is asked for, unless `is_slow`."""

    def __init__(self, config: BenchmarkConfig = CONFIG) -> None:
        self.requested: list[BenchmarkConfig] = []
        self.columns: list[int] = []
        self.pauses = 0
        self.resets = 0
        self.is_slow = False
        self.past: History | None = None
        self.windows: list[TimeWindow] = []
        self.bars: LatencyBars | None = BARS
        self.bars_requested: list[tuple[int, bool]] = []
        self.cells_requested: list[tuple[int, int, float]] = []
        self.machine_columns: MachineColumns | None = None
        self.watched: tuple[MachineSample, ...] = ()
        self.looks = 0
        self.sample: SystemSample | None = None
        self.compared: list[tuple[int, str]] = []
        self.comparisons: tuple[tuple[int, Comparison], ...] = ()
        self.run_series = RunSeries()
        self.profile: ProfileTaken | None = None
        self.profiles_requested = 0
        self.facts: ModelFacts | None = None
        self.text: RequestText | None = None
        self.ab_view: AbView | None = None
        self.abs_begun: list[tuple[BenchmarkConfig, float]] = []
        self.abs_ended: list[bool] = []
        self.view = Snapshot(
            state=WorkerState.RUNNING if config.model else WorkerState.IDLE,
            measuring=bool(config.model),
            requested=config,
            run=self._run(1, config) if config.model else None,
            background="",
            background_s=0.0,
            history=history(first=200),  # a chart of a minute is long since full
            notices=(),
            devices=DEVICES,
            openvino_version="2026.4.1",
            shape_needed=None,
            isolated=False,
            can_restart=False,
            finished=False,
        )

    @staticmethod
    def _run(run_id: int, config: BenchmarkConfig) -> RunView:
        return RunView(
            run_id=run_id,
            config=config,
            effective=effective(config),
            model=model_info(config.model),
            read_ms=12.0,
            compile_ms=210.0,
            first_inference_ms=4.0,
            change="",
            stats=STATS,
            stability=STABILITY,
        )

    def snapshot(self, columns: int) -> Snapshot:
        self.columns.append(columns)
        return self.view

    def configure(self, config: BenchmarkConfig, search: str = "") -> None:
        self.requested.append(config)
        run = self.view.run
        if not self.is_slow:
            run = replace(self._run(run.run_id + 1 if run else 1, config), search=search)
        self.view = replace(self.view, requested=config, run=run, shape_needed=None)

    def begin_ab(self, config: BenchmarkConfig, slice_s: float = 0.5) -> None:
        self.abs_begun.append((config, slice_s))
        self.ab_view = AbView(AbPhase.PREPARING, config)

    def end_ab(self, *, keep_b: bool = False) -> None:
        self.abs_ended.append(keep_b)
        if self.ab_view is not None:
            self.ab_view = replace(self.ab_view, phase=AbPhase.OVER, number=self.ab_view.number + 1)

    def ab(self) -> AbView | None:
        return self.ab_view

    def toggle_pause(self) -> None:
        self.pauses += 1
        is_paused = self.view.state is WorkerState.PAUSED
        self.view = replace(
            self.view, state=WorkerState.RUNNING if is_paused else WorkerState.PAUSED
        )

    def isolate(self, isolated: bool) -> None:
        self.view = replace(self.view, isolated=isolated)

    def restart(self) -> None:
        self.view = replace(self.view, can_restart=False, state=WorkerState.RUNNING)

    def history(self, window: TimeWindow) -> History:
        self.windows.append(window)
        return self.past or self.view.history

    def heat(self, window: TimeWindow, rows: int) -> HeatColumns:
        return heat(self.past or self.view.history, rows)

    def latency_bars(self, bars: int, *, is_log: bool = True) -> LatencyBars | None:
        self.bars_requested.append((bars, is_log))
        if self.bars is None:
            return None
        known = self.bars.bars
        spread = tuple(known[n * len(known) // bars] * len(known) / bars for n in range(bars))
        return replace(self.bars, is_log=is_log, bars=spread)

    def layer_times(self, *, fresh: bool = False) -> ProfileTaken | None:
        self.profiles_requested += fresh
        return self.profile

    def model_facts(self) -> ModelFacts | None:
        return self.facts

    def request_text(self) -> RequestText | None:
        return self.text

    def system(self) -> SystemSample | None:
        self.looks += 1
        return self.sample

    def machine(self, first: int, cells: int, cell_s: float) -> MachineColumns:
        self.cells_requested.append((first, cells, cell_s))
        return machine_columns(cells) if self.machine_columns is None else self.machine_columns

    def machine_samples(self) -> tuple[MachineSample, ...]:
        return self.watched

    def series(self) -> RunSeries:
        return self.run_series

    def latest_bins(self) -> tuple[tuple[float, float, int], ...]:
        return ((1.9, 1.91, 5), (2.9, 2.92, 3))

    def compare_with(self, run_id: int, figure: str = "fps") -> tuple[tuple[int, Comparison], ...]:
        self.compared.append((run_id, figure))
        return self.comparisons

    def cancel(self) -> bool:
        if self.view.isolated:
            self.view = replace(self.view, background="")
        return self.view.isolated

    def reset_stats(self) -> None:
        self.resets += 1

    def set(self, **changes: object) -> None:
        self.view = replace(self.view, **changes)

    def set_run(self, **changes: object) -> None:
        assert self.view.run is not None
        self.view = replace(self.view, run=replace(self.view.run, **changes))

    def tell(self, text: str, *, is_error: bool = False) -> None:
        notice = Notice(len(self.view.notices) + 1, is_error, text)
        self.view = replace(self.view, notices=(*self.view.notices, notice))


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def make_app(
    session: FakeSession, config: BenchmarkConfig | None = None, **options: object
) -> OvbenchApp:
    """An app whose own clock never ticks: a test draws when it calls `frame`."""
    config = session.view.requested if config is None else config
    return OvbenchApp(config, lambda: session, refresh_hz=0.001, **options)


@asynccontextmanager
async def running(
    session: FakeSession, size: tuple[int, int] = (120, 40), **options: object
) -> AsyncIterator[Pilot[None]]:
    """The app on a terminal of this size, its session started."""
    app = make_app(session, **options)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: session.columns)
        yield pilot


async def settle(pilot: Pilot[None]) -> None:
    """Wait until what was posted is handled, the frames of dialogs too."""
    await pilot.pause()
    await pilot.pause()


PATIENCE_S = 120.0
"""Long enough for the slowest machine; what never comes is to fail, not to wait for ever."""


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Wait for what comes a few messages later, or from a thread.

    Between two looks the app is left alone: `pilot.pause` asks every widget for an answer, which
    takes a second of the processor where a page of the manual is open.
    """
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        # A crashed app shows nothing more; what ended it is raised where the test leaves it.
        assert not pilot.app.crash, pilot.app.crash
        assert time.monotonic() < end_s, screen_text(pilot.app)
        await asyncio.sleep(0.05)
    await settle(pilot)


async def redraw(pilot: Pilot[None]) -> None:
    """Take a new snapshot and wait until it is on the screen."""
    app = pilot.app
    assert isinstance(app, OvbenchApp)
    app.frame()
    await pilot.pause()


def text_of(widget: LiveWidget) -> list[str]:
    """The drawn rows of a widget."""
    return [widget.render_line(y).text for y in range(widget.size.height)]


def screen_text(app: OvbenchApp) -> str:
    """All that is on the screen, dialogs included."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


def needs_shape(config: BenchmarkConfig, running: BenchmarkConfig | None) -> ShapeNeeded:
    return ShapeNeeded(
        config=config,
        inputs=(PortInfo(0, "ids", ("?", "1..512"), "i64", ""),),
        proposal=(("ids", (1, 128)),),
        running=running,
        reason="The model has dynamic inputs: give their shapes.",
    )


NAN = math.nan
