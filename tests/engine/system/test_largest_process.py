"""Who of the others takes the CPU: of the real machine, and of trees like /proc."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import namedtuple
from collections.abc import Collection
from pathlib import Path

import psutil
import pytest

from ovbench_tui.system.kernel_file import numbered_entries
from ovbench_tui.system.largest_process import LargestProcess, OtherProcess
from ovbench_tui.system.machine_watch import MachineWatch
from tests.engine.system.test_machine_watch import burning

_PATIENCE_S = 120.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK") if sys.platform != "win32" else 100


def _process(root: Path, pid: int, cpu_s: float, name: str = "worker", started: int = 7) -> None:
    ticks = round(cpu_s * _TICKS_PER_S)
    before = " ".join(["0"] * 9)
    folder = root / "proc" / str(pid)
    folder.mkdir(parents=True, exist_ok=True)
    between = "0 0 20 0 1 0"
    text = f"{pid} ({name}) S 1 {before} {ticks} 0 {between} {started} 9 9"
    (folder / "stat").write_text(text, encoding="utf-8")


@pytest.fixture
def finder(tmp_path: Path) -> LargestProcess:
    return LargestProcess(tmp_path, lambda: 0.0)


def _look(finder: LargestProcess, now_s: float) -> OtherProcess | None:
    return finder.look(now_s, {1}, 2)


def test_the_one_that_took_most_since_the_look_before_is_named(
    finder: LargestProcess, tmp_path: Path
) -> None:
    _process(tmp_path, 1, 0)
    _process(tmp_path, 5, 1000.0, "idle by now")
    _process(tmp_path, 6, 1.0, "my (odd) name")
    assert _look(finder, 10.0) is None  # nothing to compare with yet
    _process(tmp_path, 1, 50.0, "ourselves")
    _process(tmp_path, 5, 1000.1, "idle by now")
    _process(tmp_path, 6, 2.0, "my (odd) name")
    found = _look(finder, 11.0)
    assert found == OtherProcess("my (odd) name", 6, pytest.approx(0.5))
    assert str(found) == "my (odd) name, pid 6"


def test_processes_are_looked_through_every_five_seconds(
    finder: LargestProcess, tmp_path: Path
) -> None:
    _process(tmp_path, 5, 0.0)
    _look(finder, 0.0)
    _process(tmp_path, 5, 1.0)
    first = _look(finder, 1.0)
    shutil.rmtree(tmp_path / "proc" / "5")
    _process(tmp_path, 6, 4.0)
    assert first == _look(finder, 5.9)
    found = _look(finder, 6.0)
    assert found is not None
    assert found.pid == 6


def test_a_dear_look_is_paid_by_a_longer_time(tmp_path: Path) -> None:
    spent_s = iter(n * 0.010 for n in range(100))  # each look takes 10 ms, so 10 s each
    finder = LargestProcess(tmp_path, lambda: next(spent_s))
    _process(tmp_path, 5, 0.0)
    _look(finder, 0.0)
    _process(tmp_path, 5, 1.0)
    _look(finder, 1.0)
    _process(tmp_path, 6, 90.0)
    early, late = _look(finder, 19.9), _look(finder, 20.1)
    assert early is not None
    assert late is not None
    assert (early.pid, late.pid) == (5, 6)


def test_another_process_with_the_same_pid_is_another(
    finder: LargestProcess, tmp_path: Path
) -> None:
    _process(tmp_path, 5, 100.0, "old", started=7)
    _look(finder, 0.0)
    _process(tmp_path, 5, 1.5, "new", started=8)
    assert _look(finder, 1.0) == OtherProcess("new", 5, pytest.approx(0.75))


def test_what_takes_little_is_not_named(finder: LargestProcess, tmp_path: Path) -> None:
    """In a container the process that takes the CPU may be out of sight."""
    _process(tmp_path, 5, 0.0)
    _look(finder, 0.0)
    _process(tmp_path, 5, 0.02)
    assert _look(finder, 1.0) is None


def test_a_name_cannot_steer_the_terminal(finder: LargestProcess, tmp_path: Path) -> None:
    _process(tmp_path, 5, 0.0, "\x1b[2Jx")
    _look(finder, 0.0)
    _process(tmp_path, 5, 1.0, "\x1b[2Jx")
    found = _look(finder, 1.0)
    assert found is not None
    assert found.name.isprintable()


def test_without_proc_nothing_is_known(finder: LargestProcess) -> None:
    assert _look(finder, 0.0) is None
    assert _look(finder, 9.0) is None


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_real_process_is_named_while_it_burns() -> None:
    finder = LargestProcess(cpu_time_s=lambda: 0.0)
    others = {int(pid) for pid in numbered_entries("/proc")}
    end_s = time.perf_counter() + _PATIENCE_S
    with burning() as process:
        while time.perf_counter() < end_s:
            found = finder.look(time.perf_counter(), others, 1)
            if found is not None and found.pid == process.pid:
                break
            time.sleep(0.1)
        else:
            raise AssertionError("the burning process was never found")
    assert found.name.startswith("python")
    assert 0 < found.share <= 1


def test_while_others_take_little_nothing_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    class Counting(LargestProcess):
        def look(self, now_s: float, own_pids: Collection[int], cpus: int) -> OtherProcess | None:
            looks.append(now_s)
            return OtherProcess("burner", 5, 0.3)

    busy_s = iter((0.0, 0.05, 0.45, 0.5))  # of one CPU second each
    Times = namedtuple("Times", "user idle")

    class Clocks:
        def __init__(self) -> None:
            self.total_s = 0.0

        def __call__(self) -> Times:
            self.total_s += 1.0
            user_s = 1e3 + next(busy_s)
            return Times(user_s, self.total_s + 1e3 - user_s)

    monkeypatch.setattr(psutil, "cpu_times", Clocks())
    watch = MachineWatch(processes=Counting())
    monkeypatch.setattr(watch, "_own_s", lambda _pids: 0.0)
    for second in range(4):
        watch.sample(float(second))
    assert looks == [2.0]
    assert [sample.largest is not None for sample in watch.samples] == [False, True, False]
