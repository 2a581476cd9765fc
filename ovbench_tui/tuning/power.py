"""The energy counters of the processor packages, as Linux shows them in powercap."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.engine.kernel_file import read_kernel_file, read_kernel_number
from ovbench_tui.errors import BadInputError

_ZONE = re.compile(r"intel-rapl:\d+", re.ASCII)
"""A package; AMD's have the same name. Its parts (``intel-rapl:0:0``) are counted in it."""

_UJ = 1e6


@dataclass(slots=True)
class _Zone:
    path: str
    range_uj: int
    last_uj: int
    total_uj: int = 0


class EnergyMeter:
    """Joules of all processor packages since the meter was made.

    They count everything that runs on the machine, and nothing outside the packages.

    Args:
        root: of the file system, for tests.

    Raises:
        BadInputError: nothing can be read here, and why.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        folder = root / "sys/class/powercap"
        zones = sorted(folder.iterdir()) if folder.is_dir() else []
        paths = [zone / "energy_uj" for zone in zones if _ZONE.fullmatch(zone.name)]
        if not paths:
            raise BadInputError(
                "--objective efficiency needs the energy counters of the processor (RAPL), and"
                " this machine shows none in /sys/class/powercap: choose throughput or latency."
            )
        self._zones: list[_Zone] = []
        for path in paths:
            now_uj = read_kernel_number(str(path))
            if now_uj is None:
                raise BadInputError(
                    f"--objective efficiency: {path} cannot be read, mostly because only root"
                    " may: run 'sudo chmod a+r' on it, or choose throughput or latency."
                )
            range_uj = read_kernel_file(str(path.parent / "max_energy_range_uj")) or ""
            self._zones.append(_Zone(str(path), int(range_uj) if range_uj.isdigit() else 0, now_uj))

    def read_j(self) -> float:
        """Joules so far; NaN when a counter has become unreadable."""
        for zone in self._zones:
            now_uj = read_kernel_number(zone.path)
            if now_uj is None:
                return math.nan
            # The counter begins again at 0 after its range, which takes minutes at least.
            step_uj = now_uj - zone.last_uj
            zone.total_uj += step_uj if step_uj >= 0 else step_uj + zone.range_uj
            zone.last_uj = now_uj
        return sum(zone.total_uj for zone in self._zones) / _UJ
