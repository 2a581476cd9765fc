"""Without a screen: the summary on stdout, and nothing else anywhere."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.terminal import PATIENCE_S, Terminal

Start = Callable[..., Terminal]

PROGRAM = (sys.executable, "-m", "ovbench_tui")


def run_piped(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def assert_summary(text: str) -> None:
    assert text.startswith("Model:           mobilenet-v2 (built-in)\n")
    assert "\nCount:" in text
    assert text.splitlines()[-1].startswith("Throughput:")


def test_not_on_a_terminal_it_needs_no_option(environment: dict[str, str]) -> None:
    result = run_piped(environment, "mobilenet-v2", "-t", "1")
    assert result.returncode == 0
    assert result.stderr == ""
    assert_summary(result.stdout)


def test_progress_is_one_line_on_the_terminal(start: Start) -> None:
    terminal = start("mobilenet-v2", "--no-tui", "-t", "1", stdout=subprocess.PIPE)
    terminal.wait_for_match(r"\d s  \d+ iterations  [\d.]+ FPS")
    assert b"\n" not in terminal.raw
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.main_screen == ""
    assert b"\n" not in ended.raw
    assert b"\x1b[?" not in ended.raw
    assert_summary(terminal.read_stdout())


def test_all_on_the_terminal(start: Start) -> None:
    ended = start("mobilenet-v2", "--no-tui", "-t", "1").ended()
    assert ended.code == 0
    assert b"\x1b[?" not in ended.raw
    assert_summary(ended.main_screen)


@pytest.mark.parametrize(("name", "code"), [("ctrl-c", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_interrupted_it_still_tells_what_it_measured(start: Start, name: str, code: int) -> None:
    terminal = start("mobilenet-v2", "--no-tui", stdout=subprocess.PIPE)
    terminal.wait_for_match(r"[1-9]\d* iterations")
    if name == "ctrl-c":
        terminal.type("\x03")  # the terminal itself makes a SIGINT of it
    else:
        terminal.send_signal(getattr(signal, name))
    ended = terminal.ended()
    assert ended.code == code
    assert ended.left_behind == frozenset()
    assert "Traceback" not in ended.main_screen
    assert_summary(terminal.read_stdout())


def test_nohup_is_respected(environment: dict[str, str]) -> None:
    # A process inherits what is ignored, and that is all that nohup does.
    script = (
        "import os, signal, sys;"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    command = [sys.executable, "-c", script, *PROGRAM[1:], "mobilenet-v2", "--no-tui", "-t", "1"]
    with Terminal(command, environment, stdout=subprocess.PIPE) as terminal:
        terminal.wait_for_text("FPS")
        terminal.send_signal(signal.SIGHUP)
        assert terminal.ended().code == 0
        assert_summary(terminal.read_stdout())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such"], "Model 'no-such' was not found"),
        (["mobilenet-v3"], "did you mean 'mobilenet-v2'?"),
        ([], "No MODEL is given"),
        (["mobilenet-v2", "-d", "NO_SUCH_DEVICE"], "NO_SUCH_DEVICE"),
    ],
)
def test_what_cannot_be_run(environment: dict[str, str], arguments: list[str], words: str) -> None:
    result = run_piped(environment, *arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("ovbench-tui: ")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr


def test_a_dynamic_model_needs_a_shape(environment: dict[str, str], dynamic_model: Path) -> None:
    refused = run_piped(environment, str(dynamic_model), "-t", "1")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert "-data_shape" in refused.stderr
    assert "x[1,16]" in refused.stderr

    given = run_piped(environment, str(dynamic_model), "-t", "0.2", "-data_shape", "x[2,16]")
    assert given.returncode == 0
    assert "batch 2" in given.stdout


def test_a_reader_that_goes_away(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [*PROGRAM, "mobilenet-v2", "-t", "0.2"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=PATIENCE_S)
    assert err == b""
    assert process.returncode == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_standard_stream_that_was_closed(environment: dict[str, str], closed: str) -> None:
    result = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *PROGRAM, "mobilenet-v2", "-t", "0.2"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert result.returncode == 0
    assert result.stderr == ""
    if closed != ">&-":
        assert_summary(result.stdout)
