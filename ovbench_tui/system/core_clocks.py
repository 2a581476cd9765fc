"""What each CPU did, and what of it our threads did, from the clocks in /proc."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from ovbench_tui.system.kernel_file import numbered_entries, read_kernel_file

# After the name of the thread, which may hold blanks: see proc_pid_stat(5).
_USER, _SYSTEM, _CPU = 11, 12, 36
_IDLE, _IOWAIT, _STEAL, _GUEST = 3, 4, 7, 8


@dataclass(frozen=True, slots=True)
class CoreClocks:
    """Running totals at one moment, in seconds.

    Attributes:
        cores: for each CPU all of its time, and what of it was busy.
        threads: for each of our threads the CPU that it ran on last, and its CPU time.
    """

    cores: dict[int, tuple[float, float]] = field(default_factory=dict)
    threads: dict[int, tuple[int, float]] = field(default_factory=dict)

    def busy_since(self, before: CoreClocks) -> dict[int, float]:
        """Share of the time for which each CPU was busy."""
        shares: dict[int, float] = {}
        for number, (total_s, busy_s) in self.cores.items():
            total_before_s, busy_before_s = before.cores.get(number, (total_s, busy_s))
            passed_s = total_s - total_before_s
            if passed_s > 0:
                shares[number] = min(1.0, max(0.0, (busy_s - busy_before_s) / passed_s))
        return shares

    def own_since(self, before: CoreClocks, passed_s: float) -> dict[int, float]:
        """Share of the time for which our threads ran, on the CPU where each ran last."""
        if passed_s <= 0 or not self.threads:
            return {}
        own_s = dict.fromkeys(self.cores, 0.0)
        for thread, (cpu, time_s) in self.threads.items():
            _, before_s = before.threads.get(thread, (cpu, 0.0))
            own_s[cpu] = own_s.get(cpu, 0.0) + max(0.0, time_s - before_s)
        return {cpu: min(1.0, time_s / passed_s) for cpu, time_s in own_s.items()}


def read_linux_clocks(pids: Iterable[int], root: Path = Path("/")) -> CoreClocks:
    """Read the clocks of Linux.

    Args:
        pids: processes of ours.
        root: of the file system, for tests.
    """
    if sys.platform == "win32":  # there is neither /proc nor anybody to tell its unit
        return CoreClocks()
    tick_s = 1 / os.sysconf("SC_CLK_TCK")
    proc = str(root / "proc")
    cores: dict[int, tuple[float, float]] = {}
    for line in (read_kernel_file(f"{proc}/stat") or "").splitlines():
        name, *counts = line.split() or [""]
        if not (name.startswith("cpu") and name[3:].isdigit()):
            continue
        times = [int(count) for count in counts if count.isdigit()]
        if len(times) <= _IOWAIT:
            continue
        # Guests' time is in user's already.
        total = sum(times[:_GUEST])
        steal = times[_STEAL] if len(times) > _STEAL else 0
        idle = times[_IDLE] + times[_IOWAIT]
        cores[int(name[3:])] = (total * tick_s, (total - idle - steal) * tick_s)
    threads: dict[int, tuple[int, float]] = {}
    for pid in pids:
        folder = f"{proc}/{pid}/task"
        for thread in numbered_entries(folder):
            _, _, rest = (read_kernel_file(f"{folder}/{thread}/stat") or "").rpartition(")")
            words = rest.split()
            if len(words) > _CPU:
                time_s = (int(words[_USER]) + int(words[_SYSTEM])) * tick_s
                threads[int(thread)] = (int(words[_CPU]), time_s)
    return CoreClocks(cores, threads)


def read_any_clocks() -> CoreClocks:
    """Read the clocks of any system, which do not tell where our threads ran."""
    cores: dict[int, tuple[float, float]] = {}
    for number, times in enumerate(psutil.cpu_times(percpu=True)):
        fields = times._asdict()
        total_s = sum(fields.values())
        cores[number] = (total_s, total_s - fields["idle"])
    return CoreClocks(cores)
