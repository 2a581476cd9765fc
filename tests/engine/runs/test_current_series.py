"""The current run over time, as the screen may ask for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.session import Session
from ovbench_tui.stats.run_stats import RunSeries
from tests.engine.conftest import wait_for


def test_the_series_is_that_of_the_current_run(
    open_thread: Callable[[BenchmarkConfig], Session], tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "heavy.xml"), nireq=1, max_fps=200.0)
    session = open_thread(config)
    assert session.series() == RunSeries()
    wait_for(session, lambda s: s.run is not None and s.run.stats.elapsed_s > 2.0)
    first = session.series()
    run = session.snapshot(0).run
    assert run is not None
    assert len(first.counts) * first.step_s == pytest.approx(run.stats.elapsed_s, abs=0.6)
    assert sum(first.counts) <= run.stats.count
    assert all(len(values) in (0, len(first.counts)) for values in first.machine.lists)
    known = [share for share in first.machine.own_share if not math.isnan(share)]
    assert known
    assert all(0 <= share <= 1 for share in known)
    session.configure(replace(config, nireq=2))
    wait_for(session, lambda s: s.run is not None and s.run.run_id == 2)
    assert len(session.series().counts) < len(first.counts)
