"""What a program prints while a screen covers the terminal: shown in part, given back in full."""

from __future__ import annotations

import codecs
import os
import re
import struct
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

_KEPT_LINES = 1000
_LONGEST_LINE = 10_000
_BLOCK_BYTES = 1 << 16
_HEAD = struct.Struct("<BI")
"""Of a piece of the kept output: which stream, and how many bytes follow."""

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""Control sequences of ECMA-48, and operating system commands of xterm."""


@dataclass(frozen=True, slots=True)
class OutputLine:
    """One line that was printed, without colours."""

    text: str
    is_error: bool


class ProgramOutput:
    """Both streams of a child process.

    Where ours lead to a terminal the child gets a terminal of its own, one for both, as it would
    have alone: what it prints is as soon there, as wide, and in the same order.

    Args:
        size: columns and rows of that terminal.

    Attributes:
        child_ends: what the child gets as standard output and standard error.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with us
        self._lines: deque[OutputLine] = deque(maxlen=_KEPT_LINES)
        self._lost_bytes = 0
        self._lock = threading.Lock()
        is_terminal = [stream.isatty() for stream in (sys.stdout, sys.stderr)]
        terminal = _terminal(size) if any(is_terminal) else None
        pairs = [terminal if is_one and terminal else os.pipe() for is_one in is_terminal]
        self.child_ends = (pairs[0][1], pairs[1][1])
        # Of one terminal for both, all is given back to the first.
        own_ends = {ours: number for number, (ours, _) in reversed([*enumerate(pairs)])}
        self._tails = [_Tail(self._add_line, is_error=number == 1) for number in range(2)]
        self._threads = [
            threading.Thread(
                target=self._collect, args=(number, ours), name=f"output-{number}", daemon=True
            )
            for ours, number in own_ends.items()
        ]

    def begin(self) -> None:
        """Collect; to be called when the child has its ends."""
        for end in set(self.child_ends):
            os.close(end)
        for thread in self._threads:
            thread.start()

    def lines(self, count: int) -> tuple[OutputLine, ...]:
        """The newest lines, the last of which may be unfinished."""
        with self._lock:
            ended = tuple(self._lines)[-count:] if count else ()
        unfinished = [tail.unfinished for tail in self._tails if tail.unfinished.text]
        return (*ended, *unfinished)[-count:] if count else ()

    @property
    def text(self) -> str:
        """All lines that are kept, for the log."""
        return "\n".join(line.text for line in self.lines(_KEPT_LINES))

    def finish(self, timeout_s: float) -> None:
        """Wait for what is still to come; processes that the program left behind may go on."""
        for thread in self._threads:
            thread.join(timeout_s)

    def give_back(self) -> None:
        """Print all of it where it would have gone, in the order in which it came."""
        streams = (sys.stdout, sys.stderr)
        with self._lock:
            self._spool.seek(0)
            while head := self._spool.read(_HEAD.size):
                number, size = _HEAD.unpack(head)
                _write(streams[number], self._spool.read(size))
            self._spool.seek(0)
            self._spool.truncate()
            lost = self._lost_bytes
        if lost:
            _write(sys.stderr, f"({lost} bytes of output are lost: the disk is full.)\n".encode())

    def _collect(self, number: int, descriptor: int) -> None:
        while True:
            try:
                data = os.read(descriptor, _BLOCK_BYTES)
            except OSError:  # how a terminal says that nobody has its other end any more
                break
            if not data:
                break
            with self._lock:
                self._keep(number, data)
            self._tails[number].add(data)
        os.close(descriptor)

    def _keep(self, number: int, data: bytes) -> None:
        place = self._spool.tell()
        try:
            self._spool.write(_HEAD.pack(number, len(data)) + data)
        except OSError:
            self._lost_bytes += len(data)
            self._spool.seek(place)
            self._spool.truncate()

    def _add_line(self, line: OutputLine) -> None:
        with self._lock:
            self._lines.append(line)


class _Tail:
    """Makes lines of one stream's bytes; a carriage return writes over the line, as alone."""

    def __init__(self, tell: Callable[[OutputLine], None], *, is_error: bool) -> None:
        self._tell = tell
        self._is_error = is_error
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._open = ""

    @property
    def unfinished(self) -> OutputLine:
        """The line that has no end yet."""
        return self._line(self._open)

    def add(self, data: bytes) -> None:
        """Take over what came."""
        *whole, rest = (self._open + self._decoder.decode(data)).split("\n")
        for text in whole:
            self._tell(self._line(text))
        self._open = rest[-_LONGEST_LINE:]

    def _line(self, text: str) -> OutputLine:
        shown = text.rstrip("\r").rpartition("\r")[2]
        return OutputLine(_ESCAPES.sub("", shown).expandtabs()[:_LONGEST_LINE], self._is_error)


def _write(stream: IO[str], data: bytes) -> None:
    try:
        stream.flush()
        stream.buffer.write(data)  # type: ignore[attr-defined]
        stream.flush()
    except (OSError, ValueError):  # the reader of our output is gone
        return


def _terminal(size: tuple[int, int]) -> tuple[int, int] | None:
    """Our end and the child's of a terminal; None where there are none."""
    if sys.platform != "win32":
        import fcntl
        import pty
        import termios

        try:
            ours, child = pty.openpty()
        except OSError:
            return None
        modes = termios.tcgetattr(child)
        modes[1] &= ~termios.OPOST  # line ends as they are printed
        modes[3] &= ~termios.ECHO
        termios.tcsetattr(child, termios.TCSANOW, modes)
        columns, rows = size
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        return ours, child
    return None
