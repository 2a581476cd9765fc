"""Which threads of a program want the CPU, and whose they may be; Linux tells, others do not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.application.surroundings import ThreadLoad

_EVERY_S = 1.0
_BUSY_SHARE = 0.3
_SKIPPED_S = 1.0
"""Of the begin: imports are no work."""

_LIBRARIES = {
    "libtorch_cpu": "PyTorch",
    "/cv2/": "OpenCV",
    "libopencv_core": "OpenCV",
    "openblas": "OpenBLAS",
    "libmkl_": "MKL",
    "libgomp": "OpenMP",
    "libiomp5": "OpenMP",
    "libonnxruntime": "ONNX Runtime",
    "libtensorflow": "TensorFlow",
}
"""Parts of the paths of files that are mapped, and whose threads these have."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """Of a thread, since it began: on a CPU, and ready without one."""

    ran_s: float
    waited_s: float

    @property
    def wanted_s(self) -> float:
        return self.ran_s + self.waited_s


class ThreadWatch:
    """Looks at the threads of a process once a second.

    Args:
        pid: of the process.
        now_s: seconds of the clock that `look` goes by.
        proc: where the system tells of processes.
    """

    def __init__(self, pid: int, now_s: float, proc: Path = Path("/proc")) -> None:
        self._folder = proc / str(pid)
        self._next_s = now_s + _SKIPPED_S
        self._before_s = now_s
        self._before: dict[str, _Clock] = {}
        self._wanted_s = 0.0
        self._busy_s = 0.0
        self._watched_s = 0.0
        self._libraries: tuple[str, ...] = ()

    def look(self, now_s: float) -> None:
        """Look, unless that was done less than a second ago."""
        if now_s < self._next_s:
            return
        self._next_s = now_s + _EVERY_S
        clocks = self._clocks()
        passed_s = now_s - self._before_s
        if self._before and clocks:
            wanted_s = [
                max(0.0, clock.wanted_s - self._before[thread].wanted_s)
                for thread, clock in clocks.items()
                if thread in self._before
            ]
            self._wanted_s += sum(wanted_s)
            self._busy_s += passed_s * sum(one >= _BUSY_SHARE * passed_s for one in wanted_s)
            self._watched_s += passed_s
            self._libraries = self._loaded() or self._libraries
        self._before, self._before_s = clocks, now_s

    @property
    def load(self) -> ThreadLoad | None:
        """What was seen; None = too little, or the system does not tell."""
        if self._watched_s < _EVERY_S:
            return None
        busy = round(self._busy_s / self._watched_s)
        return ThreadLoad(self._wanted_s / self._watched_s, busy, self._libraries)

    def _clocks(self) -> dict[str, _Clock]:
        try:
            threads = os.listdir(self._folder / "task")  # noqa: PTH208 - names only
        except OSError:
            return {}
        clocks = {thread: _clock(self._folder / "task" / thread) for thread in threads}
        return {thread: clock for thread, clock in clocks.items() if clock is not None}

    def _loaded(self) -> tuple[str, ...]:
        try:
            maps = (self._folder / "maps").read_text("utf-8", "replace")
        except OSError:
            return ()
        return tuple(sorted({name for part, name in _LIBRARIES.items() if part in maps}))


def _clock(folder: Path) -> _Clock | None:
    """None where the thread has ended, or the system does not tell."""
    try:
        words = (folder / "schedstat").read_text("ascii").split()
        return _Clock(int(words[0]) / 1e9, int(words[1]) / 1e9)
    except (OSError, ValueError, IndexError):
        return None
