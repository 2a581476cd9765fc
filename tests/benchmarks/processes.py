"""Runs programs to their end, plainly or in a terminal, and leaves none behind."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from types import TracebackType

import psutil

from tests.benchmarks.parsing import last_lines

_CHUNK = 1 << 16
_GRACE_S = 5.0


class ProgramFailedError(RuntimeError):
    """A measured program failed, or did not come to its end."""


def run_to_end(argv: Sequence[str], env: Mapping[str, str], folder: Path, timeout_s: float) -> str:
    """Run a program with no terminal and return what it printed on stdout.

    Raises:
        ProgramFailedError: it took longer than `timeout_s`, or its exit code was not 0.
    """
    process = subprocess.Popen(
        argv,
        env=dict(env),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        raise ProgramFailedError(f"{_name(argv)} did not end within {timeout_s:g} s.") from error
    finally:
        if process.poll() is None:
            _kill_group(process.pid)
            process.communicate()
    if process.returncode:
        said = last_lines((err.strip() or out).encode())
        raise ProgramFailedError(f"{_name(argv)} ended with {process.returncode}: {said}")
    return out


def program_behind(guard_pid: int) -> int:
    """The process that draws: on a terminal, the only child of the one that was started."""
    return psutil.Process(guard_pid).children()[0].pid


class Terminal:
    """A program in a pseudo terminal of its own, whose output is read as it comes.

    Reading costs less than any real terminal emulator's drawing.

    Attributes:
        pid: of the program.
        output: all that it wrote so far.
        started_s: `perf_counter` just before the program was started.
    """

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        folder: Path,
        columns: int = 120,
        rows: int = 40,
    ) -> None:
        self._argv = argv
        self.output = bytearray()
        self._exit_code: int | None = None
        environment = {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.started_s = perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:  # the child: nothing but the way to the program
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.chdir(folder)
                os.execvpe(argv[0], list(argv), environment)  # noqa: S606
            finally:
                os._exit(127)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill what still runs."""
        if self._exit_code is None:
            _kill_group(self.pid)
            self._reap()
        os.close(self._fd)

    def wait_for(self, condition: Callable[[bytearray], bool], timeout_s: float) -> float:
        """Read until the output fulfils the condition; returns the `perf_counter` of then.

        Raises:
            ProgramFailedError: the program ended, or `timeout_s` passed, before it did.
        """
        end_s = perf_counter() + timeout_s
        while not condition(self.output):
            if perf_counter() > end_s or not self._read(end_s):
                raise ProgramFailedError(
                    f"{_name(self._argv)} never showed what was waited for"
                    f" within {timeout_s:g} s: {last_lines(self.output)}"
                )
        return perf_counter()

    def watch(self, seconds: float) -> None:
        """Read on for so long.

        Raises:
            ProgramFailedError: the program ended meanwhile.
        """
        end_s = perf_counter() + seconds
        while perf_counter() < end_s:
            if not self._read(end_s):
                raise ProgramFailedError(
                    f"{_name(self._argv)} ended too early: {last_lines(self.output)}"
                )

    def type(self, keys: bytes) -> None:
        """Send keys."""
        os.write(self._fd, keys)

    def wait_for_end(self, timeout_s: float) -> bytes:
        """Read to the end and return all the output.

        Raises:
            ProgramFailedError: it did not end in time, or its exit code was not 0.
        """
        end_s = perf_counter() + timeout_s
        while self._read(end_s):
            if perf_counter() > end_s:
                raise ProgramFailedError(f"{_name(self._argv)} did not end within {timeout_s:g} s.")
        self._reap()
        if self._exit_code:
            raise ProgramFailedError(
                f"{_name(self._argv)} ended with {self._exit_code}: {last_lines(self.output)}"
            )
        return bytes(self.output)

    def _read(self, until_s: float) -> bool:
        """Take what is there, waiting for it until `until_s`; False when the program is gone."""
        ready, _, _ = select.select([self._fd], [], [], max(0.0, until_s - perf_counter()))
        if not ready:
            return True
        try:
            chunk = os.read(self._fd, _CHUNK)
        except OSError:  # EIO: nobody holds the other side any more
            return False
        self.output += chunk
        return bool(chunk)

    def _reap(self) -> None:
        """Wait for the program, which has closed its terminal or was killed."""
        end_s = perf_counter() + _GRACE_S
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._exit_code = os.waitstatus_to_exitcode(status)
                return
            if perf_counter() > end_s:
                _kill_group(self.pid)
                end_s = float("inf")
            select.select([], [], [], 0.005)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _name(argv: Sequence[str]) -> str:
    return " ".join(Path(part).name if "/" in part else part for part in argv[:4])
