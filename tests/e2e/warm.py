"""Starting the program from a process that has imported it; see `warm_server`."""

from __future__ import annotations

import atexit
import functools
import io
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

PROGRAM = (sys.executable, "-m", "ovbench_tui")
_LENGTH = struct.Struct("I")
_REPOSITORY = Path(__file__).resolve().parents[2]
_READ_AT_THE_START = ("PYTHON", "LANG", "LC_", "LD_", "TEXTUAL", "OPENVINO", "OV_", "ESCDELAY")
"""What variables begin with that are read before the program's first line, or by an import."""


class WarmProcess:
    """One start of the program, with what tests use of `subprocess.Popen`.

    Args:
        arguments: without the program itself.
        environment: the whole of it; see `can_be_warm`.
        stdin, stdout, stderr: descriptors, or PIPE for an output.
        folder: where it starts; None = here.
        new_session: whether it leads a session, with its terminal if stdin is one.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        stdin: int,
        stdout: int,
        stderr: int,
        folder: Path | None = None,
        new_session: bool = False,
    ) -> None:
        self.returncode: int | None = None
        pipes: list[int] = []
        self.stdout = self._reader(stdout, pipes)
        self.stderr = self._reader(stderr, pipes)
        streams = [stdin, *(pipes.pop(0) if n == subprocess.PIPE else n for n in (stdout, stderr))]
        self._status, told = os.pipe()
        request = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": str(folder or Path.cwd()),
            "new_session": new_session,
        }
        body = json.dumps(request).encode()
        channel = server()
        socket.send_fds(channel, [_LENGTH.pack(len(body))], [*streams, told])
        channel.sendall(body)
        for descriptor in (told, *(n for n in streams if n not in (stdin, stdout, stderr))):
            os.close(descriptor)
        self.pid = self._number()

    @staticmethod
    def _reader(stream: int, pipes: list[int]) -> IO[bytes] | None:
        if stream != subprocess.PIPE:
            return None
        readable, writable = os.pipe()
        pipes.append(writable)
        return os.fdopen(readable, "rb")

    def _number(self) -> int:
        data = os.read(self._status, _LENGTH.size)
        assert data, "the process that starts the programs has ended"
        return int(_LENGTH.unpack(data)[0])

    def poll(self) -> int | None:
        """Return the exit code once it has ended."""
        self._wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; returns the exit code."""
        if not self._wait(timeout):
            raise subprocess.TimeoutExpired("ovbench-tui", timeout or 0.0)
        assert self.returncode is not None
        return self.returncode

    def _wait(self, timeout: float | None) -> bool:
        if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
            number = self._number()
            self.returncode = number - (1 << 32) if number >> 31 else number
            os.close(self._status)
        return self.returncode is not None

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float) -> tuple[bytes, bytes]:
        """Return all that it writes to its pipes, once it has ended."""
        end_s = time.monotonic() + timeout
        read = {stream.fileno(): io.BytesIO() for stream in (self.stdout, self.stderr) if stream}
        left = set(read)
        while left:
            ready, _, _ = select.select(left, [], [], max(0.0, end_s - time.monotonic()))
            if not ready:
                self.kill()
                raise subprocess.TimeoutExpired("ovbench-tui", timeout)
            for number in ready:
                data = os.read(number, 1 << 16)
                read[number].write(data)
                if not data:
                    left.discard(number)
        self.wait(max(0.0, end_s - time.monotonic()))
        written = []
        for stream in (self.stdout, self.stderr):
            written.append(read[stream.fileno()].getvalue() if stream else b"")
            if stream:
                stream.close()
        return written[0], written[1]


def can_be_warm(environment: Mapping[str, str]) -> bool:
    """Whether a process that began with the variables of the tests could have begun with these."""
    same = _read_at_the_start(environment) == _read_at_the_start(_environment())
    return sys.platform == "linux" and same


def _read_at_the_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value for name, value in environment.items() if name.startswith(_READ_AT_THE_START)
    }


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONPATH": str(_REPOSITORY), "LANG": "C.UTF-8"}


@functools.cache
def server() -> socket.socket:
    """Where starts are asked for; the process behind it ends with this one."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.warm_server", str(theirs.fileno())],
        cwd=_REPOSITORY,
        # What it starts must be one thread that forks; the program gets variables of its own.
        env=_environment() | {"OPENBLAS_NUM_THREADS": "1"},
        pass_fds=[theirs.fileno()],
        start_new_session=True,
    )
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
