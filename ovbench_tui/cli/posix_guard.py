"""On POSIX: a tiny parent that gives the terminal back when the program dies before it could.

It is the parent, not a child that watches: only a parent learns what the program died of, and
only while it lives does the shell wait, so that the prompt comes after the terminal is in order.
The price is that it must stand in for the program before the shell: it stops and goes on with
it, passes on the signals sent to it, and ends with its exit code.

If the guard itself is killed, the program notices, and ends as by SIGTERM.
"""

from __future__ import annotations

import _thread
import contextlib
import mmap
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from ovbench_tui.cli.native_log import find_log
from ovbench_tui.console.messages import message_line
from ovbench_tui.console.signal_words import death_words

assert sys.platform != "win32"  # noqa: S101 - see terminal_guard, which imports this elsewhere

import termios  # noqa: E402

_PASSED_ON = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGTSTP")
# Keys of the terminal send these to both. A SIGHUP is not among them: where no shell passes it on,
# a terminal that is closed sends it to the first process of the session only.
_FROM_KEYS = frozenset({"SIGINT", "SIGQUIT", "SIGTSTP"})
_CONTINUED_WITHIN_S = 0.1
_WRITTEN_WITHIN_S = 2.0
_POLL_S = 0.005

RESTORE = (
    "\x18"  # drop a sequence that was cut off
    "\x1b[?2026l"  # synchronised output
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # the mouse
    "\x1b[?1004l"  # reports of the focus
    "\x1b[?2004l"  # bracketed paste
    "\x1b[?2048l"  # reports of the size
    "\x1b[?7h"  # lines wrap
    "\x1b[<u"  # kitty's keys; each screen has its own
    # The main screen, in plain letters. Where it is shown already, the cursor stays: it is saved.
    "\x1b[0m\x1b7\x1b[?1049l\x1b[0m"
    "\x1b[?25h"  # the cursor
)
"""What Textual switches on, switched off in an order that every terminal understands."""


class Guarded:
    """The program's side: one byte of memory that the guard reads at the end.

    Args:
        memory: shared with the guard.
        pipe: closes when the guard dies.
    """

    def __init__(self, memory: mmap.mmap, pipe: int) -> None:
        self._memory = memory
        # Not by `threading`, which waits until the thread runs: the first frame would, too.
        _thread.start_new_thread(_end_with_guard, (pipe,))

    def note_drawing(self) -> None:
        """The screen begins: from now on the terminal has to be given back."""
        self._memory[0] = 1

    def note_given_back(self) -> None:
        """The screen is closed, and the terminal as it was."""
        self._memory[0] = 0


