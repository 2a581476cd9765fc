"""Runs the user's own program in a child process, as it would run alone, and records it."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import IO, Any

import numpy as np
import psutil

from ovbench_tui.application.analysis import Analysis, analyse
from ovbench_tui.application.recorder import startup
from ovbench_tui.application.recorder.layout import MEMORY_VARIABLE
from ovbench_tui.application.shared_memory import RecordMemory
from ovbench_tui.application.trace import Trace, TraceReader
from ovbench_tui.application.verdict import Surroundings
from ovbench_tui.tuning.search.space import usable_cpus

_CAPACITY = 1 << 17
_READ_EVERY_S = 0.1
_MOST_READINGS = 10_000
_SIGNALLED = 128
_FORWARDED = ("SIGTERM", "SIGHUP")
_STARTUP = str(Path(str(startup.__file__)).parent)


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """A program that has ended.

    Attributes:
        exit_code: 128 and the number of the signal where one ended it.
        begin_ns: of `perf_counter_ns`, when it was started; `end_ns` when it had ended.
        cpus: that it may use.
        others_cpu, idle_cpu: see `Surroundings`.
        preempted: times since its start, in seconds, and how long its main thread had been ready
            to run without a CPU by then; empty = unknown.
    """

    trace: Trace
    exit_code: int
    begin_ns: int
    end_ns: int
    cpus: int
    others_cpu: float
    idle_cpu: float
    preempted: tuple[tuple[float, float], ...]

    @property
    def analysis(self) -> Analysis | None:
        """See `analyse`."""
        return analyse(self.trace, self.begin_ns, self.end_ns)

    def around(self, analysis: Analysis | None) -> Surroundings:
        """The machine while inferences were running."""
        preempted_s = math.nan
        if self.preempted and analysis is not None:
            times_s, sums_s = np.array(self.preempted).T
            window = np.array([analysis.first_s, analysis.first_s + analysis.running_s])
            preempted_s = float(np.diff(np.interp(window, times_s, sums_s))[0])
        return Surroundings(self.cpus, self.others_cpu, self.idle_cpu, preempted_s)


def run_program(words: Sequence[str], stdout: IO[Any] | None = None) -> ProgramRun:
    """Run a program until it ends.

    Args:
        words: what stands behind ``python``, as in ``script.py --fast`` or ``-m package``.
        stdout: where its output goes; None = where ours goes.
    """
    memory = RecordMemory(_CAPACITY)
    reader = TraceReader(memory.memory, memory.capacity)
    cpu = _CpuShares()
    begin_s = perf_counter()
    process = subprocess.Popen(  # noqa: S603 - what the user typed
        [sys.executable, *words],
        env=_environment(os.environ, memory.handle),
        pass_fds=memory.descriptors,
        stdout=stdout,
    )
    memory.close_descriptors()
    preempted: list[tuple[float, float]] = []
    with _signals_of(process):
        while True:
            try:
                code = process.wait(_READ_EVERY_S)
            except subprocess.TimeoutExpired:
                reader.read()
                cpu.look(process.pid)
                preempted_s = _preempted_s(process.pid)
                if not math.isnan(preempted_s):
                    preempted.append((perf_counter() - begin_s, preempted_s))
                    if len(preempted) > _MOST_READINGS:  # coarser, for a program that runs long
                        del preempted[1::2]
                continue
            break
    end_s = perf_counter()
    others_cpu, idle_cpu = cpu.others_and_idle()
    reader.read()
    return ProgramRun(
        trace=reader.trace(),
        exit_code=code if code >= 0 else _SIGNALLED - code,
        begin_ns=int(begin_s * 1e9),
        end_ns=int(end_s * 1e9),
        cpus=usable_cpus(),
        others_cpu=others_cpu,
        idle_cpu=idle_cpu,
        preempted=tuple(preempted),
    )


def _environment(ours: Mapping[str, str], handle: str) -> dict[str, str]:
    """What the program would have without us, and what starts the recorder."""
    environment = dict(ours)
    if not getattr(sys.flags, "safe_path", False):
        environment.pop("PYTHONSAFEPATH", None)  # set by us; our own interpreter has not seen it
    path = environment.get("PYTHONPATH", "")
    environment["PYTHONPATH"] = _STARTUP + (os.pathsep + path if path else "")
    environment[MEMORY_VARIABLE] = handle
    return environment


@contextmanager
def _signals_of(process: subprocess.Popen[Any]) -> Iterator[None]:
    """Leave it to the program what a signal means that would end us.

    Ctrl-C reaches every process of the terminal; any other signal is passed on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def pass_on(number: int, _frame: object) -> None:
        if number != signal.SIGINT or not _has_terminal():
            process.send_signal(number)

    names = ("SIGINT", *_FORWARDED)
    before = {}
    for name in names:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, pass_on)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _has_terminal() -> bool:
    """Whether this is the foreground of a terminal, whose Ctrl-C reaches the program as well."""
    if sys.platform == "win32":
        return True
    try:
        descriptor = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _preempted_s(pid: int) -> float:
    """See `verdict.Surroundings`; only Linux has it."""
    try:
        words = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()
        return int(words[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return math.nan


class _CpuShares:
    """How much of the machine other processes than the program and us take."""

    def __init__(self) -> None:
        self._begin = psutil.cpu_times()
        self._own_begin = os.times()
        self._program_s = 0.0

    def look(self, pid: int) -> None:
        """See how much the program has used: where the system does not say so at its end."""
        with suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            self._program_s = float(times.user + times.system)

    def others_and_idle(self) -> tuple[float, float]:
        """See `verdict.Surroundings`; to be asked when the program has ended."""
        end, own_end, begin = psutil.cpu_times(), os.times(), self._own_begin
        total_s = _all_s(end) - _all_s(self._begin)
        if total_s <= 0:
            return math.nan, math.nan
        idle_s = _idle_s(end) - _idle_s(self._begin)
        own_s = own_end.user + own_end.system - begin.user - begin.system
        # With the processes that it has started and waited for; Windows does not know.
        program_s = own_end.children_user + own_end.children_system
        program_s -= begin.children_user + begin.children_system
        ours_s = own_s + max(program_s, self._program_s)
        others_s = min(max(total_s - idle_s - ours_s, 0.0), total_s)
        return others_s / total_s, idle_s / total_s


def _all_s(times: Any) -> float:
    """CPU time of the machine; that of guests is in the user's already."""
    guests_s = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return float(sum(times)) - guests_s


def _idle_s(times: Any) -> float:
    return float(times.idle + getattr(times, "iowait", 0.0))
