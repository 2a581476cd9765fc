"""What the machine does while a model is measured; cheap enough to be asked every second."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import psutil

from ovbench_tui.system.cgroup import CgroupCpu, find_cgroup
from ovbench_tui.system.core_clocks import CoreClocks, read_any_clocks, read_linux_clocks
from ovbench_tui.system.largest_process import LargestProcess, OtherProcess
from ovbench_tui.system.peak_memory import resident_bytes
from ovbench_tui.system.power import PowerMeter
from ovbench_tui.system.system_sample import MachineSample, SystemSample
from ovbench_tui.system.thermal import ThermalFiles, find_thermal_files

_PERIOD_S = 1.0
_KEPT = 180
_OTHERS_NOTICEABLE = 0.1
"""Share of the CPUs from which on it is worth its cost to find out who takes it."""


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Running totals of all CPUs of the machine, in CPU seconds.

    Attributes:
        busy_s: of processes of this machine; `steal_s` went to other virtual ones, None = unknown.
    """

    total_s: float
    idle_s: float
    busy_s: float
    steal_s: float | None


def cpu_times() -> CpuTimes:
    """Read them."""
    times = psutil.cpu_times()._asdict()
    steal_s = times.get("steal")
    idle_s = times["idle"] + times.get("iowait", 0.0)
    # Linux counts the time of guests as user's, too.
    guests_s = times.get("guest", 0.0) + times.get("guest_nice", 0.0)
    total_s = sum(times.values()) - guests_s
    return CpuTimes(total_s, idle_s, total_s - idle_s - (steal_s or 0.0), steal_s)


@dataclass(frozen=True, slots=True)
class _Clocks:
    """Running totals, in CPU seconds; None = unreadable."""

    time_s: float
    all: CpuTimes
    own_s: float
    throttled_s: float | None
    cores: CoreClocks


