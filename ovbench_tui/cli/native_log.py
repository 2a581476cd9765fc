"""Keeps what native code writes to fds 1 and 2 off the screen: it goes to a log file.

The whole text of errors that the user reads in one sentence goes there, too.
"""

from __future__ import annotations

import faulthandler
import io
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import platformdirs

from ovbench_tui.console.error_log import keep_errors

_LOGS_KEPT = 10
_SHOWN_BYTES = 256 * 1024


class NativeLog:
    """While entered, fds 1 and 2 lead to a log, and Python's streams still to the terminal.

    OpenVINO's plugins and front ends print from native code, past `sys.stdout`. Textual
    draws on `sys.__stderr__`, so that is moved to a copy of the terminal, too. If the process
    crashes, the log gets where each thread was.

    Attributes:
        path: the log file; None where no file could be made and an unnamed one serves.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or _log_folder()
        self.path: Path | None = None
        self._log_fd = -1
        self._saved_fds: dict[int, int] = {}
        self._streams: list[io.TextIOWrapper] = []
        self._saved_streams: tuple[Any, ...] = ()
        self._reports_crashes = False
        self._end_errors: Callable[[], None] = lambda: None

    def __enter__(self) -> NativeLog:
        """Redirect; call before any thread writes."""
        self._log_fd = self._open()
        if not faulthandler.is_enabled():  # as by PYTHONFAULTHANDLER, on fd 2
            faulthandler.enable(self._log_fd)
            self._reports_crashes = True
        self._saved_streams = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
        for fd, stream in ((1, sys.stdout), (2, sys.stderr)):
            stream.flush()
            self._saved_fds[fd] = os.dup(fd)
            os.dup2(self._log_fd, fd)
            self._streams.append(_text_stream(self._saved_fds[fd], stream))
        sys.stdout, sys.stderr = self._streams
        # Textual asks __stdout__ for the size and draws on __stderr__; where only stdout is
        # the terminal (`2>file`), it must draw there.
        drawn = self._streams[1] if self._streams[1].isatty() else self._streams[0]
        sys.__stdout__, sys.__stderr__ = self._streams[0], drawn  # type: ignore[misc]
        self._end_errors = keep_errors(self._log_fd)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the fds and streams back; an empty log is removed."""
        self._end_errors()
        for stream in self._streams:
            stream.flush()
        out, err, original_out, original_err = self._saved_streams
        sys.stdout, sys.stderr = out, err
        sys.__stdout__, sys.__stderr__ = original_out, original_err  # type: ignore[misc]
        for fd, saved in self._saved_fds.items():
            os.dup2(saved, fd)
            os.close(saved)
        self._streams.clear()
        self._saved_fds.clear()
        if self._reports_crashes:
            faulthandler.disable()
        size = os.fstat(self._log_fd).st_size
        os.close(self._log_fd)
        if self.path is not None and size == 0:
            self.path.unlink(missing_ok=True)

    def read(self) -> str:
        """The newest 256 KiB of the log, control characters left as they came."""
        size = os.fstat(self._log_fd).st_size
        offset = max(0, size - _SHOWN_BYTES)
        return _read_at(self._log_fd, size - offset, offset).decode("utf-8", "replace")

    def _open(self) -> int:
        path = self._folder / _log_name(os.getpid())
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        if not self._folder.is_absolute():  # there is no home folder
            return _unnamed()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._prune()
            fd = _opened(path, flags)
        except OSError:
            return _unnamed()
        self.path = path
        return fd

    def _prune(self) -> None:
        logs = sorted(self._folder.glob("native-*.log"), key=lambda log: log.stat().st_mtime)
        for log in logs[: -_LOGS_KEPT + 1]:
            log.unlink(missing_ok=True)


def find_log(pid: int) -> Path | None:
    """Return the log that a process has left; None where it is empty, and then it is removed."""
    path = _log_folder() / _log_name(pid)
    try:
        if path.stat().st_size:
            return path
        path.unlink()
    except OSError:
        pass
    return None


def _log_folder() -> Path:
    return platformdirs.user_log_path("ovbench-tui")


def _log_name(pid: int) -> str:
    return f"native-{pid}.log"


def _opened(path: Path, flags: int) -> int:
    fd = os.open(path, flags, 0o600)
    found = os.fstat(fd)
    is_ours = not hasattr(os, "geteuid") or found.st_uid == os.geteuid()
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and is_ours:
        return fd
    # Somebody has put it there, to see the log or to have it written into another file.
    os.close(fd)
    raise FileExistsError(f"{path} is not our log")


def _unnamed() -> int:
    with tempfile.TemporaryFile() as unnamed:
        return os.dup(unnamed.fileno())


def _text_stream(fd: int, like: TextIO) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.FileIO(fd, "w", closefd=False),
        encoding=like.encoding or "utf-8",
        errors=like.errors or "replace",
        line_buffering=like.isatty(),
        write_through=True,
    )


def _read_at(fd: int, size: int, offset: int) -> bytes:
    if sys.platform != "win32":
        return os.pread(fd, size, offset)
    os.lseek(fd, offset, os.SEEK_SET)
    return os.read(fd, size)
