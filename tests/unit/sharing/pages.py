"""Runs for the tests of pages."""

from __future__ import annotations

import math
from dataclasses import replace

from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.reports.machine import Machine
from ovbench_tui.sharing.shared_run import SharedRun, measured_run
from ovbench_tui.stats.run_stats import BusyProcess, MachineSeries, RunSeries, Stability
from ovbench_tui.stats.steadiness import Verdict
from tests.unit.kept_runs import BEGAN
from tests.unit.reported import RESULT

MACHINE = Machine(
    "Some <processor>", 8, 4, "Linux", "3.11", "2026.4.1", (DeviceInfo("CPU", "Some", ("f32",)),)
)


def run_of(name: str, fps: float, model: str = "m") -> SharedRun:
    """Forty windows that vary by 2 %; one of them without a completion."""
    frames = [round(fps / 4 * (1 + 0.02 * (index % 2))) for index in range(40)]
    latencies = (7.0,) * 20 + (math.nan,) + (7.5,) * 19
    series = RunSeries(
        step_s=0.25,
        counts=tuple(frames),
        frames=tuple(frames),
        mean_ms=latencies,
        p50_ms=latencies,
        p99_ms=tuple(2 * value for value in latencies),
    )
    view = RESULT.view
    view = replace(
        view,
        model=replace(view.model, name=model),
        stats=replace(view.stats, fps_mean=fps),
        stability=Stability(Verdict.STABLE, fps_cv=0.02),
    )
    result = replace(RESULT, view=view, series=series, profile=None)
    return measured_run(name, result, MACHINE, BEGAN, "0.1.0")


BUSY = MachineSeries(
    own_share=(0.5,) * 40,
    others_share=(0.1,) * 20 + (0.4,) * 20,
    frequency_ghz=(3.0,) * 20 + (2.0,) * 20,
    throttles_per_s=(0.0,) * 30 + (4.0,) * 4 + (0.0,) * 6,
    processes=(BusyProcess("python3", 812, 0.3, 5.0, 10.0), BusyProcess("cc1", 9, 0.2, 2.0, 3.0)),
)
"""The machine of a run as `run_of` makes it, in its windows of 0.25 s."""


def busy_run() -> SharedRun:
    """A run while others took the CPU, and the CPU throttled from second 7.5 to 8.5."""
    run = run_of("run 1", 280.0)
    series = replace(run.result.series, machine=BUSY)
    result = replace(run.result, series=series)
    return measured_run("run 1", result, MACHINE, BEGAN, "0.1.0")
