"""What the screen may see: one frozen picture of the session, and the session's face."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from ovbench_tui.config import BenchmarkConfig
from ovbench_tui.engine.events import (
    DeviceInfo,
    EffectiveConfig,
    ModelInfo,
    ShapeNeeded,
    WorkerState,
)
from ovbench_tui.stats.figures import RunStats, Stability


@dataclass(frozen=True, slots=True)
class RunView:
    """One run of the session: what was asked, what it got, what it measured."""

    run_id: int
    config: BenchmarkConfig
    effective: EffectiveConfig
    model: ModelInfo
    read_ms: float
    compile_ms: float
    first_inference_ms: float
    change: str
    stats: RunStats
    stability: Stability = field(default_factory=Stability)
    peak_rss_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Marker:
    """A change of configuration, at the history column `column` (may lie outside it)."""

    column: int
    text: str


@dataclass(frozen=True, slots=True)
class History:
    """The last columns of the live history, oldest first; NaN where nothing ran.

    Column numbers count from the session's start and never change, so a chart that drew
    column n keeps it. `first_column` is the number of element 0.
    """

    column_s: float
    first_column: int
    fps: tuple[float, ...]
    p50_ms: tuple[float, ...]
    p99_ms: tuple[float, ...]
    markers: tuple[Marker, ...]


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
        finished: the run came to its own end (-t); time to leave.
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


class SessionLike(Protocol):
    """The session as the screen knows it; no call blocks, none may come from two threads."""

    def snapshot(self, columns: int) -> Snapshot:
        """Fold what came since the last call; the history covers the last `columns`."""
        ...

    def progress(self) -> Progress:
        """Look at the ring's total, and fold nothing."""
        ...

    def configure(self, config: BenchmarkConfig) -> None:
        """Ask for this configuration."""
        ...

    def toggle_pause(self) -> None:
        """Pause, or go on."""
        ...

    def reset_stats(self) -> None:
        """Begin the current run's statistics again."""
        ...

    def cancel(self) -> bool:
        """Give up what is being read or compiled; False where that cannot be done."""
        ...

    def isolate(self, isolated: bool) -> None:
        """Move the engine into a process of its own, or back into a thread of this one."""
        ...

    def restart(self) -> None:
        """Start another engine after this one has died or got stuck."""
        ...
