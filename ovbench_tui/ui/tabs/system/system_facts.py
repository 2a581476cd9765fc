"""The machine in labelled texts: what is told, and of what is not told why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovbench_tui.console.numbers import three_digits
from ovbench_tui.system.system_sample import (
    NOT_THERE,
    NOT_YET,
    Accelerator,
    ProcessFacts,
    Reading,
    SystemSample,
)

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import RunView

_UNTOLD = "unavailable"
_WHY = {NOT_YET: "not yet", NOT_THERE: f"{_UNTOLD}: no counter"}
_GIB = 2**30
_NEARLY_ALL = 0.95
_HOT_C = 95.0
_FREQUENCIES_DIFFER_GHZ = 0.05
_WAITS = 0.01
_OTHERS_MATTER = 0.1


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its text; the style says what is bad and what is no figure."""

    label: str
    text: str
    style: str = "value"


def facts_of(
    sample: SystemSample, run: RunView | None, *, is_measuring: bool, throttled_before: int | None
) -> list[Fact]:
    """List all that is known of the machine, the most important first.

    Args:
        is_measuring: the run's FPS is that of now.
        throttled_before: throttling events when the tab was opened.
    """
    own = next((facts for facts in sample.processes if facts.name == "program"), None)
    facts = [
        Fact("CPU, ours", *_share(sample.own_share)),
        Fact("CPU, others", *_others(sample)),
        Fact("stolen", *_share(sample.steal_share, warn_from=_WAITS)),
        Fact("load", *_load(sample)),
        Fact("frequency", *_frequency(sample)),
        Fact("temperature", *_temperature(sample.temperature_c)),
        Fact("throttled", *_throttled(sample.throttle_count, throttled_before)),
        Fact("CPUs", *_usable(sample)),
        Fact("CPU quota", *_quota(sample)),
        Fact("package power", *_watts(sample.package_w)),
        Fact(
            f"{run.effective.unit if run else 'FPS'} per watt",
            *_efficiency(sample.package_w, run, is_measuring=is_measuring),
        ),
        Fact("memory power", *_watts(sample.memory_w)),
        Fact("our memory", *_process(own)),
    ]
    facts += [
        Fact("engine process", *_process(process))
        for process in sample.processes
        if process is not own
    ]
    facts += [
        Fact("open files", *_files(sample.processes)),
        Fact("memory free", *_memory(sample)),
        Fact("memory limit", *_memory_limit(sample)),
    ]
    for kind in ("GPU", "NPU"):
        devices = [device for device in sample.accelerators if device.name.startswith(kind)]
        facts += [Fact(device.name, *_accelerator(device)) for device in devices]
        if not devices:
            facts.append(Fact(kind, f"{_UNTOLD}: none in sysfs", "label"))
    return facts


def format_bytes(count: float) -> str:
    """Write bytes in MiB or GiB."""
    if count >= _GIB:
        return f"{count / _GIB:.2f} GiB"
    return f"{count / 2**20:.0f} MiB"


def format_share(share: float | None) -> str:
    """Write a share in percent of at most three digits."""
    return "" if share is None else f"{share * 100:.0f} %"


def _others(sample: SystemSample) -> tuple[str, str]:
    """What they take, and which of them takes most while that is looked for."""
    text, style = _share(sample.others_share, warn_from=_OTHERS_MATTER)
    if sample.largest is not None and sample.others_share is not None:
        # Of all CPUs, as the row above says: the name needs the room.
        text = f"{sample.others_share * 100:.1f} % ({sample.largest.beside(sample.others_share)})"
    return text, style


def _share(share: float | None, warn_from: float = 9.0) -> tuple[str, str]:
    if share is None:
        return _UNTOLD, "label"
    return f"{share * 100:.1f} % of all", "warn" if share >= warn_from else "value"


def _load(sample: SystemSample) -> tuple[str, str]:
    if sample.load is None:
        return _UNTOLD, "label"
    one, five, fifteen = sample.load
    return f"{one:.2f}  {five:.2f}  {fifteen:.2f}", "value"


def _frequency(sample: SystemSample) -> tuple[str, str]:
    now = [core.ghz for core in sample.cores if core.ghz is not None]
    if not now:
        nominal = [core.nominal_ghz for core in sample.cores if core.nominal_ghz is not None]
        if nominal:
            return f"not measured (nominal {sum(nominal) / len(nominal):.2f} GHz)", "label"
        return _UNTOLD, "label"
    text = f"{sum(now) / len(now):.2f} GHz"
    lowest = [core.min_ghz for core in sample.cores if core.min_ghz is not None]
    highest = [core.max_ghz for core in sample.cores if core.max_ghz is not None]
    if lowest and highest:
        text += f" of {min(lowest):.1f} to {max(highest):.1f}"
    if max(now) - min(now) > _FREQUENCIES_DIFFER_GHZ:
        text += f", cores {min(now):.2f} to {max(now):.2f}"
    return text, "value"


