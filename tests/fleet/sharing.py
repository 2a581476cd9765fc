"""Machines that follow a formula and share a search, with the real messages between."""

from __future__ import annotations

import json
from collections.abc import Callable

from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.tuning.distributed_search import Assignment, DistributedSearch
from ovbench_tui.fleet.tuning.shard_task import ShareRunner
from ovbench_tui.tuning.search.objective import SearchPlan
from ovbench_tui.tuning.state import TuningState
from tests.unit.tuning.tuned_machine import BASE, Machine


class Machines:
    """Machines with one clock, that get shares and tell what comes of them as JSON."""

    def __init__(self, count: int, plan: SearchPlan) -> None:
        self.now_s = 0.0
        self.spread = DistributedSearch(plan, clock=lambda: self.now_s)
        self.machines = {f"host{number}": Machine() for number in range(count)}
        self.tasks = {key: f"task-{key}" for key in self.machines}
        self.runners = {
            key: ShareRunner(machine, BASE, lambda message, key=key: self._hear(key, message))  # type: ignore[misc]
            for key, machine in self.machines.items()
        }
        self.deals: list[Assignment] = []

    def _hear(self, key: str, message: wire.Message) -> None:
        if key not in self.tasks:
            return  # it was lost
        message = json.loads(json.dumps(message))
        if message["kind"] == wire.TRIED:
            self.spread.take(key, *wire.tried_of(message))
        else:
            self.spread.end_share(key, *wire.share_over_of(message))

    def lose(self, key: str) -> None:
        del self.tasks[key]

    def step(self) -> None:
        self.spread.see(self.tasks)
        while self.spread.deals:
            deal = self.spread.deals.popleft()
            self.deals.append(deal)
            command = wire.command_of(wire.to_text(wire.Command(wire.TUNE, share=deal.share)))
            key = next((key for key, task in self.tasks.items() if task == deal.task), None)
            if key is None:
                continue
            if command.share is None:
                self.runners[key].stop()
            else:
                self.runners[key].begin(command.share)
        for key in list(self.tasks):
            self.runners[key].step(self.machines[key].snapshot())
        self.now_s += 0.1

    def run(self, until: Callable[[DistributedSearch], bool] = lambda _: False) -> TuningState:
        for _ in range(20_000):
            if self.spread.is_done or until(self.spread):
                return self.spread.board
            self.step()
        raise AssertionError(f"the search never ended: {self.spread.board}")


class SharedSearch:
    """The same as a screen drives it: each advance is a step of all machines."""

    def __init__(self, count: int, plan: SearchPlan) -> None:
        self.machines = Machines(count, plan)

    @property
    def board(self) -> TuningState:
        return self.machines.spread.board

    @property
    def is_done(self) -> bool:
        return self.machines.spread.is_done

    @property
    def was_overruled(self) -> bool:
        return self.machines.spread.was_overruled

    def advance(self) -> None:
        self.machines.step()

    def stop(self, why: str = "") -> None:
        self.machines.spread.stop(why)
