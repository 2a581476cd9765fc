"""Which other process takes most of the CPU, looked for rarely: it costs a file a process."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.console.text import clean
from ovbench_tui.system.kernel_file import numbered_entries, read_kernel_file

# After the name, which may hold blanks and brackets: see proc_pid_stat(5).
_USER, _SYSTEM, _STARTED = 11, 12, 19
_FIRST_AFTER_S = 1.0
_EVERY_S = 5.0
_COST_SHARE = 0.001
"""Of a core, that looking may take: with thousands of processes it is done more rarely."""
_OLDEST_S = 30.0
"""A look that long ago would answer for a time that is over."""
_LEAST_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class OtherProcess:
    """A process that is not ours.

    Attributes:
        name: as the kernel has it, at most 15 letters.
        share: of the time of all CPUs, when it was looked at.
    """

    name: str
    pid: int
    share: float

    def __str__(self) -> str:
        return f"{self.name}, pid {self.pid}"

    def beside(self, others_share: float) -> str:
        """Name it behind what all others took; its own share where that is not most of it."""
        if self.share >= others_share / 2:
            return f"{self}"
        return f"{self}, alone {self.share * 100:.0f} %"


@dataclass(frozen=True, slots=True)
class _Times:
    """CPU time of a process since its start; `started` tells it from one with the same pid."""

    name: str
    started: int
    cpu_s: float


class LargestProcess:
    """Finds the process of others that took most CPU time between two looks.

    The first answer comes a second after the first look, then there is another one every five
    seconds, or more rarely where looking would cost more than a thousandth of a core.

    Args:
        root: of the file system, for tests.
        cpu_time_s: CPU time of the calling thread; what a look costs is measured by it.
    """

    def __init__(
        self, root: Path = Path("/"), cpu_time_s: Callable[[], float] = time.thread_time
    ) -> None:
        self._proc = str(root / "proc")
        self._cpu_time_s = cpu_time_s
        self._before: dict[int, _Times] = {}
        self._looked_s = -math.inf
        self._due_s = -math.inf
        self._affordable_s = -math.inf
        self._known: OtherProcess | None = None

    def rest(self) -> None:
        """Forget who it was: others take too little to be looked at."""
        self._known = None

    def look(self, now_s: float, own_pids: Collection[int], cpus: int) -> OtherProcess | None:
        """Return the largest of the last look, after another one where that is due.

        Args:
            now_s: `perf_counter` seconds.
            own_pids: processes that are ours.
            cpus: CPUs of the machine.

        Returns:
            None while it is not known, where nothing tells of processes, and where none that
            can be seen takes a noticeable share.
        """
        if now_s < self._due_s:
            return self._known
        before, passed_s = self._before, now_s - self._looked_s
        is_first = not before or passed_s > _OLDEST_S
        begin_s = self._cpu_time_s()
        after = self._read(own_pids)
        cost_s = max(0.0, self._cpu_time_s() - begin_s)
        self._before, self._looked_s = after, now_s
        self._affordable_s = max(now_s, self._affordable_s) + cost_s / _COST_SHARE
        # What the first look costs is paid by a longer time after the second one.
        after_first_s = now_s + _FIRST_AFTER_S
        self._due_s = after_first_s if is_first else max(now_s + _EVERY_S, self._affordable_s)
        self._known = None if is_first else _largest(before, after, passed_s * cpus)
        return self._known

    def _read(self, own_pids: Collection[int]) -> dict[int, _Times]:
        if sys.platform == "win32":  # there is neither /proc nor anybody to tell its unit
            return {}
        tick_s = 1 / os.sysconf("SC_CLK_TCK")
        found: dict[int, _Times] = {}
        for entry in numbered_entries(self._proc):
            if int(entry) in own_pids:
                continue
            head, _, rest = (read_kernel_file(f"{self._proc}/{entry}/stat") or "").rpartition(")")
            words = rest.split(None, _STARTED + 1)
            if len(words) > _STARTED:
                cpu_s = (int(words[_USER]) + int(words[_SYSTEM])) * tick_s
                name = head.partition("(")[2]
                found[int(entry)] = _Times(name, int(words[_STARTED]), cpu_s)
        return found


def _largest(
    before: dict[int, _Times], after: dict[int, _Times], cpu_time_s: float
) -> OtherProcess | None:
    """The process that took most; one that is new since took all of its time since."""
    most_s, largest = 0.0, 0
    for pid, times in after.items():
        old = before.get(pid)
        is_same = old is not None and old.started == times.started
        took_s = times.cpu_s - old.cpu_s if old is not None and is_same else times.cpu_s
        if took_s > most_s:
            most_s, largest = took_s, pid
    if cpu_time_s <= 0 or most_s < _LEAST_SHARE * cpu_time_s:
        return None
    return OtherProcess(clean(after[largest].name), largest, min(1.0, most_s / cpu_time_s))