def _temperature(celsius: float | None) -> tuple[str, str]:
    if celsius is None:
        return _UNTOLD, "label"
    return f"{celsius:.0f} °C", "warn" if celsius >= _HOT_C else "value"


def _throttled(count: int | None, before: int | None) -> tuple[str, str]:
    if count is None:
        return _UNTOLD, "label"
    new = count - before if before is not None else 0
    if new > 0:
        return f"{new} times lately", "bad"
    return f"no, {count} since the start", "value"


def _usable(sample: SystemSample) -> tuple[str, str]:
    usable = sum(core.is_usable for core in sample.cores)
    return f"{usable} of {len(sample.cores)} usable", "value"


def _quota(sample: SystemSample) -> tuple[str, str]:
    quota, waited = sample.quota_cpus, sample.throttled_share
    if quota is None:
        return "no limit", "value"
    if waited is None:
        return f"{quota:g} CPUs", "value"
    return f"{quota:g} CPUs, waited {waited * 100:.0f} %", "bad" if waited >= _WAITS else "value"


def _watts(reading: Reading) -> tuple[str, str]:
    if reading.value is None:
        return _why(reading), "label"
    return f"{three_digits(reading.value)} W", "value"


def _efficiency(reading: Reading, run: RunView | None, *, is_measuring: bool) -> tuple[str, str]:
    if reading.value is None or reading.value <= 0:
        return "power is unavailable", "label"
    if run is None or not is_measuring:
        return "nothing is measured now", "label"
    return f"{three_digits(run.stats.fps_now / reading.value)} (whole package)", "good"


def _why(reading: Reading) -> str:
    return _WHY.get(reading.why, f"{_UNTOLD}: {reading.why}")


def _process(facts: ProcessFacts | None) -> tuple[str, str]:
    if facts is None or facts.rss_bytes is None:
        return _UNTOLD, "label"
    text = format_bytes(facts.rss_bytes)
    if facts.threads is not None:
        text += f", {facts.threads} threads"
    return text, "value"


def _files(processes: Sequence[ProcessFacts]) -> tuple[str, str]:
    known = [process for process in processes if process.files is not None]
    if not known:
        return _UNTOLD, "label"
    return ", ".join(
        f"{process.files}" if process.name == "program" else f"{process.name} {process.files}"
        for process in known
    ), "value"


def _memory(sample: SystemSample) -> tuple[str, str]:
    free, total = sample.memory_free_bytes, sample.memory_total_bytes
    if free is None or not total:
        return _UNTOLD, "label"
    style = "warn" if free < (1 - _NEARLY_ALL) * total else "value"
    return f"{format_bytes(free)} of {format_bytes(total)}", style


def _memory_limit(sample: SystemSample) -> tuple[str, str]:
    limit, used = sample.memory_limit_bytes, sample.memory_used_bytes
    if limit is None:
        return "no limit", "value"
    if used is None:
        return format_bytes(limit), "value"
    style = "warn" if used >= _NEARLY_ALL * limit else "value"
    return f"{format_bytes(used)} of {format_bytes(limit)}", style


def _accelerator(device: Accelerator) -> tuple[str, str]:
    parts: list[str] = []
    if device.busy.value is not None:
        parts.append(f"{device.busy.value * 100:.0f} % busy")
    if device.mhz.value is not None:
        limits = ""
        if device.max_mhz is not None:
            lowest = f"{device.min_mhz:.0f} to " if device.min_mhz is not None else ""
            limits = f" of {lowest}{device.max_mhz:.0f}"
        parts.append(f"{device.mhz.value:.0f} MHz{limits}")
    if device.memory_bytes.value is not None:
        parts.append(format_bytes(device.memory_bytes.value))
    if device.busy.value is None:
        parts.append(f"busy {_why(device.busy)}")
    return ", ".join(parts), "value"


def columns_of(facts: Sequence[Fact], count: int) -> list[list[Fact]]:
    """Deal facts into `count` columns, each read from the top."""
    rows = -(-len(facts) // count)
    return [list(facts[start : start + rows]) for start in range(0, len(facts), rows)]
