"""What it costs to watch the machine every second while other processes take the CPU."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from ovbench_tui.system.machine_watch import MachineWatch
from tests.benchmarks.report import Aim, Row, Skipped, spread_of
from tests.benchmarks.settings import Settings, tell

_BURN = "while True: pass"
_AIM_PERCENT = 0.3


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """One row: CPU time of the thread that samples, as a share of one core."""
    found: list[float] = []
    named = 0
    for number in range(settings.pairs):
        with subprocess.Popen([sys.executable, "-c", _BURN], start_new_session=True) as process:
            try:
                percent, is_named = _measure(settings.seconds)
            finally:
                process.kill()
        found.append(percent)
        named += is_named
        tell(f"  machine-watch, {number + 1} of {settings.pairs}: {percent:.3f} % of a core")
    processes = sum(entry.name.isdigit() for entry in Path("/proc").glob("*"))
    return [
        Row(
            "machine-watch",
            "a sample a second while a process burns, share of one core",
            spread_of(found),
            "%",
            Aim(_AIM_PERCENT, at_least=False),
            f"{processes} processes; the largest was named in {named} of {len(found)}",
        )
    ]


def _measure(seconds: float) -> tuple[float, bool]:
    """Percent of a core, and whether the largest process was found."""
    watch = MachineWatch()
    watch.sample(time.perf_counter())
    begin_s, begin_cpu_s = time.perf_counter(), time.thread_time()
    while time.perf_counter() < begin_s + seconds:
        time.sleep(1.0)
        watch.sample(time.perf_counter())
    percent = (time.thread_time() - begin_cpu_s) / (time.perf_counter() - begin_s) * 100
    return percent, any(sample.largest is not None for sample in watch.samples)
