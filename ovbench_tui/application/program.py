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
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, perf_counter_ns
from typing import IO, Any

import numpy as np
import psutil

from ovbench_tui.application.analysis import Analysis, analyse
from ovbench_tui.application.inputs import convert_ns, inputs_of
from ovbench_tui.application.process_threads import ThreadWatch
from ovbench_tui.application.recorder import startup
from ovbench_tui.application.recorder.layout import APART_VARIABLE, MEMORY_VARIABLE
from ovbench_tui.application.shared_memory import RecordMemory
from ovbench_tui.application.surroundings import Surroundings
from ovbench_tui.application.trace import Records, Trace, TraceReader
from ovbench_tui.system.machine_watch import cpu_times
from ovbench_tui.tuning.search.space import usable_cpus

_CAPACITY = 1 << 17
_READ_EVERY_S = 0.1
_LOOK_EVERY_S = 0.09
_MOST_READINGS = 10_000
_SIGNALLED = 128
_FORWARDED = ("SIGTERM", "SIGHUP")
_STARTUP = str(Path(str(startup.__file__)).parent)


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """A program that has ended, or how far it has come.

    Attributes:
        exit_code: 128 and the number of the signal where one ended it; None = it still runs.
        begin_ns: of `perf_counter_ns`, when it was started; `end_ns` when it had ended, or now.
        machine: without what it was to the program's main thread.
        readings: times since its start, in seconds, and by then how long its main thread had been
            ready to run without a CPU, and its CPU time; NaN = unknown.
    """

    trace: Trace
    exit_code: int | None
    begin_ns: int
    end_ns: int
    machine: Surroundings
    readings: tuple[tuple[float, float, float], ...]

    @property
    def analysis(self) -> Analysis | None:
        """See `analyse`."""
        return analyse(self.trace, self.begin_ns, self.end_ns)

    def around(self, analysis: Analysis | None) -> Surroundings:
        """The machine while inferences were running."""
        if not self.readings or analysis is None:
            return self.machine
        times_s, preempted_s, cpu_s = np.array(self.readings).T
        window = np.array([analysis.first_s, analysis.first_s + analysis.running_s])
        return replace(
            self.machine,
            preempted_s=float(np.diff(np.interp(window, times_s, preempted_s))[0]),
            program_cpu_s=float(np.diff(np.interp(window, times_s, cpu_s))[0]),
        )


