"""What is known of each machine of a fleet, as the screen sees it; free of Dask and OpenVINO."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.snapshot import History, Notice
from ovbench_tui.stats.sample_size import measured_percentile
from ovbench_tui.stats.steadiness import Steady, Verdict
from ovbench_tui.tuning.driven import Search
from ovbench_tui.tuning.search.objective import SearchPlan


class MachineState(Enum):
    """What a machine is at; the value is what the screen says."""

    JOINING = "joining"
    PREPARING = "preparing"
    WARMING_UP = "warming up"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    LOST = "lost"

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be expected, unless its worker comes back."""
        return self in (MachineState.FINISHED, MachineState.FAILED, MachineState.LOST)


class Outlier(Enum):
    """How a machine stands apart from the others."""

    NONE = ""
    SLOW = "slow"
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class MachineFigures:
    """One machine: who it is, what it runs, what it measures.

    Attributes:
        key: tells the machines apart; the same when another worker takes over.
        name: for the screen: the host's name as it tells it, else its address.
        host: its address, without a port.
        cpu, openvino, device: '' until it has told them; `device` is what it runs on.
        cores: logical processors; 0 = not told yet.
        run_id: of its own run; grows with each change. 0 = none yet.
        nireq: infer requests that it runs with; 0 = nothing ran yet.
        fps: over the last second or more; `fps_mean` over all that was measured in this run.
        count: completed inferences of this run.
        fps_cv: coefficient of variation of the FPS of its windows; NaN = too few.
        reason: why it does not measure, in a sentence; '' where it does.
        note: what its figures should be read with, in sentences; '' = nothing.
        last_seen_s: when the last message came, on the clock of the snapshot; NaN = never.
        fps_history: one value a second, the newest last; NaN where nothing ran.
    """

    key: str
    name: str
    host: str
    state: MachineState
    cpu: str = ""
    cores: int = 0
    device: str = ""
    openvino: str = ""
    run_id: int = 0
    nireq: int = 0
    fps: float = math.nan
    fps_mean: float = math.nan
    p50_ms: float = math.nan
    p99_ms: float = math.nan
    count: int = 0
    verdict: Verdict = Verdict.WARMING_UP
    fps_cv: float = math.nan
    fps_steady: Steady | None = None
    outlier: Outlier = Outlier.NONE
    reason: str = ""
    note: str = ""
    last_seen_s: float = math.nan
    fps_history: tuple[float, ...] = ()

    @property
    def has_figures(self) -> bool:
        """Whether anything was measured in its current run."""
        return self.count > 0

    @property
    def measured_p99_ms(self) -> float:
        """Its p99; NaN where that is no more than the maximum."""
        return measured_percentile(self.p99_ms, 99, self.count)


@dataclass(frozen=True, slots=True)
class FleetTotals:
    """The fleet as one.

    Attributes:
        fps: the sum over the machines that run.
        worst_p99_ms: the highest of their p99; NaN = none has one. `worst` is its machine's name.
        measuring: machines that run.
        over: machines that have failed or are lost.
    """

    machines: int = 0
    measuring: int = 0
    over: int = 0
    fps: float = 0.0
    worst_p99_ms: float = math.nan
    worst: str = ""


def totals_of(machines: Sequence[MachineFigures]) -> FleetTotals:
    """The fleet as one."""
    running = [machine for machine in machines if machine.state is MachineState.RUNNING]
    worst = max(
        (machine for machine in running if math.isfinite(machine.measured_p99_ms)),
        key=lambda machine: machine.measured_p99_ms,
        default=None,
    )
    return FleetTotals(
        machines=len(machines),
        measuring=len(running),
        over=sum(machine.state in (MachineState.FAILED, MachineState.LOST) for machine in machines),
        fps=math.fsum(machine.fps for machine in running if math.isfinite(machine.fps)),
        worst_p99_ms=worst.measured_p99_ms if worst else math.nan,
        worst=worst.name if worst else "",
    )


def with_model(view: RunView, model: str) -> RunView:
    """The model by the name that the user knows, not the path it has on the machine."""
    return replace(
        view,
        model=replace(view.model, source=model),
        config=replace(view.config, model=model),
    )


@dataclass(frozen=True, slots=True)
class FleetSnapshot:
    """All that a frame needs.

    Attributes:
        where: the scheduler, in words.
        now_s: the clock of `MachineFigures.last_seen_s`.
        finished: every machine there is has come to its end.
        failure: why no machine can be reached any more, in a sentence; '' = they can.
        stall: which machine hung first, in a sentence; '' = none.
    """

    where: str
    requested: BenchmarkConfig
    is_paused: bool
    machines: tuple[MachineFigures, ...]
    totals: FleetTotals
    notices: tuple[Notice, ...]
    now_s: float
    finished: bool = False
    failure: str = ""
    stall: str = ""


class FleetLike(Protocol):
    """The fleet as the screen knows it; no call blocks, none may come from two threads."""

    def snapshot(self) -> FleetSnapshot:
        """Fold what the machines have told since the last call."""
        ...

    def run_of(self, key: str) -> RunView | None:
        """Everything that is known of one machine's current run; None while there is none."""
        ...

    def history_of(self, key: str) -> History:
        """One machine's seconds, a column each."""
        ...

    @property
    def common_run(self) -> RunView | None:
        """A run like most, from which the next number of infer requests is counted."""
        ...

    def configure(self, config: BenchmarkConfig) -> None:
        """Ask every machine for this configuration, and those that join later."""
        ...

    def search(self, plan: SearchPlan) -> Search:
        """Find the best configuration on the machines of the most usual kind.

        Raises:
            BadInputError: no machine measures yet.
        """
        ...

    def usable_cpus(self) -> int:
        """Processors of each machine of the most usual kind; 0 = none measures yet."""
        ...

    def toggle_pause(self) -> None:
        """Let every machine pause, or go on."""
        ...

    def reset_stats(self) -> None:
        """Begin the statistics of every machine's current run again."""
        ...
