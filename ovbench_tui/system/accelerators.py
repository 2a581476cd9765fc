"""GPUs and NPUs, as far as the kernel tells of them in sysfs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.system.kernel_file import read_kernel_file, read_kernel_number
from ovbench_tui.system.power import why_unreadable
from ovbench_tui.system.system_sample import NOT_THERE, NOT_YET, Accelerator, Reading

_CARD = re.compile(r"card\d+", re.ASCII)
_NPU = re.compile(r"accel\d+", re.ASCII)
_MS, _US = 1e3, 1e6

# The drivers i915 (old and new places) and xe, in this order of preference.
_GPU_NOW = (
    "gt_act_freq_mhz",
    "gt/gt0/rps_act_freq_mhz",
    "gt_cur_freq_mhz",
    "gt/gt0/rps_cur_freq_mhz",
    "device/tile0/gt0/freq0/act_freq",
    "device/tile0/gt0/freq0/cur_freq",
)
_GPU_MIN = ("gt_min_freq_mhz", "gt/gt0/rps_min_freq_mhz", "device/tile0/gt0/freq0/min_freq")
_GPU_MAX = ("gt_max_freq_mhz", "gt/gt0/rps_max_freq_mhz", "device/tile0/gt0/freq0/max_freq")
_GPU_IDLE = (
    "gt/gt0/rc6_residency_ms",
    "power/rc6_residency_ms",
    "device/tile0/gt0/gtidle/idle_residency_ms",
)
# The driver intel_vpu.
_NPU_NOW = ("device/npu_current_frequency_mhz",)
_NPU_MAX = ("device/npu_max_frequency_mhz",)
_NPU_BUSY = ("device/npu_busy_time_us",)
_NPU_MEMORY = ("device/npu_memory_utilization",)


@dataclass(slots=True)
class _Clock:
    """A counter of time in which something was busy, or idle; `unit` parts of it are a second."""

    path: str
    unit: float
    is_idle: bool = False
    last: int | None = None
    last_s: float = 0.0

    def share(self, now_s: float) -> Reading:
        """Share of the time since the call before in which it was busy."""
        if not self.path:
            return Reading()
        count = read_kernel_number(self.path)
        before, before_s = self.last, self.last_s
        self.last, self.last_s = count, now_s
        if count is None:
            return Reading.of(None, why_unreadable(self.path))
        if before is None or now_s <= before_s or count < before:
            return Reading.of(None, NOT_YET)
        share = min(1.0, (count - before) / self.unit / (now_s - before_s))
        return Reading.of(1 - share if self.is_idle else share)


@dataclass(slots=True)
class _Device:
    name: str
    now: str
    lowest: str
    highest: str
    clock: _Clock
    memory: str = ""

    def look(self, now_s: float) -> Accelerator:
        return Accelerator(
            name=self.name,
            mhz=_number(self.now),
            min_mhz=_number(self.lowest).value,
            max_mhz=_number(self.highest).value,
            busy=self.clock.share(now_s),
            memory_bytes=_number(self.memory),
        )


class Accelerators:
    """Finds the devices once, and looks at them.

    Args:
        root: of the file system, for tests.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self._devices: list[_Device] = []
        for card in _folders(root / "sys/class/drm", _CARD):
            now, idle = _first(card, _GPU_NOW), _first(card, _GPU_IDLE)
            # A display adapter without an engine for anything else has neither.
            if now or idle:
                clock = _Clock(idle, _MS, is_idle=True)
                name = f"GPU {card.name}"
                lowest, highest = _first(card, _GPU_MIN), _first(card, _GPU_MAX)
                self._devices.append(_Device(name, now, lowest, highest, clock))
        for npu in _folders(root / "sys/class/accel", _NPU):
            busy, now = _first(npu, _NPU_BUSY), _first(npu, _NPU_NOW)
            if busy or now or "intel_vpu" in (read_kernel_file(str(npu / "device/uevent")) or ""):
                clock = _Clock(busy, _US)
                highest, memory = _first(npu, _NPU_MAX), _first(npu, _NPU_MEMORY)
                name = f"NPU {npu.name}"
                self._devices.append(_Device(name, now, "", highest, clock, memory))

    def look(self, now_s: float) -> tuple[Accelerator, ...]:
        """What each of them does now."""
        return tuple(device.look(now_s) for device in self._devices)


def _folders(folder: Path, name: re.Pattern[str]) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if name.fullmatch(path.name))


def _first(folder: Path, names: tuple[str, ...]) -> str:
    return next((str(folder / name) for name in names if (folder / name).is_file()), "")


def _number(path: str) -> Reading:
    if not path:
        return Reading.of(None, NOT_THERE)
    value = read_kernel_number(path)
    return Reading.of(value, "" if value is not None else why_unreadable(path))
