"""A machine that serves arrivals one after the other, each in the same time: M/D/1 and D/D/1."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.load.pattern import parse_arrivals
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.workloads.open_loop import OpenLoop
from ovbench_tui.engine.workloads.schedule import schedule
from ovbench_tui.stats.load.counts import LoadCounts
from ovbench_tui.stats.run import RunAccumulator
from tests.unit.engine.workloads.rigged import Clock, Engine, words
from tests.unit.tuning.tuned_machine import Machine

SERVICE_S = 0.005


class QueueMachine(Machine):
    """The session of `tuned_machine`, with the real open loop and the real statistics behind it."""

    def __init__(self, *, poll_s: float = 0.5) -> None:
        super().__init__(poll_s=poll_s)
        self.queue_limit = 10_000
        self.generates = False

    def reset_stats(self) -> None:
        super().reset_stats()
        assert self.view.run is not None
        self._begin(self.view.run.config)

    def _take_up(self, config: BenchmarkConfig) -> None:
        super()._take_up(replace(config, nireq=1))
        run = self.view.run
        if run is not None and self._pending is None:
            lengths = ((8, 4),) if self.generates else ()
            effective = replace(run.effective, nireq=1, sequence_lengths=lengths)
            self.view = replace(self.view, run=replace(run, config=config, effective=effective))
            self._begin(config)

    def _begin(self, config: BenchmarkConfig) -> None:
        self._served = Clock(), words()
        clock, counted = self._served
        self._engine = Engine(clock, (SERVICE_S,))
        self._seen = 0
        self._stats = RunAccumulator((1,), is_open_loop=bool(config.arrivals))
        self._stats.set_state(feeding=True, measuring=True, warming=False, time_s=0.0)
        self._loop = None
        if config.arrivals:
            pattern = parse_arrivals(config.arrivals)
            self._loop = OpenLoop(
                lambda: schedule(pattern), self.queue_limit, math.inf, counted, clock, clock
            )

    def _go_on(self, run: RunView) -> None:
        self._elapsed_s += self._poll_s
        clock, counted = self._served
        engine, until_s = self._engine, self._elapsed_s
        if self._loop is None:
            while clock.now_s < until_s:
                engine.wait()
                engine.start(clock.now_s)
        else:
            self._loop.feed(engine, lambda: clock.now_s < until_s)
        ended_s = np.array(engine.ended_s[self._seen :])
        whole = int(np.searchsorted(ended_s, until_s, side="right"))
        part = slice(self._seen, self._seen + whole)
        self._seen += whole
        arrived_s, started_s = np.array(engine.arrived_s[part]), np.array(engine.started_s[part])
        self._stats.add(
            ended_s[:whole],
            (ended_s[:whole] - arrived_s) * 1e3,
            np.zeros(whole, np.uint32),
            0,
            ((started_s - arrived_s) * 1e3).astype(np.float32),
        )
        self._stats.note_load(LoadCounts.of(counted))
        self.view = replace(
            self.view, run=replace(run, stats=self._stats.figures(until_s, run.config.p99_under_ms))
        )


def md1_served_within(t_s: float, rate: float, service_s: float = SERVICE_S) -> float:
    """The share of arrivals of M/D/1 that have waited and been served within `t_s`.

    Erlang's formula of the waiting (1909), as in Tijms, A First Course in Stochastic Models, 9.2.
    """
    wait_s = t_s - service_s
    if wait_s < 0:
        return 0.0
    utilisation = rate * service_s
    sum_ = 0.0
    for number in range(math.floor(wait_s / service_s) + 1):
        left = rate * (wait_s - number * service_s)
        sum_ += (-left) ** number / math.factorial(number) * math.exp(left)
    return (1 - utilisation) * sum_


def md1_knee(limit_s: float, service_s: float = SERVICE_S) -> float:
    """The rate at which the p99 of M/D/1 is `limit_s`."""
    low, high = 0.0, 1 / service_s
    for _ in range(60):
        middle = (low + high) / 2
        if md1_served_within(limit_s, middle, service_s) > 0.99:
            low = middle
        else:
            high = middle
    return low
