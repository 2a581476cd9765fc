"""The program is killed or crashes under its screen: the shell needs no `reset`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import Quiet
from tests.e2e.piped import PROGRAM
from tests.e2e.terminal import Terminal

Start = Callable[..., Terminal]
MEASURED = r"count +[1-9]"
on_both_hosts = pytest.mark.parametrize("isolation", [[], ["--isolate"]], ids=["thread", "process"])
DEATHS = [
    ("SIGKILL", "was killed (SIGKILL)"),
    ("SIGSEGV", "crashed (SIGSEGV)"),
    ("SIGABRT", "aborted (SIGABRT)"),
]
# What a terminal is left with otherwise.
SWITCHED_OFF = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?25h")


def guarded(guard: psutil.Process) -> psutil.Process:
    (program,) = guard.children()
    return program


def guard_of(terminal: Terminal) -> psutil.Process:
    return psutil.Process(terminal._process.pid)


def in_a_shell(script: str, environment: dict[str, str], *arguments: str) -> Terminal:
    """Run a script in which "$@" is the program; the shell has the terminal, as a user's has."""
    return Terminal(["/bin/sh", "-c", script, "sh", *PROGRAM, *arguments], environment)


@pytest.mark.parametrize(
    ("name", "words", "isolation"),
    [*((*death, []) for death in DEATHS), (*DEATHS[0], ["--isolate"])],
    ids=["SIGKILL", "SIGSEGV", "SIGABRT", "SIGKILL-process"],
)
def test_the_terminal_is_given_back(
    start: Start,
    name: str,
    words: str,
    isolation: list[str],
    quiet: Quiet,
) -> None:
    terminal = start(*quiet, *isolation)
    terminal.wait_for_match(MEASURED)
    drawn = len(terminal.raw)
    os.kill(guarded(guard_of(terminal)).pid, getattr(signal, name))
    ended = terminal.ended()
    assert ended.code == 128 + getattr(signal, name)
    assert ended.left_behind == frozenset()
    for sequence in SWITCHED_OFF:
        assert sequence in ended.raw[drawn:]
    reported = ended.main_screen.replace("\n", "")  # the terminal breaks long lines
    assert f"The program {words}; the terminal is as it was." in reported
    assert reported.count("ovbench-tui: ") == 1
    assert "Traceback" not in reported


def test_a_crash_leaves_where_it_was(
    start: Start, environment: dict[str, str], quiet: Quiet
) -> None:
    terminal = start(*quiet)
    terminal.wait_for_match(MEASURED)
    program = guarded(guard_of(terminal))
    log = Path(environment["XDG_STATE_HOME"], "ovbench-tui", "log", f"native-{program.pid}.log")
    os.kill(program.pid, signal.SIGSEGV)
    assert f"Details are in '{log}'." in terminal.ended().main_screen.replace("\n", "")
    assert "Segmentation fault" in log.read_text()


def test_a_kill_leaves_no_empty_log(
    start: Start, environment: dict[str, str], quiet: Quiet
) -> None:
    terminal = start(*quiet)
    terminal.wait_for_match(MEASURED)
    os.kill(guarded(guard_of(terminal)).pid, signal.SIGKILL)
    ended = terminal.ended()
    assert ".log" not in ended.main_screen
    assert list(Path(environment["XDG_STATE_HOME"]).rglob("*.log")) == []


def test_killed_while_it_starts(start: Start, quiet: Quiet) -> None:
    terminal = start(*quiet)
    terminal.wait_for(lambda _: terminal.on_alternate_screen, "the alternate screen")
    os.kill(guarded(guard_of(terminal)).pid, signal.SIGKILL)
    ended = terminal.ended()
    assert ended.code == 137
    # Popped though not pushed yet, as it may have been: that changes nothing.
    assert ended.left_behind <= {"the keyboard protocol of kitty"}


