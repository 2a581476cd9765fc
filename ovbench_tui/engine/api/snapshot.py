"""What the screen may see: one frozen picture of the session, and the session's face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.devices import DeviceInfo
    from ovbench_tui.engine.api.events import ProfileTaken, ShapeNeeded
    from ovbench_tui.engine.api.machine import MachineColumns
    from ovbench_tui.engine.api.model_info import ModelFacts
    from ovbench_tui.engine.api.pipeline_use import RequestText
    from ovbench_tui.engine.api.results import AbView, RunView
    from ovbench_tui.engine.api.worker_state import WorkerState
    from ovbench_tui.stats.run_stats import Comparison, RunSeries
    from ovbench_tui.stats.timeseries.views import HeatColumns, LatencyBars, TimeWindow
    from ovbench_tui.system.system_sample import MachineSample, SystemSample


@dataclass(frozen=True, slots=True)
class Marker:
    """Something that happened, at the history column `column` (may lie outside it).

    Attributes:
        text: in as few words as there is room for over a chart, as in ``nireq 4``.
        detail: in full, as in ``nireq 2 → 4``; '' = the same.
    """

    column: int
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """Columns of the history, oldest first; NaN where nothing ran.

    Column numbers count from the session's start and never change, so a chart that drew
    column n keeps it. `first_column` is the number of element 0.

    Attributes:
        low_fps, high_fps: the slowest and the fastest moment of each column, where a column
            is made of several; empty where they are `fps`.
        is_open: the newest column may still change.
        warm_ups: first and last column of each stretch before a measurement, as far as known.
    """

    column_s: float
    first_column: int
    fps: tuple[float, ...]
    p50_ms: tuple[float, ...]
    p99_ms: tuple[float, ...]
    markers: tuple[Marker, ...]
    low_fps: tuple[float, ...] = ()
    high_fps: tuple[float, ...] = ()
    is_open: bool = False
    warm_ups: tuple[tuple[int, int], ...] = ()

    @property
    def newest(self) -> int:
        """Number of the newest column."""
        return self.first_column + len(self.fps) - 1

    @property
    def end_s(self) -> float:
        """Seconds of the session at which the newest column ends."""
        return (self.newest + 1) * self.column_s


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the user; `number` grows, so that each is shown once."""

    number: int
    is_error: bool
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the engine has come: completions ever stored, and when the last one was.

    Two of these give an exact rate, whatever became of the ring between them.
    """

    count: int
    last_s: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a frame needs.

    Attributes:
        requested: the configuration last asked for (falls back when it was rejected).
        run: the current run, or the last one when nothing runs.
        background: as in ``compiling yolo-v3-tf``; '' = nothing.
        background_s: for how long that has been going on.
        shape_needed: set while the user is asked for a data shape.
        isolated: the engine has (or is about to get) a process of its own.
        can_restart: the engine has died or got stuck, and `SessionLike.restart` would start
            another.
        stall: why the engine seems to hang, in a sentence; '' = it does not.
        finished: the run came to its own end (-t); time to leave.
        past_runs: the runs before `run`, oldest first; the same tuple until another has ended.
    """

    state: WorkerState
    measuring: bool
    requested: BenchmarkConfig
    run: RunView | None
    background: str
    background_s: float
    history: History
    notices: tuple[Notice, ...]
    devices: tuple[DeviceInfo, ...]
    openvino_version: str
    shape_needed: ShapeNeeded | None
    isolated: bool
    can_restart: bool
    finished: bool
    past_runs: tuple[RunView, ...] = ()
    stall: str = ""

    @property
    def runs(self) -> tuple[RunView, ...]:
        """Every run so far, the current one last."""
        return (*self.past_runs, self.run) if self.run else self.past_runs


class SessionLike(Protocol):
    """The session as the screen knows it; no call blocks, none may come from two threads."""

    def snapshot(self, columns: int) -> Snapshot:
        """Fold what came since the last call; the history covers the last `columns`."""
        ...

    def progress(self) -> Progress:
        """Look at the ring's total, and fold nothing."""
        ...

    def history(self, window: TimeWindow) -> History:
        """The history in a window, as of the last snapshot; the same object until it changes."""
        ...

    def heat(self, window: TimeWindow, rows: int) -> HeatColumns:
        """The latencies in a window, in at most `rows` rows and a column for each two of it."""
        ...

    def latency_bars(self, bars: int, *, is_log: bool = True) -> LatencyBars | None:
        """The latencies of the current run; None while there are none."""
        ...

    def configure(self, config: BenchmarkConfig, search: str = "") -> None:
        """Ask for this configuration, as a trial of a search where that has a mark."""
        ...

    def begin_ab(self, config: BenchmarkConfig, slice_s: float = 0.5) -> None:
        """Let this configuration, B, run in turn with what runs, A, in short slices."""
        ...

    def end_ab(self, *, keep_b: bool = False) -> None:
        """Let A run alone again, or B with `keep_b`; also while B is still being prepared."""
        ...

    def ab(self) -> AbView | None:
        """The A/B that goes on, or the last one; the same object until it changes."""
        ...

    def toggle_pause(self) -> None:
        """Pause or resume."""
        ...

    def reset_stats(self) -> None:
        """Begin the current run's statistics again."""
        ...

    def layer_times(self, *, fresh: bool = False) -> ProfileTaken | None:
        """The last profile of the current run; `fresh` asks for another, which comes later."""
        ...

    def model_facts(self) -> ModelFacts | None:
        """What the current run's model is made of; asks for it once, None until it is known."""
        ...

    def request_text(self) -> RequestText | None:
        """The text of one request of a pipeline, read about once a second while it is asked for."""
        ...

    def cancel(self) -> bool:
        """Give up what is being read or compiled; False where that cannot be done."""
        ...

    def isolate(self, isolated: bool) -> None:
        """Move the engine into a process of its own, or back into a thread of this one."""
        ...

    def restart(self) -> None:
        """Start a new engine after this one has died or hung."""
        ...

    def system(self) -> SystemSample | None:
        """Return the machine's newest sample, and want another within the next seconds.

        None until the first is there, which takes about half a second.
        """
        ...

    def machine(self, first: int, cells: int, cell_s: float) -> MachineColumns:
        """The machine in cells of the session's time; the same object until it changes.

        Args:
            first: number of the first cell; cell n begins `n * cell_s` after the session.
        """
        ...

    def machine_samples(self) -> tuple[MachineSample, ...]:
        """The machine second by second in the last minutes, oldest first."""
        ...

    def series(self) -> RunSeries:
        """The current run over time, as far as it has come; made anew with every call."""
        ...

    def latest_bins(self) -> tuple[tuple[float, float, int], ...]:
        """The latencies of the current run as `RunResult.histogram` has them."""
        ...

    def compare_with(self, run_id: int, figure: str = "fps") -> tuple[tuple[int, Comparison], ...]:
        """Compare other runs of the same model with this one, as far as that is worked out yet.

        Meant for about once a second: each call works out a little more, and what changed with
        the current run.

        Args:
            figure: as in `Comparison.figure`.

        Returns:
            Run number and comparison, for each run that has one.
        """
        ...
