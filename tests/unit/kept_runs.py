"""Finished runs for the tests of the history."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.engine.api.run_sink import FinishedRun, RunEnd
from ovbench_tui.history.writer_connection import WriterConnection
from ovbench_tui.stats.run_stats import BusyProcess, MachineSeries, RunSeries, Stability
from ovbench_tui.stats.steadiness import Steady, Verdict
from tests.unit.reported import RESULT

BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
SERIES = RunSeries(
    step_s=0.25,
    counts=(70, 0, 71),
    frames=(140, 0, 142),
    mean_ms=(7.0, math.nan, 7.25),
    p50_ms=(6.9, math.nan, 6.95),
    p99_ms=(8.5, math.nan, 8.75),
    machine=MachineSeries(
        own_share=(0.5, 0.52, math.nan),
        others_share=(0.4, 0.5, math.nan),
        throttles_per_s=(0.0, 2.0, math.nan),
        processes=(BusyProcess("python3", 812, 0.45, 0.0, 0.5),),
    ),
)


def finished_run(
    model: str = "m.xml",
    *,
    began: datetime = BEGAN,
    device: str = "CPU",
    model_format: str = "IR",
    end: RunEnd = RunEnd.FINISHED,
) -> FinishedRun:
    view = replace(
        RESULT.view,
        config=replace(RESULT.view.config, model=model, device=device),
        effective=replace(RESULT.view.effective, device=device),
        model=replace(RESULT.view.model, name=Path(model).name, source=model, format=model_format),
        stability=Stability(Verdict.STABLE, fps_cv=0.01, fps=Steady.STEADY, windows=9),
    )
    return FinishedRun(
        result=RunResult(view, RESULT.histogram, None, SERIES),
        started_at=began,
        end=end,
        isolated=False,
        devices=(DeviceInfo("CPU", "Some processor", ("f32",)),),
        openvino_version="2026.4.1",
    )


def write_runs(path: Path, *runs: FinishedRun) -> WriterConnection:
    """Write them, numbered from 1, and return the book."""
    book = WriterConnection(path)
    for number, run in enumerate(runs, start=1):
        book.write(run, f"key {number}")
    return book
