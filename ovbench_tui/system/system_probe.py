"""Looks at the whole machine once a second, for as long as somebody wants to see it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import psutil

from ovbench_tui.system.accelerators import Accelerators
from ovbench_tui.system.cgroup import CgroupMemory, find_cgroup_memory
from ovbench_tui.system.core_clocks import CoreClocks, read_any_clocks, read_linux_clocks
from ovbench_tui.system.kernel_file import read_kernel_file, read_kernel_number
from ovbench_tui.system.power import PowerMeter
from ovbench_tui.system.system_sample import Core, ProcessFacts, SystemSample

PERIOD_S = 1.0
_WANTED_FOR_S = 3.0
_CLOCKS_READ = 64
"""CPUs whose frequency is read: the file of each takes tens of microseconds."""


class SystemProbe:
    """Takes one sample after the other; each costs a few milliseconds.

    Args:
        root: of the file system, for tests.
        own_pid: of this process, for tests.
    """

    def __init__(self, root: Path = Path("/"), own_pid: int | None = None) -> None:
        self._root = root
        self._own_pid = os.getpid() if own_pid is None else own_pid
        self._is_linux = sys.platform.startswith("linux")
        self._usable = _usable_cpus()
        self._power = PowerMeter(root)
        self._accelerators = Accelerators(root)
        self._memory = find_cgroup_memory(root) if self._is_linux else CgroupMemory()
        self._limits: dict[int, tuple[float | None, float | None]] = {}
        self._before: tuple[float, CoreClocks] | None = None

    def sample(self, now_s: float, engine_pids: Sequence[int] = ()) -> SystemSample | None:
        """Look at the machine over the time since the call before; None at the first one.

        Args:
            now_s: `perf_counter` seconds.
            engine_pids: child processes of ours that infer.
        """
        begun_s = perf_counter()
        pids = (self._own_pid, *engine_pids)
        clocks = read_linux_clocks(pids, self._root) if self._is_linux else read_any_clocks()
        package_w, memory_w = self._power.package_w(now_s), self._power.memory_w(now_s)
        accelerators = self._accelerators.look(now_s)
        before, self._before = self._before, (now_s, clocks)
        if before is None:
            return None
        memory = psutil.virtual_memory()
        names = ("program", *["engine"] * len(engine_pids))
        sample = SystemSample(
            time_s=now_s,
            cost_ms=0.0,
            cores=self._cores(clocks, before[1], now_s - before[0]),
            load=_load(),
            processes=tuple(
                self._process(name, pid) for name, pid in zip(names, pids, strict=True)
            ),
            memory_total_bytes=memory.total,
            memory_free_bytes=memory.available,
            memory_limit_bytes=self._memory.limit_bytes(),
            memory_used_bytes=self._memory.used_bytes(),
            package_w=package_w,
            memory_w=memory_w,
            accelerators=accelerators,
        )
        return replace(sample, cost_ms=(perf_counter() - begun_s) * 1e3)

    def forget(self) -> None:
        """Begin anew: what was before is no part of the next sample."""
        self._before = None

    def _cores(self, clocks: CoreClocks, before: CoreClocks, passed_s: float) -> tuple[Core, ...]:
        busy, own = clocks.busy_since(before), clocks.own_since(before, passed_s)
        mhz, is_measured = self._cpuinfo_mhz()
        cores: list[Core] = []
        for count, number in enumerate(sorted(clocks.cores)):
            folder = self._root / f"sys/devices/system/cpu/cpu{number}/cpufreq"
            khz = read_kernel_number(f"{folder}/scaling_cur_freq") if count < _CLOCKS_READ else None
            told_ghz = mhz[number] / 1e3 if number in mhz else None
            ghz = khz / 1e6 if khz else told_ghz if is_measured else None
            if number not in self._limits:
                self._limits[number] = (
                    _ghz(f"{folder}/cpuinfo_min_freq"),
                    _ghz(f"{folder}/cpuinfo_max_freq"),
                )
            is_usable = self._usable is None or number in self._usable
            cores.append(
                Core(
                    *(number, is_usable, busy.get(number), own.get(number)),
                    *(ghz, *self._limits[number]),
                    nominal_ghz=None if is_measured else told_ghz,
                )
            )
        return tuple(cores)

    def _cpuinfo_mhz(self) -> tuple[dict[int, float], bool]:
        """Frequencies where there is no cpufreq, as on virtual machines; and are they measured?

        The kernel writes the nominal clock there unless the CPU counts its cycles, which the
        flag aperfmperf shows (arch_freq_get_on_cpu in arch/x86/kernel/cpu/aperfmperf.c).
        """
        first = self._root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq"
        if not self._is_linux or first.is_file():
            return {}, True
        found: dict[int, float] = {}
        number, is_measured = -1, False
        for line in (read_kernel_file(str(self._root / "proc/cpuinfo")) or "").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "processor" and value.strip().isdigit():
                number = int(value)
            elif name.strip() == "cpu MHz":
                try:
                    found[number] = float(value)
                except ValueError:
                    continue
            elif name.strip() == "flags":
                is_measured = is_measured or "aperfmperf" in value.split()
        return found, is_measured

    def _process(self, name: str, pid: int) -> ProcessFacts:
        try:
            process = psutil.Process(pid)
            rss_bytes, threads = process.memory_info().rss, process.num_threads()
        except psutil.Error:
            return ProcessFacts(name, pid)
        return ProcessFacts(name, pid, rss_bytes, threads, _open_files(process))


class SystemWatcher:
    """Samples in a thread of its own while somebody asks, and rests while nobody does.

    Args:
        make_probe: called in the thread, where finding the files costs nobody else time.
        period_s: from one sample to the next.
    """

    def __init__(
        self, make_probe: Callable[[], SystemProbe] = SystemProbe, period_s: float = PERIOD_S
    ) -> None:
        self._make_probe = make_probe
        self._period_s = period_s
        self._wanted_until_s = 0.0
        self._pids: tuple[int, ...] = ()
        self._sample: SystemSample | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._probe: SystemProbe | None = None

    def latest(self, engine_pids: Sequence[int] = ()) -> SystemSample | None:
        """Return the newest sample, and want more; None until the first is there."""
        now_s = perf_counter()
        self._pids = tuple(engine_pids)
        self._wanted_until_s = now_s + _WANTED_FOR_S
        if not self._stop.is_set() and (self._thread is None or not self._thread.is_alive()):
            self._sample = None
            self._thread = threading.Thread(target=self._run, name="system-probe", daemon=True)
            self._thread.start()
        return self._sample

    @property
    def is_awake(self) -> bool:
        """Whether samples are being taken."""
        return self._thread is not None and self._thread.is_alive()

    def close(self, timeout_s: float = 1.0) -> None:
        """End the thread for good."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        probe = self._probe = self._probe or self._make_probe()
        probe.forget()
        # The first one only reads the clocks, and soon there is something to compare with them.
        probe.sample(perf_counter(), self._pids)
        wait_s = self._period_s / 2
        while not self._stop.wait(wait_s) and perf_counter() < self._wanted_until_s:
            self._sample = probe.sample(perf_counter(), self._pids)
            wait_s = self._period_s


def _usable_cpus() -> frozenset[int] | None:
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def _ghz(path: str) -> float | None:
    khz = read_kernel_number(path)
    return khz / 1e6 if khz else None


def _load() -> tuple[float, float, float] | None:
    if sys.platform == "win32":
        return None
    try:
        return os.getloadavg()
    except OSError:
        return None


def _open_files(process: psutil.Process) -> int | None:
    try:
        # Windows counts handles.
        count = getattr(process, "num_fds", None) or getattr(process, "num_handles", None)
        return int(count()) if count is not None else None
    except psutil.Error:
        return None
