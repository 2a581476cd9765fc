"""What the machine did over the measured time of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.memory_trend import BLOCKS, LEAST_S, MemoryTrend, memory_trend
from ovbench_tui.stats.run_stats import BusyProcess, MachineSeries
from ovbench_tui.stats.timeseries.step_line import StepLine

_CAPACITY = 2400
_PROCESSES_KEPT = 50
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class MachineMoment:
    """What a look at the machine adds to a run; NaN where it is not known.

    Attributes:
        own_share, others_share: of the time of all CPUs.
        throttles_per_s: times a second that the CPU throttled for heat.
        engine_rss_mib: resident memory of the process that infers.
        largest: name, pid and share of the process of others that took most; None = unknown.
    """

    own_share: float
    others_share: float
    frequency_ghz: float
    throttles_per_s: float
    largest: tuple[str, int, float] | None = None
    engine_rss_mib: float = math.nan

    @property
    def figures(self) -> tuple[float, ...]:
        """The numbers in the order of a line's columns."""
        shares = self.own_share, self.others_share
        return *shares, self.frequency_ghz, self.throttles_per_s, self.engine_rss_mib


FIGURES = 5
_MEMORY = 4


@dataclass(frozen=True, slots=True, eq=False)
class FrozenMachine:
    """A machine's series in little memory; `means` is [windows, `FIGURES`], float32."""

    means: npt.NDArray[np.float32]
    processes: tuple[BusyProcess, ...] = ()

    def series(self) -> MachineSeries:
        """The same as plain numbers; a figure that no window has is empty."""
        lists = [
            tuple(_rounded(value) for value in column.tolist())
            if not np.isnan(column).all()
            else ()
            for column in self.means.T
        ]
        own, others, ghz, throttles_per_s, rss_mib = lists
        return MachineSeries(own, others, ghz, throttles_per_s, self.processes, rss_mib)


def _rounded(value: float) -> float:
    """One NaN for all, or two series of the same would not be equal."""
    return math.nan if math.isnan(value) else round(value, _DIGITS)


NO_MACHINE = FrozenMachine(np.zeros((0, FIGURES), dtype=np.float32))


class RunMachine:
    """Keeps what the machine did, in constant memory; times are measured seconds of the run."""

    def __init__(self) -> None:
        self._line = StepLine(FIGURES, _CAPACITY)
        self._processes: list[BusyProcess] = []

    def add(self, until_s: float, moment: MachineMoment) -> None:
        """Take what a look saw of the time since the look before; nothing if none passed."""
        from_s = self._line.end_s
        if until_s <= from_s:
            return
        self._line.add(until_s, moment.figures)
        if moment.largest is not None:
            name, pid, share = moment.largest
            self._add_process(
                BusyProcess(
                    name,
                    pid,
                    round(share, _DIGITS),
                    round(from_s, _DIGITS),
                    round(until_s, _DIGITS),
                )
            )

    def memory_trend(self) -> MemoryTrend | None:
        """How the memory of the process that infers changed; None = too short, or unknown."""
        if self._line.end_s < LEAST_S:
            return None
        edges_s = np.linspace(0.0, self._line.end_s, BLOCKS + 1)
        return memory_trend(self._line.means(edges_s)[:, _MEMORY].tolist(), self._line.end_s)

    def frozen(self, step_s: float, windows: int) -> FrozenMachine:
        """The means over windows of `step_s`."""
        if not windows or not self._line.end_s:
            return NO_MACHINE
        edges_s = np.arange(windows + 1, dtype=np.float64) * step_s
        return FrozenMachine(self._line.means(edges_s).astype(np.float32), tuple(self._processes))

    def _add_process(self, found: BusyProcess) -> None:
        last = self._processes[-1] if self._processes else None
        if last and (last.name, last.pid, last.until_s) == (found.name, found.pid, found.from_s):
            lasted_s, more_s = last.until_s - last.from_s, found.until_s - found.from_s
            share = (last.share * lasted_s + found.share * more_s) / (lasted_s + more_s)
            self._processes[-1] = replace(last, share=round(share, _DIGITS), until_s=found.until_s)
            return
        self._processes.append(found)
        if len(self._processes) > _PROCESSES_KEPT:
            # The one that took least goes, but for the one that goes on.
            self._processes.remove(min(self._processes[:-1], key=_cpu_s))


def _cpu_s(process: BusyProcess) -> float:
    return process.share * (process.until_s - process.from_s)
