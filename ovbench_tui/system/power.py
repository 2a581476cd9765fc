"""Electric power of the processor, from the energy counters that Linux shows in powercap."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.system.kernel_file import read_kernel_file, read_kernel_number
from ovbench_tui.system.system_sample import NO_PERMISSION, NOT_THERE, NOT_YET, UNREADABLE, Reading

_PACKAGE = re.compile(r"intel-rapl:\d+", re.ASCII)
"""A package; AMD's have the same name. Its parts, as in ``intel-rapl:0:0``, count in it."""

_PART = re.compile(r"intel-rapl:\d+:\d+", re.ASCII)
UJ_PER_J = 1e6


@dataclass(slots=True)
class EnergyCounter:
    """One energy counter of the kernel, followed over its wrap."""

    path: str
    range_uj: int
    _last_uj: int | None = None
    _total_uj: int = 0

    def total_uj(self) -> int | None:
        """Microjoules since the first look; None where it cannot be read now."""
        now_uj = read_kernel_number(self.path)
        if now_uj is None:
            return None
        step_uj = 0 if self._last_uj is None else now_uj - self._last_uj
        # The counter begins again at 0 after its range, which takes minutes at least.
        self._total_uj += step_uj if step_uj >= 0 else step_uj + self.range_uj
        self._last_uj = now_uj
        return self._total_uj


def package_counters(root: Path) -> list[EnergyCounter]:
    """Find the counters of the processor packages below the root of a file system."""
    # A package that is called psys is the whole board, the packages among it.
    return [
        _counter(zone)
        for zone, name in _zones(root)
        if _PACKAGE.fullmatch(zone.name) and name != "psys"
    ]


@dataclass(slots=True)
class _Watts:
    counter: EnergyCounter
    last_uj: int | None = None
    last_s: float = 0.0

    def read(self, now_s: float) -> Reading:
        """Mean power since the call before."""
        now_uj = self.counter.total_uj()
        before_uj, self.last_uj = self.last_uj, now_uj
        if now_uj is None:
            return Reading.of(None, why_unreadable(self.counter.path))
        before_s, self.last_s = self.last_s, now_s
        # It falls where the counter has begun again and does not tell its range.
        if before_uj is None or now_uj < before_uj or now_s <= before_s:
            return Reading.of(None, NOT_YET)
        return Reading.of((now_uj - before_uj) / UJ_PER_J / (now_s - before_s))


class PowerMeter:
    """Watts of all processor packages, and of the memory where it has a counter of its own.

    The counters count everything that runs on the machine, and nothing outside the packages.

    Args:
        root: of the file system, for tests.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self._packages = [_Watts(counter) for counter in package_counters(root)]
        self._memory = [
            _Watts(_counter(zone))
            for zone, name in _zones(root)
            if _PART.fullmatch(zone.name) and name == "dram"
        ]

    def package_w(self, now_s: float) -> Reading:
        """Of all packages since the call before."""
        return _sum(self._packages, now_s)

    def memory_w(self, now_s: float) -> Reading:
        """Of the memory since the call before."""
        return _sum(self._memory, now_s)


def why_unreadable(path: str) -> str:
    """Say why a kernel file has no number."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            return NO_PERMISSION
        return NOT_THERE if error.errno == errno.ENOENT else UNREADABLE
    os.close(descriptor)
    return UNREADABLE


def _zones(root: Path) -> list[tuple[Path, str]]:
    """Every zone that powercap shows, and its name."""
    folder = root / "sys/class/powercap"
    zones = sorted(folder.iterdir()) if folder.is_dir() else []
    return [(zone, read_kernel_file(str(zone / "name")) or "") for zone in zones]


def _counter(zone: Path) -> EnergyCounter:
    range_uj = read_kernel_number(str(zone / "max_energy_range_uj"))
    return EnergyCounter(str(zone / "energy_uj"), range_uj or 0)


def _sum(counters: list[_Watts], now_s: float) -> Reading:
    if not counters:
        return Reading()
    readings = [counter.read(now_s) for counter in counters]
    missing = next((reading for reading in readings if reading.value is None), None)
    # A part of the packages would pass for all of them.
    return missing or Reading.of(sum(reading.value or 0.0 for reading in readings))
