"""What Linux tells of CPU frequency, temperature and throttling, by the cheapest files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.system.kernel_file import read_kernel_file, read_kernel_number

_CPUS_READ = 4
"""Reading the frequency of a core may wake it, so only a few are asked."""

_CPU_CHIPS = ("coretemp", "k10temp", "zenpower", "cpu_thermal")
_CPU_ZONES = ("x86_pkg_temp", "cpu-thermal", "cpu_thermal", "soc-thermal")


@dataclass(frozen=True, slots=True)
class ThermalFiles:
    """The files that exist on this machine; virtual machines have none of them."""

    frequencies: tuple[str, ...] = ()
    temperature: str = ""
    throttle_counts: tuple[str, ...] = ()

    def frequency_ghz(self) -> float | None:
        """Mean of the CPUs asked, now; None = unreadable."""
        values = [value for path in self.frequencies if (value := read_kernel_number(path))]
        return sum(values) / len(values) / 1e6 if values else None

    def temperature_c(self) -> float | None:
        """The CPU's temperature in degrees Celsius; None = unreadable."""
        value = read_kernel_number(self.temperature) if self.temperature else None
        return value / 1e3 if value is not None else None

    def throttle_count(self) -> int | None:
        """How often the CPUs asked have throttled for heat since the start of the system."""
        values = [read_kernel_number(path) for path in self.throttle_counts]
        known = [value for value in values if value is not None]
        return sum(known) if known else None


def find_thermal_files(cpus: Iterable[int], root: Path = Path("/")) -> ThermalFiles:
    """Look once for what can be read.

    Args:
        cpus: numbers of the CPUs that may be used.
        root: of the file system, for tests.
    """
    devices = root / "sys/devices/system/cpu"
    folders = [devices / f"cpu{number}" for number in sorted(cpus)[:_CPUS_READ]]
    frequencies = [folder / "cpufreq/scaling_cur_freq" for folder in folders]
    counts = [folder / "thermal_throttle/core_throttle_count" for folder in folders]
    counts += [folder / "thermal_throttle/package_throttle_count" for folder in folders[:1]]
    return ThermalFiles(
        tuple(str(path) for path in frequencies if path.is_file()),
        _temperature_file(root),
        tuple(str(path) for path in counts if path.is_file()),
    )


def _temperature_file(root: Path) -> str:
    for chip in sorted((root / "sys/class/hwmon").glob("hwmon*")):
        name = read_kernel_file(str(chip / "name"))
        if name in _CPU_CHIPS and (chip / "temp1_input").is_file():
            return str(chip / "temp1_input")
    for zone in sorted((root / "sys/class/thermal").glob("thermal_zone*")):
        kind = read_kernel_file(str(zone / "type"))
        if kind in _CPU_ZONES and (zone / "temp").is_file():
            return str(zone / "temp")
    return ""
