"""A fleet without a cluster: the real board, fed with the messages that engines would send."""

from __future__ import annotations

import math
from dataclasses import replace

from ovbench_tui import __version__
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.snapshot import History, Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.errors import BadInputError
from ovbench_tui.fleet.machine import StartOn, WorkerSeen
from ovbench_tui.fleet.machine_status import FleetSnapshot
from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.state import FleetState
from ovbench_tui.tuning.driven import Search
from ovbench_tui.tuning.search.objective import SearchPlan
from tests.fleet.sharing import SharedSearch
from tests.ui.fakes import CONFIG, FakeSession
from tests.unit.tuning.tuned_machine import CPUS

VERSION = "2026.4.1"


class SimulatedFleet:
    """Machines by number; every one of them is told what to do, and does it at once."""

    def __init__(self, machines: int = 3, config: BenchmarkConfig = CONFIG) -> None:
        self.now_s = 100.0
        self.requested: list[BenchmarkConfig] = []
        self.pauses = 0
        self.plans: list[SearchPlan] = []
        self.shared: SharedSearch | None = None
        self.resets = 0
        self.starts: list[StartOn] = []
        self.board = FleetState(
            "tcp://scheduler:8786",
            config,
            by_worker=False,
            clock=lambda: self.now_s,
            new_task=self._new_task,
        )
        self._tasks = 0
        self._runs = dict.fromkeys(range(machines), 1)
        self._view = FakeSession(config).view
        self._run_text: tuple[RunView | None, str] = (None, "")
        self.workers = {number: worker(number) for number in range(machines)}
        self.look()
        for number in range(machines):
            self.hello(number)

    # --- what the cluster does ----------------------------------------------------------------

    def _new_task(self) -> str:
        self._tasks += 1
        return f"task-{self._tasks}"

    def look(self) -> None:
        """The list of workers comes again."""
        self.board.see_workers(self.workers.values())
        while self.board.asks:
            ask = self.board.asks.popleft()
            if isinstance(ask, StartOn):
                self.starts.append(ask)

    def task_of(self, number: int) -> str:
        """The newest task of a machine."""
        return next(s.task for s in reversed(self.starts) if s.key == worker(number).host)

    def tell(self, number: int, message: wire.Message) -> None:
        self.board.fold({"task": self.task_of(number), **message})

    def hello(self, number: int, **changes: object) -> None:
        hello = wire.Handshake(
            name=f"host{number}",
            cpu="Some processor",
            cpus=8,
            usable_cpus=8,
            os="Linux",
            python="3.11.1",
            ovbench_tui=__version__,
            machine_id="abc",
            serial=self.board.serial,
        )
        self.tell(number, wire.hello_message(replace(hello, **changes)))
        self.run(number)

    def run(self, number: int) -> None:
        run = replace(self._run, run_id=self._runs[number])
        if self._run_text[0] != run:
            self._run_text = run, wire.to_text(run)
        self.tell(number, {"kind": wire.RUN, "text": self._run_text[1]})

    @property
    def _run(self) -> RunView:
        run = self._view.run
        assert run is not None
        return replace(run, config=self.board.config)

    def pulse(
        self,
        number: int,
        fps: float = 100.0,
        p99_ms: float = 5.5,
        *,
        state: WorkerState = WorkerState.RUNNING,
        version: str = VERSION,
        reason: str = "",
        has_run: bool = True,
        count: int = 12_345,
    ) -> None:
        """A second of one machine."""
        run = self._run
        stats = replace(run.stats, count=count, fps_now=fps, fps_mean=fps, p99_ms=p99_ms)
        view = replace(run, run_id=self._runs[number], stats=stats) if has_run else None
        snapshot: Snapshot = replace(
            self._view, state=state, run=view, openvino_version=version, measuring=True
        )
        self.tell(number, wire.pulse_message(snapshot, reason))

    def second(self, *fps: float) -> None:
        """A second of all machines; without figures each gets others than before."""
        self.now_s += 1.0
        for number in self.workers:
            wave = 100.0 + 3 * math.sin(self.now_s + number)
            self.pulse(number, fps[number] if number < len(fps) else wave)

    # --- what the screen sees -----------------------------------------------------------------

    def snapshot(self) -> FleetSnapshot:
        return self.board.snapshot()

    def run_of(self, key: str) -> RunView | None:
        return self.board.run_of(key)

    def history_of(self, key: str) -> History:
        return self.board.history_of(key)

    @property
    def common_run(self) -> RunView | None:
        return self.board.common_run

    def configure(self, config: BenchmarkConfig) -> None:
        self.requested.append(config)
        self.board.configure(config)

    def search(self, plan: SearchPlan) -> Search:
        if not self.workers:
            raise BadInputError("No machine measures yet: wait until one does, then tune.")
        self.plans.append(plan)
        self.shared = SharedSearch(len(self.workers), plan)
        return self.shared

    def usable_cpus(self) -> int:
        return CPUS if self.workers else 0

    def toggle_pause(self) -> None:
        self.pauses += 1

    def reset_stats(self) -> None:
        self.resets += 1


def worker(number: int) -> WorkerSeen:
    """The worker of a machine."""
    host = f"10.0.{number // 250}.{number % 250 + 1}"
    return WorkerSeen(f"tcp://{host}:4000", host, f"worker-{number}")
