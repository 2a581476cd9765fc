"""A real terminal around the program: a pty, an emulator that draws it, keys, mouse, signals."""

from __future__ import annotations

import sys

import pytest

if sys.platform == "win32":
    pytest.skip("a pty is a thing of Unix", allow_module_level=True)

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import pyte

from tests.e2e.warm import PROGRAM, WarmProcess, can_be_warm

PATIENCE_S = 120.0
"""Long enough for the slowest machine; a test that hangs is to fail, not to be slow."""


# Makes the pty the controlling terminal before the program starts. In an interpreter of its
# own, because a function run between fork and exec may deadlock once this process has threads.
_ATTACH = (
    "import fcntl, os, sys, termios;"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.argv[1], sys.argv[1:])"
)
_ALTERNATE_SCREEN = re.compile(rb"\x1b\[\?1049([hl])")
_PRIVATE_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
# Pushing and popping the keyboard protocol of kitty, which pyte would print as text.
_KITTY_KEYS = re.compile(rb"\x1b\[([<>=])[\d;]*u")
_MODES_ON_AT_FIRST = frozenset({7, 25})
_POLL_S = 0.05
_SLOW_READ_BYTES = 256
_REAPED_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Ended:
    """What is left when the program has ended.

    Attributes:
        code: the exit code; negative when a signal killed it.
        given_back_s: from the moment `Terminal.ended` was called, which is right after the key
            or signal that asked for the end, until the main screen was shown again.
        took_s: from the same moment until the process was gone.
        raw: every byte that was written to the terminal.
        main_screen: the text on the main screen, without empty lines at its end.
        left_behind: what is not as it was before: terminal modes, attributes, processes.
    """

    code: int
    given_back_s: float
    took_s: float
    raw: bytes
    main_screen: str
    left_behind: frozenset[str]


