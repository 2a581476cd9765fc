"""Sees that the process was stopped, so that the time of it is not taken for measured time.

Ctrl-Z, SIGSTOP, a suspended or frozen machine, a process that gets no processor: in all of
these no Python runs for a while, and what completes next looks as if it had taken that long.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

TICK_S = 0.1
"""Seconds; a stop is known to begin and to end no more exactly than this."""

STOPPED_AFTER_S = 1.0
"""A tick that is so late is not a slow machine's: a scheduler gives every process its turn within
fractions of a second, and a control group that is out of its quota waits for parts of its period
of 0.1 s. Inferences, even of minutes, and compiling run
without the GIL, so ticks go on meanwhile."""

_IDLE_SHARE = 0.5
"""While it is stopped a process uses no CPU time but that of the ends of the gap. Where it has
used more than half of what is usual it was at work, whatever kept the ticks from coming."""

_LEAST_USUAL = 0.2
"""CPU seconds a second that are taken for usual at least: a waiting engine uses next to none."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The process was stopped.

    Attributes:
        begin_s: the last moment at which it surely ran, by `perf_counter`; it ran for less
            than `TICK_S` longer.
        end_s: when it was seen to run again.
        lasted_s: seconds on the wall: `perf_counter` may stand still while a machine is
            suspended.
    """

    begin_s: float
    end_s: float
    lasted_s: float


@dataclass(frozen=True, slots=True)
class Clocks:
    """What is read at a tick, in seconds.

    Attributes:
        now_s: as completions are stamped with.
        awake_s: one that also runs while the machine is suspended.
        cpu_s: CPU time that this process has used.
    """

    now_s: float
    awake_s: float
    cpu_s: float


def read_clocks() -> Clocks:
    """Read the clocks of this machine and this process."""
    return Clocks(perf_counter(), _suspended_too_s(), time.process_time())


def _suspended_too_s() -> float:
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return perf_counter()


class StopDetector:
    """Compares each reading of the clocks with the one before."""

    def __init__(self, clocks: Clocks) -> None:
        self._before = clocks
        self._usual = 0.0

    def look(self, clocks: Clocks) -> Stop | None:
        """Take a reading; returns the stop that lies between it and the last one."""
        before, self._before = self._before, clocks
        gap_s = clocks.now_s - before.now_s
        lasted_s = max(gap_s, clocks.awake_s - before.awake_s)
        cpu_s = clocks.cpu_s - before.cpu_s
        usual = max(self._usual, _LEAST_USUAL)
        if lasted_s >= STOPPED_AFTER_S and cpu_s <= _IDLE_SHARE * usual * lasted_s:
            return Stop(before.now_s, clocks.now_s, lasted_s)
        if gap_s >= TICK_S / 2:  # of a shorter time the CPU clock says little
            self._usual = cpu_s / gap_s
        return None


class StopWatch:
    """Ticks on a thread of its own, and holds what completes back until it is known good.

    Each tick notes the time in the ring: whoever reads it takes nothing that completed later.
    After a stop nothing is noted until the worker has heeded it (`take`, then `go_on`), so no
    reader can have taken what completed after the stop for measured before it hears of it.

    Args:
        note: stores up to when completions are known good, by `perf_counter`; infinity = all.
        tell: called on the thread, once for each stop.
        read: reads the clocks.
    """

    def __init__(
        self,
        note: Callable[[float], None],
        tell: Callable[[], None],
        read: Callable[[], Clocks] = read_clocks,
    ) -> None:
        self._note = note
        self._tell = tell
        self._read = read
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ovbench-stop-watch", daemon=True)
        self._detector = StopDetector(read())
        self._stop: Stop | None = None

    def start(self) -> None:
        """Begin to tick."""
        self._note(self._read().now_s)
        self._thread.start()

    def end(self) -> None:
        """Tick no more; everything that completes later is taken for good."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._note(math.inf)

    def take(self) -> Stop | None:
        """Look now; returns the stop that was not heeded yet. Only for the worker's thread."""
        self._look()
        return self._stop

    def go_on(self) -> None:
        """The stop is heeded: what was cut out has been announced."""
        with self._lock:
            self._stop = None
            self._note(self._read().now_s)

    def _look(self) -> bool:
        """Take a reading; returns whether a stop is new."""
        with self._lock:
            clocks = self._read()
            stop = self._detector.look(clocks)
            if stop is None:
                if self._stop is None:
                    self._note(clocks.now_s)
                return False
            known = self._stop
            if known is None:
                self._stop = stop
            else:  # the worker did not come to the one before it: one cut takes both out
                lasted_s = known.lasted_s + stop.lasted_s
                self._stop = Stop(known.begin_s, stop.end_s, lasted_s)
            return known is None

    def _run(self) -> None:
        while not self._ended.wait(TICK_S):
            if self._look():
                self._tell()