def test_the_sentence_goes_where_errors_go(
    environment: dict[str, str], tmp_path: Path, quiet: Quiet
) -> None:
    errors = tmp_path / "errors"
    script = f'"$@" 2>"{errors}"; echo "code $?"'
    with in_a_shell(script, environment, *quiet) as terminal:
        terminal.wait_for_match(MEASURED)
        (guard,) = guard_of(terminal).children()
        os.kill(guarded(guard).pid, signal.SIGKILL)
        ended = terminal.ended()
    assert ended.left_behind == frozenset()
    assert ended.main_screen == "code 137"
    assert errors.read_text() == (
        "ovbench-tui: The program was killed (SIGKILL); the terminal is as it was.\n"
    )


@on_both_hosts
def test_the_guard_is_killed(
    environment: dict[str, str], isolation: list[str], quiet: Quiet
) -> None:
    """The program is alone then: it ends, for the shell has the terminal again."""
    script = '"$@"; echo "code $?"; read -r _'
    with in_a_shell(script, environment, *quiet, *isolation) as terminal:
        terminal.wait_for_match(MEASURED)
        (guard,) = guard_of(terminal).children()
        program = guarded(guard)
        guard.kill()
        terminal.wait_for(lambda _: not terminal.on_alternate_screen, "the main screen")
        terminal.wait_for_text("Throughput:")
        terminal.wait_for(lambda _: not program.is_running(), "its end")
        terminal.type("\r")
        ended = terminal.ended()
    # Only the shell can set the attributes now; this one does not, others do.
    assert ended.left_behind <= {"the attributes of the terminal"}


@pytest.mark.skipif(sys.platform != "linux", reason="only there a process can change its name")
def test_what_kills_by_name_does_not_meet_the_guard(start: Start) -> None:
    terminal = start("mobilenet-v2")
    terminal.wait_for_match(MEASURED)
    guard = guard_of(terminal)
    assert guard.name() == "ovbench-guard"
    shown = " ".join(guard.cmdline())
    assert f"guards the terminal of {guarded(guard).pid}" in shown
    assert not any(word in shown for word in (*PROGRAM[1:], "mobilenet-v2", "/"))
    terminal.type("q")
    assert terminal.ended().code == 0


@pytest.mark.parametrize("to_both", [True, False], ids=["as fg does", "the guard only"])
def test_stopped_with_the_program(start: Start, to_both: bool, quiet: Quiet) -> None:
    terminal = start(*quiet)
    terminal.wait_for_match(MEASURED)
    guard = guard_of(terminal)
    program = guarded(guard)
    program.send_signal(signal.SIGTSTP)
    stopped = psutil.STATUS_STOPPED
    terminal.wait_for(lambda _: guard.status() == program.status() == stopped, "both stopped")
    (os.killpg if to_both else os.kill)(guard.pid, signal.SIGCONT)
    terminal.wait_for(lambda _: terminal.on_alternate_screen, "the screen is back")
    terminal.wait_for_text("● running")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    # Set up twice, Textual would have taken its own setting for the one to give back.
    assert ended.left_behind == frozenset()
    assert "the terminal is as it was" not in ended.main_screen


def test_killed_while_stopped(start: Start, quiet: Quiet) -> None:
    terminal = start(*quiet)
    terminal.wait_for_match(MEASURED)
    guard = guard_of(terminal)
    program = guarded(guard)
    program.send_signal(signal.SIGTSTP)
    terminal.wait_for(lambda _: guard.status() == psutil.STATUS_STOPPED, "the guard stopped")
    program.kill()
    guard.send_signal(signal.SIGCONT)
    ended = terminal.ended()
    assert ended.code == 137
    assert ended.left_behind == frozenset()


@pytest.mark.slow
def test_of_a_fleet(start: Start) -> None:
    terminal = start("fleet", "--local", "1", "mobilenet-v2")
    terminal.wait_for_text("FPS", "● running")
    os.kill(guarded(guard_of(terminal)).pid, signal.SIGKILL)
    ended = terminal.ended()
    assert ended.code == 137
    assert ended.left_behind <= {"a process"}  # Dask's helpers take their time
    assert "was killed (SIGKILL)" in ended.main_screen
