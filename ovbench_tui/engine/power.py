"""Electric power of the processor, from the energy counters that Linux shows in powercap."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.engine.kernel_file import read_kernel_file, read_kernel_number
from ovbench_tui.engine.system_sample import (
    NO_PERMISSION,
    NOT_THERE,
    NOT_YET,
    UNREADABLE,
    Reading,
)

_PACKAGE = re.compile(r"intel-rapl:\d+", re.ASCII)
"""A package; AMD's have the same name. Its parts, as in ``intel-rapl:0:0``, count in it."""

_PART = re.compile(r"intel-rapl:\d+:\d+", re.ASCII)
_UJ = 1e6


@dataclass(slots=True)
class _Counter:
    path: str
    range_uj: int
    last_uj: int | None = None
    last_s: float = 0.0

    def watts(self, now_s: float) -> Reading:
        """Mean power since the call before."""
        now_uj = read_kernel_number(self.path)
        if now_uj is None:
            self.last_uj = None
            return Reading.of(None, why_unreadable(self.path))
        before_uj, before_s = self.last_uj, self.last_s
        self.last_uj, self.last_s = now_uj, now_s
        if before_uj is None or now_s <= before_s:
            return Reading.of(None, NOT_YET)
        step_uj = now_uj - before_uj
        if step_uj < 0:
            # The counter begins again at 0 after its range, which takes minutes at least.
            step_uj += self.range_uj
        if step_uj < 0:
            return Reading.of(None, NOT_YET)
        return Reading.of(step_uj / _UJ / (now_s - before_s))


class PowerMeter:
    """Watts of all processor packages, and of the memory where it has a counter of its own.

    The counters count everything that runs on the machine, and nothing outside the packages.

    Args:
        root: of the file system, for tests.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        folder = root / "sys/class/powercap"
        zones = sorted(folder.iterdir()) if folder.is_dir() else []
        named = [(zone, read_kernel_file(str(zone / "name")) or "") for zone in zones]
        # A package that is called psys is the whole board, the packages among it.
        self._packages = [
            _counter(zone)
            for zone, name in named
            if _PACKAGE.fullmatch(zone.name) and name != "psys"
        ]
        self._memory = [
            _counter(zone) for zone, name in named if _PART.fullmatch(zone.name) and name == "dram"
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


def _counter(zone: Path) -> _Counter:
    range_uj = read_kernel_number(str(zone / "max_energy_range_uj"))
    return _Counter(str(zone / "energy_uj"), range_uj or 0)


def _sum(counters: list[_Counter], now_s: float) -> Reading:
    if not counters:
        return Reading()
    readings = [counter.watts(now_s) for counter in counters]
    missing = next((reading for reading in readings if reading.value is None), None)
    # A part of the packages would pass for all of them.
    return missing or Reading.of(sum(reading.value or 0.0 for reading in readings))