def guarded() -> Guarded | None:
    """Split the process; returns in the child only, or None where nothing could be split."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()  # or both would write what is left in it
    try:
        before = termios.tcgetattr(0)
        memory = mmap.mmap(-1, 1)
        program_end, guard_end = os.pipe()
    except (OSError, termios.error):
        return None
    awaited = {signal.SIGCHLD, *(getattr(signal, name) for name in _PASSED_ON)}
    # A signal that is ignored is not kept until it is waited for, where the system is a BSD.
    old_handler = signal.signal(signal.SIGCHLD, lambda *_: None)
    old_mask = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    try:
        child = os.fork()
    except OSError:  # no more processes are allowed
        child = -1
    if child > 0:
        os.close(program_end)
        _guard(child, awaited, memory, before)
    signal.signal(signal.SIGCHLD, old_handler or signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, old_mask)
    os.close(guard_end)
    if child < 0:
        os.close(program_end)
        return None
    return Guarded(memory, program_end)


# -- in the program ---------------------------------------------------------------------------


def _end_with_guard(pipe: int) -> None:
    """End in order when the guard is gone: the shell has the terminal, and its prompt is there."""
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)


# -- in the guard -----------------------------------------------------------------------------


def _guard(child: int, awaited: set[int], memory: mmap.mmap, before: list[Any]) -> NoReturn:
    """Wait for the program, put the terminal in order, and end as it did."""
    try:
        _change_name(child)
        status, was_stopped = _wait(child, awaited)
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
        # When it was stopped, it had given the terminal back.
        was_restored = _restore(before, was_drawing=memory[0] == 1 and not was_stopped)
        if os.WIFSIGNALED(status):
            _print(_sentence(death_words(os.WTERMSIG(status)), child, was_restored))
        elif was_restored:
            _print(_sentence(f"ended by itself (exit code {code})", child, was_restored))
    except BaseException:  # noqa: BLE001 - the program's own frames lie above this one
        os._exit(1)
    os._exit(code)


def _change_name(child: int) -> None:
    """Let what kills the program by its name not meet the guard, which ends with it anyway.

    Its command line is that of the program. Only Linux has these files.
    """
    name = f"{Path(sys.executable).name}\0(guards the terminal of {child})".encode()
    with contextlib.suppress(OSError, ValueError, IndexError):
        Path("/proc/self/comm").write_text("ovbench-guard")
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        # Fields 48 and 49 of proc(5); the first that is left here is the third.
        begin, end = int(fields[45]), int(fields[46])
        with Path("/proc/self/mem").open("r+b", buffering=0) as own_memory:
            own_memory.seek(begin)
            own_memory.write(name[: end - begin].ljust(end - begin, b"\0"))


def _wait(child: int, awaited: set[int]) -> tuple[int, bool]:
    """Return the program's wait status, and whether it was stopped when it ended.

    Meanwhile, stop with it and pass signals on.
    """
    is_stopped = False
    while True:
        number, is_for_both = _next_signal(awaited)
        if number != signal.SIGCHLD:
            if not is_for_both:
                os.kill(child, number)
            continue
        status = _change_of(child)
        while status is not None:
            if os.WIFSTOPPED(status):
                is_stopped = True
                os.kill(os.getpid(), signal.SIGSTOP)  # the shell sees it, and takes the terminal
                status = _continued(child)
                continue
            if not os.WIFCONTINUED(status):
                return status, is_stopped
            is_stopped = False
            status = _change_of(child)


def _next_signal(awaited: set[int]) -> tuple[int, bool]:
    """Return the next signal, and whether the terminal sent it to the program as well."""
    is_from_system = True  # macOS does not tell; there a key is more likely than a process
    if hasattr(signal, "sigwaitinfo"):
        info = signal.sigwaitinfo(awaited)
        number = info.si_signo
        is_from_system = info.si_code > 0  # what a process sends has 0 or less
    else:
        number = signal.sigwait(awaited)
    return number, is_from_system and signal.Signals(number).name in _FROM_KEYS


def _change_of(child: int) -> int | None:
    """Return the next news of the program as a wait status; None = there is none."""
    found, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
    return status if found else None


def _continued(child: int) -> int | None:
    """Let the program go on, if whoever continued the guard did not; returns its next change.

    It must not be continued twice: Textual would set up the terminal twice, and take the first
    setting for the one to give back.
    """
    end_s = time.monotonic() + _CONTINUED_WITHIN_S
    while time.monotonic() < end_s:
        status = _change_of(child)
        if status is not None:
            return status
        time.sleep(_POLL_S)
    os.kill(child, signal.SIGCONT)
    return None


def _restore(before: Sequence[Any], *, was_drawing: bool) -> bool:
    """Put the terminal in order, if the program did not; returns whether there was need to."""
    try:
        if os.tcgetpgrp(0) != os.getpgrp():
            return False  # it is the shell's again, which has put it in order
        is_changed = termios.tcgetattr(0) != before
        if is_changed:
            termios.tcsetattr(0, termios.TCSANOW, list(before))
        if not (is_changed or was_drawing):
            return False
        _write(RESTORE)
        termios.tcflush(0, termios.TCIFLUSH)  # reports of the mouse, which would be typed
    except (OSError, termios.error):
        return False  # the terminal is gone
    return True


def _sentence(words: str, child: int, was_restored: bool) -> str:
    restored = "; the terminal is as it was" if was_restored else ""
    log = find_log(child)
    where = f". Details are in '{log}'" if log is not None else ""
    return f"The program {words}{restored}{where}."


def _print(sentence: str) -> None:
    if sys.stderr.isatty():
        _write(message_line(sentence))
    else:
        sys.stderr.write(message_line(sentence))
        sys.stderr.flush()


def _write(text: str) -> None:
    """Write to the terminal, but do not wait for ever for one that nobody reads any more."""
    # Opened anew: not to wait is a property of the opening, which the shell shares otherwise.
    fd = os.open(os.ttyname(0), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        left = text.encode()
        while left and select.select([], [fd], [], _WRITTEN_WITHIN_S)[1]:
            left = left[os.write(fd, left) :]
    finally:
        os.close(fd)
