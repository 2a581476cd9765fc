"""The runs of a session on the real engine: kept, handed to the screen, and compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Snapshot
from tests.engine.conftest import OpenSession, measured, wait_for


def test_ended_runs_are_in_the_snapshot_as_one_tuple(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=1)
    session = open_thread(config)
    first = wait_for(session, measured(100))
    assert first.past_runs == ()
    assert first.runs == (first.run,)
    session.configure(replace(config, nireq=2))
    second = wait_for(session, measured(100, run_id=2))
    assert [run.run_id for run in second.runs] == [1, 2]
    assert second.past_runs[0].stats.count >= 100
    assert session.snapshot(0).past_runs is second.past_runs


def test_a_slower_run_is_told_from_its_baseline(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    fast = BenchmarkConfig(model=str(tiny_models / "heavy.xml"), nireq=1, max_fps=400.0)
    session = open_thread(fast)

    def lasted(run_id: int) -> Snapshot:
        return wait_for(
            session,
            lambda s: s.run is not None and s.run.run_id == run_id and s.run.stats.elapsed_s > 3.0,
        )

    lasted(1)
    session.configure(replace(fast, max_fps=40.0))
    first, second = lasted(2).runs
    compared = dict(session.compare_with(1))
    assert list(compared) == [2]
    comparison = compared[2]
    assert comparison.figure == "fps"
    ratio = second.stats.fps_mean / first.stats.fps_mean
    assert comparison.ratio == pytest.approx(ratio, rel=0.25)
    assert comparison.low <= comparison.ratio <= comparison.high
    assert dict(session.compare_with(1, "p99_ms"))[2].figure == "p99_ms"
    assert session.compare_with(7) == ()
