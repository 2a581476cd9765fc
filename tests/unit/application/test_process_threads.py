"""How many threads of a program want a CPU, out of files as Linux has them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ovbench_tui.application.process_threads import ThreadWatch
from ovbench_tui.application.surroundings import ThreadLoad


def _write(folder: Path, clocks_s: dict[int, tuple[float, float]], maps: str = "") -> None:
    """The threads of process 7: on a CPU, and ready without one, so many seconds each."""
    for thread, (ran_s, waited_s) in clocks_s.items():
        task = folder / "7" / "task" / str(thread)
        task.mkdir(parents=True, exist_ok=True)
        (task / "schedstat").write_text(f"{ran_s * 1e9:.0f} {waited_s * 1e9:.0f} 5\n")
    (folder / "7" / "maps").write_text(maps)


def test_threads_that_run_or_wait_for_a_cpu_are_counted(tmp_path: Path) -> None:
    watch = ThreadWatch(7, 0.0, tmp_path)
    _write(tmp_path, {1: (9.0, 9.0), 2: (0.0, 0.0), 3: (0.0, 0.0), 4: (0.0, 0.0)})
    watch.look(0.5)  # the begin is left out
    watch.look(1.0)
    assert watch.load is None
    mapped = "7f00 r-xp /x/cv2/cv2.abi3.so\n7f01 r-xp /x/libtorch_cpu.so\n"
    _write(tmp_path, {1: (9.5, 9.5), 2: (0.5, 0.0), 3: (0.1, 0.0), 4: (0.0, 0.8)}, mapped)
    watch.look(1.5)  # too soon
    watch.look(2.0)
    load = watch.load
    assert load is not None
    assert load.wanting == pytest.approx(1.0 + 0.5 + 0.1 + 0.8)
    assert (load.busy, load.libraries) == (3, ("OpenCV", "PyTorch"))
    # A thread that has ended, and a new one of which it is not known since when it runs.
    (tmp_path / "7" / "task" / "4" / "schedstat").unlink()
    _write(tmp_path, {1: (9.5, 9.5), 2: (1.5, 0.0), 3: (0.1, 0.0), 5: (70.0, 0.0)})
    watch.look(3.0)
    assert watch.load == ThreadLoad(pytest.approx((2.4 + 1.0) / 2), 2, load.libraries)


def test_a_system_that_does_not_tell_leaves_it_unknown(tmp_path: Path) -> None:
    watch = ThreadWatch(7, 0.0, tmp_path)
    for now_s in (1.0, 2.0, 3.0):
        watch.look(now_s)
    assert watch.load is None


@pytest.mark.skipif(sys.platform != "linux", reason="of Linux")
def test_this_process_has_threads() -> None:
    watch = ThreadWatch(os.getpid(), 0.0)
    watch.look(1.0)
    watch.look(2.0)
    assert watch.load is not None