class Terminal:
    """Runs one command in a pty of its own.

    Args:
        command: what to run.
        environment: its whole environment.
        columns, lines: size of the terminal.
        stdout: instead of the terminal, as for `subprocess.Popen`.
        bytes_per_s: no more than these are read, as over a slow line; 0 = as they come.
        is_warm: the command is the program, and may come from a process that has imported it.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        columns: int = 120,
        lines: int = 40,
        stdout: int | None = None,
        bytes_per_s: int = 0,
        is_warm: bool = False,
    ) -> None:
        self._master, self._slave = os.openpty()
        # The slave stays open here: its attributes are wanted when the program has ended.
        self._attributes_before = termios.tcgetattr(self._slave)
        self._screens = {"main": pyte.Screen(columns, lines), "other": pyte.Screen(columns, lines)}
        self._streams = {name: pyte.ByteStream(screen) for name, screen in self._screens.items()}
        self._is_open = True
        self._shown = "main"
        self._raw = bytearray()
        self._fed = 0
        self._bytes_per_s = bytes_per_s
        self._line_free_s = 0.0
        self._set_size(columns, lines)
        self._process: subprocess.Popen[bytes] | WarmProcess
        if is_warm and can_be_warm(environment):
            self._process = WarmProcess(
                command[len(PROGRAM) :],
                environment,
                stdin=self._slave,
                stdout=self._slave if stdout is None else stdout,
                stderr=self._slave,
                new_session=True,
            )
            return
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", _ATTACH, *command],
            stdin=self._slave,
            stdout=self._slave if stdout is None else stdout,
            stderr=self._slave,
            env=dict(environment),
            start_new_session=True,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave nothing behind, however the test went."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        if self._is_open:
            os.close(self._master)
            os.close(self._slave)

    # -- what a user does -------------------------------------------------------------------

    def type(self, keys: str) -> None:
        """Send these characters as they are."""
        os.write(self._master, keys.encode())

    def click(self, column: int, line: int) -> None:
        """Press and release the left button on a cell; both count from 0."""
        at = f"{column + 1};{line + 1}"
        self.type(f"\x1b[<0;{at}M")
        self.type(f"\x1b[<0;{at}m")

    def resize(self, columns: int, lines: int) -> None:
        """Change the size; the system tells the program with a SIGWINCH."""
        for screen in self._screens.values():
            screen.resize(lines, columns)
        self._set_size(columns, lines)

    @property
    def process_id(self) -> int:
        """Of what the terminal runs: the guard, whose child the program is."""
        return self._process.pid

    def send_signal(self, number: int) -> None:
        """Send a signal to the program."""
        self._process.send_signal(number)

    # -- what a user sees -------------------------------------------------------------------

    @property
    def text(self) -> str:
        """What is on the screen now."""
        self._read(0)
        return "\n".join(self._screens[self._shown].display)

    @property
    def raw(self) -> bytes:
        """Every byte written so far."""
        return bytes(self._raw)

    @property
    def on_alternate_screen(self) -> bool:
        """Whether the screen of a full-screen program is shown."""
        return self._shown == "other"

    @property
    def unreadable(self) -> str:
        """The letters that have the colour of their ground now."""
        self._read(0)
        screen = self._screens[self._shown]
        cells = (screen.buffer[y][x] for y in range(screen.lines) for x in range(screen.columns))
        return "".join(
            cell.data
            for cell in cells
            if cell.data.strip() and cell.fg == cell.bg and cell.fg != "default"
        )

    def line_with(self, words: str) -> int:
        """Return the number of the first line that holds `words`, from 0."""
        lines = self.text.split("\n")
        return next(n for n, line in enumerate(lines) if words in line)

    def wait_for(self, condition: Callable[[str], object], what: str = "") -> str:
        """Return the text of the screen once it fulfils the condition."""
        end_s = time.monotonic() + PATIENCE_S
        # The text that was looked at is the one to return: another may be half of a new frame.
        while not condition(text := self.text):
            over = self._process.poll() is not None and not self._read(0)
            if over and not condition(self.text):
                raise AssertionError(f"it ended before {what or condition}:\n{self.text}")
            if time.monotonic() > end_s:
                raise AssertionError(f"never seen: {what or condition}; last:\n{self.text}")
            self._read(_POLL_S)
        return text

    def wait_for_text(self, *words: str) -> str:
        """Return the text of the screen once all of these are on it."""
        return self.wait_for(lambda text: all(word in text for word in words), repr(words))

    def wait_for_match(self, pattern: str) -> re.Match[str]:
        """Return the first match once there is one on the screen."""
        found = re.search(pattern, self.wait_for(lambda text: re.search(pattern, text), pattern))
        if found is None:
            raise AssertionError(f"seen and gone: {pattern}")
        return found

    # -- the end ----------------------------------------------------------------------------

    def ended(self) -> Ended:
        """Wait until the program ends by itself, and read what it wrote last."""
        start_s = time.monotonic()
        given_back_s = 0.0
        while self._process.poll() is None:
            if self._shown == "other":
                given_back_s = time.monotonic() - start_s
            if time.monotonic() > start_s + PATIENCE_S:
                raise AssertionError(f"it did not end; last:\n{self.text}")
            self._read(_POLL_S)
        took_s = time.monotonic() - start_s
        while self._read(0):
            pass
        screen = "\n".join(line.rstrip() for line in self._screens["main"].display)
        return Ended(
            code=self._process.returncode,
            given_back_s=given_back_s,
            took_s=took_s,
            raw=self.raw,
            main_screen=screen.rstrip("\n"),
            left_behind=frozenset(self._left_behind()),
        )

    def read_stdout(self) -> str:
        """Return what was written to a piped stdout, once it has ended."""
        if self._process.stdout is None:
            raise AssertionError("stdout is the terminal")
        return self._process.stdout.read().decode()

    def hang_up(self) -> int:
        """Take the terminal away, as closing its window does; returns the exit code."""
        os.close(self._master)
        os.close(self._slave)
        self._is_open = False
        return self._process.wait(PATIENCE_S)

    @property
    def has_processes_left(self) -> bool:
        """Whether a process of the program's group outlives it for more than a moment.

        The moment is for the system: an orphan that has ended is there until init reaps it.
        """
        end_s = time.monotonic() + _REAPED_WITHIN_S
        while time.monotonic() < end_s:
            try:
                os.killpg(self._process.pid, 0)
            except ProcessLookupError:
                return False
            if _all_have_ended(self._process.pid):
                return False
            time.sleep(_POLL_S)
        return True

    # -- inside -----------------------------------------------------------------------------

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _read(self, timeout_s: float) -> bool:
        """Take what was written; False when there was nothing for so long."""
        if not select.select([self._master], [], [], timeout_s)[0]:
            return False
        if self._bytes_per_s:
            time.sleep(max(0.0, self._line_free_s - time.monotonic()))
        read = os.read(self._master, _SLOW_READ_BYTES if self._bytes_per_s else 1 << 16)
        if self._bytes_per_s:
            self._line_free_s = time.monotonic() + len(read) / self._bytes_per_s
        self._raw += read
        self._feed()
        return True

    def _feed(self) -> None:
        """Draw the new bytes, each on the screen that was shown when they came."""
        end = len(self._raw)
        # An escape sequence cut by the read waits for its rest.
        cut = self._raw.rfind(b"\x1b", max(self._fed, end - 16))
        if cut >= 0 and not re.match(rb"\x1b(\[[<>=?]?[\d;]*[^\d;<>=?]|[^\[])", self._raw[cut:]):
            end = cut
        while self._fed < end:
            switch = _ALTERNATE_SCREEN.search(self._raw, self._fed, end)
            piece = bytes(self._raw[self._fed : switch.start() if switch else end])
            self._streams[self._shown].feed(_KITTY_KEYS.sub(b"", piece))
            self._fed = switch.end() if switch else end
            if switch is not None:
                self._shown = "other" if switch[1] == b"h" else "main"

    def _left_behind(self) -> Iterator[str]:
        modes = dict.fromkeys(_MODES_ON_AT_FIRST, True)
        for numbers, switch in _PRIVATE_MODE.findall(self._raw):
            modes |= dict.fromkeys(map(int, numbers.split(b";")), switch == b"h")
        for mode, is_on in sorted(modes.items()):
            if is_on != (mode in _MODES_ON_AT_FIRST):
                yield f"mode ?{mode} is {'on' if is_on else 'off'}"
        pushed = _KITTY_KEYS.findall(self._raw)
        if pushed.count(b">") != pushed.count(b"<"):
            yield "the keyboard protocol of kitty"
        if self.on_alternate_screen:
            yield "the alternate screen"
        if termios.tcgetattr(self._slave) != self._attributes_before:
            yield "the attributes of the terminal"
        if self.has_processes_left:
            yield "a process"


def _all_have_ended(group: int) -> bool:
    """Whether only zombies are left of a process group, where /proc tells."""
    if not Path("/proc/self/stat").exists():
        return False
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, process_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(process_group) == group and state != "Z":
            return False
    return True
