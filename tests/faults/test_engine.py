"""The model's file changes or goes while it runs; the child runs out of memory."""

from __future__ import annotations

import resource
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import openvino as ov
import psutil
import pytest
from openvino import opset13

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.session import Session
from tests.engine.conftest import OpenSession, measured, on_hosts, wait_for


@pytest.fixture
def model(tiny_models: Path, tmp_path: Path) -> Path:
    """A model that may be damaged."""
    for name in ("wide.xml", "wide.bin"):
        shutil.copy(tiny_models / name, tmp_path / name)
    return tmp_path / "wide.xml"


def assert_the_run_went_on(session: Session, before: int) -> None:
    snapshot = wait_for(session, measured(before + 100))
    assert snapshot.run is not None
    assert snapshot.run.run_id == 1


DAMAGES: dict[str, Callable[[Path], object]] = {
    "deleted": lambda path: path.unlink(),
    "emptied": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:300]),
    "overwritten": lambda path: path.write_bytes(b"<net>" + bytes(5000)),
    "a folder now": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize(
    ("open_session", "damage"),
    on_hosts(DAMAGES, "deleted", "overwritten"),
    indirect=["open_session"],
)
def test_the_file_changes_under_it(
    open_session: OpenSession, model: Path, damage: Callable[[Path], object]
) -> None:
    session = open_session(BenchmarkConfig(model=str(model), nireq=2))
    first = wait_for(session, measured(100))
    assert first.run is not None
    damage(model)
    assert_the_run_went_on(session, first.run.stats.count)
    notices = len(first.notices)
    session.configure(replace(first.requested, streams="1"))
    after = wait_for(session, lambda s: len(s.notices) > notices)
    # One sentence that names the file; and either the old run goes on or the new one runs.
    assert model.name in after.notices[-1].text
    assert "\n" not in after.notices[-1].text
    wait_for(session, measured(100, run_id=2 if session.rejection is None else 1))


def test_another_model_under_the_same_name_is_the_one_that_runs(
    open_thread: OpenSession, model: Path, tiny_models: Path
) -> None:
    session = open_thread(BenchmarkConfig(model=str(model), nireq=2))
    first = wait_for(session, measured(100))
    for suffix in (".xml", ".bin"):
        shutil.copy(tiny_models / f"relu{suffix}", model.with_suffix(suffix))
    session.configure(replace(first.requested, streams="1"))
    second = wait_for(session, measured(100, run_id=2))
    assert second.run is not None
    assert "has changed and was read again" in second.notices[-1].text
    assert second.run.model.inputs[0].shape == ("1", "16")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A model that looks its results up in 13 MB of weights, so that OpenVINO leaves them there."""
    rows = opset13.constant(np.zeros((50_000, 64), np.float32))
    ids = opset13.parameter([1, 64], ov.Type.i64, name="x")
    ids.output(0).set_names({"x"})
    found = opset13.gather(rows, ids, opset13.constant(0, ov.Type.i64))
    path = tmp_path / "table.xml"
    ov.save_model(ov.Model([found], [ids], "table"), path, compress_to_fp16=False)
    return path


def test_truncated_weights_do_not_take_the_screen_down(table: Path) -> None:
    session = Session(BenchmarkConfig(model=str(table), nireq=2))
    session.start()
    try:
        first = wait_for(session, measured(100))
        assert first.run is not None
        table.with_suffix(".bin").write_bytes(b"")
        assert_the_run_went_on(session, first.run.stats.count)
        session.configure(replace(first.requested, streams="1"))
        wait_for(session, lambda _: session.rejection is not None)
        assert_the_run_went_on(session, first.run.stats.count)
    finally:
        assert session.close(60.0)


@pytest.mark.skipif(sys.platform != "linux", reason="sets the limit of another process")
def test_a_child_without_memory(tiny_models: Path) -> None:
    session = Session(BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2), isolated=True)
    session.start()
    try:
        first = wait_for(session, measured(100))
        pid = session._host.pid
        assert pid is not None
        child = psutil.Process(pid)
        limit = child.memory_info().vms + (64 << 20)
        child.rlimit(resource.RLIMIT_AS, (limit, limit))
        notices = len(first.notices)
        session.configure(replace(first.requested, model="yolo-v3-tf"))
        reported = wait_for(session, lambda s: len(s.notices) > notices and s.background == "")
        assert "\n" not in reported.notices[-1].text
        assert reported.run is not None
        assert reported.run.stats.count >= 100
        if reported.can_restart:
            session.restart()
            wait_for(session, measured(100, run_id=2))
        else:
            assert_the_run_went_on(session, reported.run.stats.count)
    finally:
        assert session.close(60.0)