class MachineWatch:
    """Samples the machine at most once a second, and keeps the last three minutes.

    Args:
        cgroup, thermal, power: where Linux tells of limits, heat and energy; found by itself.
        read_cores: reads the clocks of all CPUs; those of this system by itself.
        processes: finds the largest process of others.
    """

    def __init__(
        self,
        cgroup: CgroupCpu | None = None,
        thermal: ThermalFiles | None = None,
        processes: LargestProcess | None = None,
        power: PowerMeter | None = None,
        read_cores: Callable[[], CoreClocks] | None = None,
    ) -> None:
        self._is_linux = sys.platform.startswith("linux")
        self._usable = _usable_cpus()
        self._cgroup = cgroup or (find_cgroup() if self._is_linux else CgroupCpu())
        self._thermal = thermal or (
            find_thermal_files(self._usable or ()) if self._is_linux else ThermalFiles()
        )
        self._processes = processes or LargestProcess()
        self._power = power or PowerMeter()
        self._read_cores = read_cores or (
            partial(read_linux_clocks, ()) if self._is_linux else read_any_clocks
        )
        self._cpus = psutil.cpu_count()
        self._children: dict[int, psutil.Process] = {}
        self._before: _Clocks | None = None
        self._samples: deque[MachineSample] = deque(maxlen=_KEPT)

    @property
    def samples(self) -> tuple[MachineSample, ...]:
        """The last samples, oldest first."""
        return tuple(self._samples)

    def sample(self, now_s: float, engine_pids: Sequence[int] = ()) -> MachineSample | None:
        """Look at the machine, unless it was looked at less than a second ago.

        Args:
            now_s: `perf_counter` seconds.
            engine_pids: child processes of ours that infer, the present one first; their CPU
                time is our own.

        Returns:
            The newest sample; None until a second is over.
        """
        before = self._before
        if before is None or now_s - before.time_s >= _PERIOD_S:
            self._before = clocks = self._read_clocks(now_s, engine_pids)
            if before is not None:
                sample = self._compare(before, clocks)
                own_bytes, *engines_bytes = map(resident_bytes, (None, *engine_pids))
                self._samples.append(
                    replace(
                        sample,
                        engine_rss_bytes=engines_bytes[0] if engines_bytes else own_bytes,
                        own_rss_bytes=own_bytes + sum(engines_bytes),
                        largest=self._largest(sample, engine_pids),
                    )
                )
        return self._samples[-1] if self._samples else None

    def _largest(self, sample: MachineSample, engine_pids: Sequence[int]) -> OtherProcess | None:
        if (sample.others_share or 0.0) < _OTHERS_NOTICEABLE:
            self._processes.rest()
            return None
        own_pids = {os.getpid(), *engine_pids}
        return self._processes.look(sample.time_s, own_pids, sample.cpus or 1)

    def _compare(self, before: _Clocks, after: _Clocks) -> MachineSample:
        total_s = after.all.total_s - before.all.total_s
        own_s = after.own_s - before.own_s
        throttled_s = _difference(before.throttled_s, after.throttled_s)
        waited_s = (after.time_s - before.time_s) * len(self._usable or (0,))
        return MachineSample(
            time_s=after.time_s,
            others_share=_share(after.all.busy_s - before.all.busy_s - own_s, total_s),
            own_share=_share(own_s, total_s),
            steal_share=_share(_difference(before.all.steal_s, after.all.steal_s), total_s),
            frequency_ghz=self._thermal.frequency_ghz(),
            temperature_c=self._thermal.temperature_c(),
            throttle_count=self._thermal.throttle_count(),
            cpus=self._cpus,
            usable_cpus=len(self._usable) if self._usable else None,
            quota_cpus=self._cgroup.quota_cpus(),
            throttled_share=max(0.0, throttled_s / waited_s) if throttled_s is not None else None,
            since_s=before.time_s,
            package_w=self._power.package_w(after.time_s).value,
            busy_cores=tuple(sorted(after.cores.busy_since(before.cores).items())),
        )

    def _read_clocks(self, now_s: float, engine_pids: Sequence[int]) -> _Clocks:
        return _Clocks(
            time_s=now_s,
            all=cpu_times(),
            own_s=self._own_s(engine_pids),
            throttled_s=self._cgroup.throttled_s(),
            cores=self._read_cores(),
        )

    def _own_s(self, engine_pids: Sequence[int]) -> float:
        """CPU seconds of this process, its ended children and the engines that run."""
        for pid in self._children.keys() - set(engine_pids):
            del self._children[pid]
        own_s = sum(os.times()[:4])
        for pid in engine_pids:
            own_s += self._child_s(pid)
        return own_s

    def _child_s(self, pid: int) -> float:
        """CPU seconds of a child; 0 once it has ended, for then it is among the ended ones."""
        try:
            child = self._children.get(pid) or psutil.Process(pid)
            self._children[pid] = child
            user_s, system_s = child.cpu_times()[:2]
        except psutil.Error:
            return 0.0
        return float(user_s + system_s)


def with_shares(sample: SystemSample, machine: MachineSample) -> SystemSample:
    """Put what is only known over time to a sample of a moment."""
    return replace(
        sample,
        own_share=machine.own_share,
        others_share=machine.others_share,
        steal_share=machine.steal_share,
        largest=machine.largest,
        quota_cpus=machine.quota_cpus,
        throttled_share=machine.throttled_share,
        temperature_c=machine.temperature_c,
        throttle_count=machine.throttle_count,
    )


def _usable_cpus() -> tuple[int, ...] | None:
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return None


def _difference(before: float | None, after: float | None) -> float | None:
    return after - before if before is not None and after is not None else None


def _share(part_s: float | None, total_s: float) -> float | None:
    """A fraction from 0 to 1; the clocks tick in hundredths of a second and may disagree."""
    if part_s is None or total_s <= 0:
        return None
    return min(1.0, max(0.0, part_s / total_s))
