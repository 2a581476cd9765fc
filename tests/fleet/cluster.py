"""A real scheduler and real workers on loopback, each a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.model_file import identify
from ovbench_tui.engine.api.run_sink import FinishedRun
from ovbench_tui.fleet.machine_status import FleetSnapshot, MachineFigures, MachineState
from ovbench_tui.fleet.session import FleetSession

PATIENCE_S = 120.0
_REPOSITORY = Path(__file__).resolve().parents[2]


class Cluster:
    """A scheduler, and workers that can be added and killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._log = (folder / "log.txt").open("wb")
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self._scheduler = self._start(
            "dask_scheduler",
            *("--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
            *("--scheduler-file", str(self._file)),
        )

    @property
    def address(self) -> str:
        end_s = time.monotonic() + PATIENCE_S
        while not self._file.exists() or not self._file.read_text().endswith("}"):
            assert time.monotonic() < end_s, (self._folder / "log.txt").read_text()
            time.sleep(0.05)
        return str(json.loads(self._file.read_text())["address"])

    def add(self, name: str, packages: Path = _REPOSITORY) -> None:
        """Start a worker without a nanny: what is killed stays dead.

        Args:
            packages: where it looks first for what it imports.
        """
        self.workers[name] = self._start(
            "dask_worker",
            *("--scheduler-file", str(self._file), "--name", name, "--nthreads", "1"),
            *("--no-nanny", "--no-dashboard", "--local-directory", str(self._folder)),
            packages=packages,
        )

    def kill(self, name: str) -> None:
        worker = self.workers.pop(name)
        worker.kill()
        worker.wait()

    def close(self) -> None:
        for process in (*self.workers.values(), self._scheduler):
            process.kill()
            process.wait()
        self._log.close()

    def _start(
        self, module: str, *arguments: str, packages: Path = _REPOSITORY
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
            cwd=self._folder,
            env={**os.environ, "PYTHONPATH": str(packages)},
            stdout=self._log,
            stderr=self._log,
        )


class Keeper:
    """Keeps the runs that have ended."""

    def __init__(self) -> None:
        self.runs: list[FinishedRun] = []

    def take(self, run: FinishedRun) -> None:
        self.runs.append(run)

    def sentences(self) -> list[str]:
        return []


@contextmanager
def fleet_on(
    client: Any, config: BenchmarkConfig, keeper: Keeper | None = None, *, by_worker: bool = True
) -> Iterator[FleetSession]:
    """A fleet that has started; in the end every engine has come to its end."""
    source = identify(config.model)
    fleet = FleetSession(
        client,
        config,
        None if source.path is None else source,
        where="a test",
        by_worker=by_worker,
        run_sink=keeper,
    )
    fleet.start()
    try:
        yield fleet
    finally:
        fleet.close(PATIENCE_S)


def wait_for(fleet: FleetSession, condition: Callable[[FleetSnapshot], bool]) -> FleetSnapshot:
    """Pull snapshots until one fulfils the condition."""
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        snapshot = fleet.snapshot()
        if condition(snapshot):
            return snapshot
        time.sleep(0.02)
    raise AssertionError(f"the fleet never came to it; last: {fleet.snapshot()}")


def machine(snapshot: FleetSnapshot, name: str) -> MachineFigures:
    """The machine of a worker; keys end with its name."""
    return next(m for m in snapshot.machines if m.key.endswith(f"/{name}"))


def all_run(*names: str, nireq: int = 0) -> Callable[[FleetSnapshot], bool]:
    """These machines, and no other, measure (with so many infer requests)."""

    def condition(snapshot: FleetSnapshot) -> bool:
        running = [
            m
            for m in snapshot.machines
            if m.state is MachineState.RUNNING and m.has_figures and (not nireq or m.nireq == nireq)
        ]
        return {m.key.rpartition("/")[2] for m in running} == set(names)

    return condition
