"""What a program's model is known to reach alone, out of the history."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ovbench_tui.application.trace import ModelNote
from ovbench_tui.cli.known_alone import known_alone
from ovbench_tui.engine.api.run_sink import FinishedRun
from ovbench_tui.history.location import VARIABLE
from tests.unit.kept_runs import BEGAN, finished_run, write_runs


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Written before all runs of the history."""
    path = tmp_path / "net.xml"
    path.write_text("<net/>")
    _date(path, -timedelta(days=30))
    return path


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "history.db"
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def _date(path: Path, since_began: timedelta) -> None:
    time_s = (BEGAN + since_began).timestamp()
    os.utime(path, (time_s, time_s))


def _note(path: Path, device: str = "CPU") -> ModelNote:
    return ModelNote("net", (device,), "THROUGHPUT", 2, 2, 0, ("f32 [1,3]",), str(path), device)


def _run(model: Path, fps: float, elapsed_s: float = 10.0, device: str = "CPU") -> FinishedRun:
    made = finished_run(str(model), device=device)
    view = made.result.view
    count = round(fps * elapsed_s)
    stats = replace(view.stats, fps_mean=fps, elapsed_s=elapsed_s, count=count, p50_ms=8.0)
    return replace(made, result=replace(made.result, view=replace(view, stats=stats)))


def test_the_fastest_run_of_the_same_model_and_device_is_known(model: Path, history: Path) -> None:
    write_runs(
        history,
        _run(model, 150.0),
        _run(model, 200.0),
        _run(model, 900.0, elapsed_s=1.0),  # too short to be believed
        _run(model, 500.0, device="GPU"),
        _run(model.with_name("other.xml"), 700.0),
    )
    found = known_alone(_note(model))
    assert found is not None
    assert (found.rate, found.median_ms, found.device) == (200.0, 8.0, "CPU")
    assert found.source == f"run 2 of the history, {BEGAN:%Y-%m-%d}"
    assert found.file == str(model)


def test_what_was_measured_before_the_model_changed_is_not_known(
    model: Path, history: Path
) -> None:
    write_runs(history, _run(model, 150.0))
    assert known_alone(_note(model)) is not None
    model.with_suffix(".bin").write_bytes(b"new weights")
    _date(model.with_suffix(".bin"), timedelta(days=1))
    assert known_alone(_note(model)) is None


def test_without_a_file_or_a_history_nothing_is_known(model: Path, history: Path) -> None:
    assert known_alone(_note(model)) is None
    assert known_alone(replace(_note(model), file="")) is None
    history.write_bytes(b"no database")
    assert known_alone(_note(model)) is None
