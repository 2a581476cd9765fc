"""The engine in a process of its own: its end is a sentence, and nothing outlives the app."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.feeders import COLLECT
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.hosts.process_host import ProcessHost
from ovbench_tui.engine.session import Session
from tests.engine.conftest import in_state, measured, wait_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")


@pytest.fixture
def session(tiny_models: Path) -> Iterator[Session]:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), feeder=COLLECT)
    session = Session(config, isolated=True)
    session.start()
    yield session
    assert session.close(60.0)


def child_pid(session: Session) -> int:
    host = session._host
    assert isinstance(host, ProcessHost)
    assert host.pid is not None
    return host.pid


def test_the_death_of_the_engine_is_told_and_another_can_be_started(session: Session) -> None:
    """Other deaths are in tests/faults/test_hosts.py."""
    wait_for(session, measured(1000))
    os.kill(child_pid(session), signal.SIGKILL)
    dead = wait_for(session, lambda s: s.can_restart)
    assert dead.state is WorkerState.FAILED
    assert dead.notices[-1].text == (
        "The engine's process was killed (SIGKILL) while it ran relu.xml."
    )
    assert session.failure == dead.notices[-1].text
    assert dead.run is not None
    assert dead.run.stats.count >= 1000
    later = session.snapshot(10)
    assert later.run is not None
    assert later.run.stats.elapsed_s == dead.run.stats.elapsed_s
    session.restart()
    alive = wait_for(session, measured(100, run_id=2))
    assert not alive.can_restart
    assert session.failure == ""
    assert [run.run_id for run in session.runs] == [1, 2]
    assert session.runs[0].stats.count == dead.run.stats.count
    texts = [marker.text for marker in session.snapshot(1000).history.markers]
    assert texts == ["failed", "restarted"]


def test_a_model_that_aborts_when_it_is_released(session: Session, shared_models: Path) -> None:
    before = wait_for(session, measured(100))
    strings = shared_models / "ort-tests" / "identity_string.onnx"
    session.configure(replace(before.requested, model=str(strings)))
    wait_for(session, lambda s: s.run is not None and s.run.run_id == 2 and s.run.stats.count > 10)
    session.configure(before.requested)
    dead = wait_for(session, lambda s: s.can_restart)
    assert dead.notices[-1].text.startswith("The engine's process ")
    assert dead.run is not None
    assert dead.run.stats.count > 10
    session.restart()
    again = wait_for(session, lambda s: s.run is not None and s.run.run_id == 3 and s.measuring)
    assert again.run is not None


def test_a_compile_can_be_given_up(session: Session) -> None:
    wait_for(session, measured(100))
    config = session.snapshot(0).requested
    # Stopped, the child compiles for ever.
    session.configure(replace(config, model="yolo-v3-tf"))
    wait_for(session, lambda s: s.background != "")
    os.kill(child_pid(session), signal.SIGSTOP)
    assert session.cancel()
    back = wait_for(session, measured(100, run_id=2))
    assert back.requested == config
    assert back.run is not None
    assert back.run.change == "compile cancelled"
    assert back.notices[-1].text.startswith("Cancelled: ")
    assert not session.cancel()


def test_the_engine_moves_between_thread_and_process(session: Session) -> None:
    wait_for(session, measured(100))
    session.isolate(False)
    inside = wait_for(session, measured(100, run_id=2))
    assert not inside.isolated
    assert not session.cancel()
    session.isolate(True)
    outside = wait_for(session, measured(100, run_id=3))
    assert outside.isolated
    assert [run.change for run in session.runs] == ["", "in a thread", "isolated"]


def test_a_change_asked_for_while_the_engine_moves_is_kept(session: Session) -> None:
    wait_for(session, measured(100))
    session.isolate(False)
    session.configure(replace(session.snapshot(0).requested, nireq=3))
    moved = wait_for(session, measured(100, run_id=2))
    assert moved.run is not None
    assert moved.run.effective.nireq == 3


def test_pause_survives_a_move(session: Session) -> None:
    wait_for(session, measured(100))
    session.toggle_pause()
    wait_for(session, in_state(WorkerState.PAUSED))
    session.isolate(False)
    wait_for(session, in_state(WorkerState.PAUSED, run_id=2))
    session.toggle_pause()
    wait_for(session, measured(10, run_id=2))


PARENT = """
import sys, time
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.session import Session

if __name__ == "__main__":
    session = Session(BenchmarkConfig(model=sys.argv[1], max_fps=100), isolated=True)
    session.start()
    while session.snapshot(0).run is None:
        time.sleep(0.01)
    print(session._host.pid, flush=True)
    time.sleep(1000)
"""


def test_nothing_outlives_an_app_that_is_killed(tmp_path: Path, tiny_models: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    blocks = set(Path("/dev/shm").iterdir()) if Path("/dev/shm").is_dir() else set()
    with subprocess.Popen(
        [sys.executable, str(script), str(tiny_models / "relu.xml")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _exists(child)
        parent.kill()
        parent.wait()
        end_s = time.monotonic() + 60
        while _exists(child) and time.monotonic() < end_s:
            time.sleep(0.01)
        assert not _exists(child)
    if Path("/dev/shm").is_dir():
        assert set(Path("/dev/shm").iterdir()) <= blocks


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie waiting to be reaped by init has ended, too.
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not Path("/proc/self/stat").exists()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_a_replaced_engine_leaves_no_descriptor(session: Session) -> None:
    counts: list[int] = []
    wait_for(session, measured(1, run_id=1))
    for run_id in range(2, 6):
        session.isolate(run_id % 2 == 1)
        wait_for(session, measured(1, run_id=run_id))
        gc.collect()
        counts.append(len(list(Path("/proc/self/fd").iterdir())))
    assert counts[1] == counts[3]