class RunningProgram:
    """A program that was started, and what is recorded of it.

    Args:
        words: what stands behind ``python``, as in ``script.py --fast`` or ``-m package``.
        stdout, stderr: where its output goes; None = where ours goes.
        is_apart: the terminal is not its: it has no keyboard, and its own session.

    Attributes:
        reader: reads what is recorded; `look` has it read.
        begin_ns: of `perf_counter_ns`, when it was started.
    """

    def __init__(
        self,
        words: Sequence[str],
        stdout: IO[Any] | int | None = None,
        stderr: IO[Any] | int | None = None,
        *,
        is_apart: bool = False,
    ) -> None:
        memory = RecordMemory(_CAPACITY)
        self.reader = TraceReader(memory.memory, memory.capacity)
        self._cpu = _CpuShares()
        self._readings: list[tuple[float, float, float]] = []
        self._looked_s = -math.inf
        self._ended: ProgramRun | None = None
        self.begin_ns = perf_counter_ns()
        self._process = subprocess.Popen(  # noqa: S603 - what the user typed
            [sys.executable, *words],
            env=_environment(os.environ, memory.handle, is_apart=is_apart),
            pass_fds=memory.descriptors,
            stdin=subprocess.DEVNULL if is_apart else None,
            stdout=stdout,
            stderr=stderr,
            start_new_session=is_apart,
        )
        memory.close_descriptors()
        self._threads = ThreadWatch(self._process.pid, self.begin_ns / 1e9)
        self._is_apart = is_apart

    def look(self) -> Records:
        """Take over what was recorded since the last time, and return it."""
        new = self.reader.read()
        now_s = perf_counter()
        if self._process.returncode is None and now_s - self._looked_s >= _LOOK_EVERY_S:
            self._looked_s = now_s
            self._threads.look(now_s)
            cpu_s = self._cpu.look(self._process.pid)
            if not math.isnan(cpu_s):
                passed_s = now_s - self.begin_ns / 1e9
                self._readings.append((passed_s, _preempted_s(self._process.pid), cpu_s))
            if len(self._readings) > _MOST_READINGS:  # coarser, for a program that runs long
                del self._readings[1::2]
        return new

    def wait(self, timeout_s: float) -> bool:
        """Wait for its end; whether it has come."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
        return self._process.returncode is not None

    def send_signal(self, number: int) -> None:
        """Send a signal to it, and to the processes that it has started where it runs apart."""
        if self._process.returncode is not None:
            return
        if self._is_apart and sys.platform != "win32":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
        else:
            self._process.send_signal(number)

    def run(self, newest: int | None = None) -> ProgramRun:
        """What there is to say of it so far; once it has ended, always the same.

        Args:
            newest: while it runs, only of about so many of the newest records.
        """
        if self._ended is not None:
            return self._ended
        code = self._process.poll()
        end_ns = perf_counter_ns()
        others_cpu, idle_cpu = self._cpu.others_and_idle()
        if code is not None:
            self.reader.read()
        trace = self.reader.trace(newest if code is None else None)
        is_byte_input = code is not None and bool(trace.byte_values)
        run = ProgramRun(
            trace=trace,
            exit_code=_SIGNALLED - code if code is not None and code < 0 else code,
            begin_ns=self.begin_ns,
            end_ns=end_ns,
            machine=Surroundings(
                cpus=usable_cpus(),
                others_cpu=others_cpu,
                idle_cpu=idle_cpu,
                threads=self._threads.load,
                convert_ns=convert_ns(inputs_of(trace)) if is_byte_input else math.nan,
            ),
            readings=tuple(self._readings),
        )
        if code is not None:
            self._ended = run
        return run


def run_program(words: Sequence[str], stdout: IO[Any] | None = None) -> ProgramRun:
    """Run a program until it ends; see `RunningProgram`."""
    program = RunningProgram(words, stdout)
    with _signals_of(program):
        while not program.wait(_READ_EVERY_S):
            program.look()
    return program.run()


def _environment(ours: Mapping[str, str], handle: str, *, is_apart: bool) -> dict[str, str]:
    """What the program would have without us, and what starts the recorder."""
    environment = dict(ours)
    if not getattr(sys.flags, "safe_path", False):
        environment.pop("PYTHONSAFEPATH", None)  # set by us; our own interpreter has not seen it
    path = environment.get("PYTHONPATH", "")
    environment["PYTHONPATH"] = _STARTUP + (os.pathsep + path if path else "")
    environment[MEMORY_VARIABLE] = handle
    if is_apart:
        environment[APART_VARIABLE] = "1"
    return environment


@contextmanager
def _signals_of(program: RunningProgram) -> Iterator[None]:
    """Leave it to the program what a signal means that would end us.

    Ctrl-C reaches every process of the terminal; any other signal is passed on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def pass_on(number: int, _frame: object) -> None:
        if number != signal.SIGINT or not _has_terminal():
            program.send_signal(number)

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
    """See `Surroundings`; only Linux has it."""
    try:
        words = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()
        return int(words[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return math.nan


class _CpuShares:
    """How much of the machine other processes than the program and us take."""

    def __init__(self) -> None:
        self._begin = cpu_times()
        self._own_begin = os.times()
        self._program_s = 0.0

    def look(self, pid: int) -> float:
        """See how much the program has used, in seconds; NaN = it has just ended."""
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.Error:
            return math.nan
        self._program_s = float(times.user + times.system)
        return self._program_s

    def others_and_idle(self) -> tuple[float, float]:
        """See `Surroundings`."""
        end, own_end, begin = cpu_times(), os.times(), self._own_begin
        total_s = end.total_s - self._begin.total_s
        if total_s <= 0:
            return math.nan, math.nan
        own_s = own_end.user + own_end.system - begin.user - begin.system
        # With the processes that it has started and waited for; Windows does not know.
        program_s = own_end.children_user + own_end.children_system
        program_s -= begin.children_user + begin.children_system
        ours_s = own_s + max(program_s, self._program_s)
        others_s = min(max(end.busy_s - self._begin.busy_s - ours_s, 0.0), total_s)
        return others_s / total_s, (end.idle_s - self._begin.idle_s) / total_s
