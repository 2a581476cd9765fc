"""The isolated engine dies or hangs under the screen, which stays, tells it and starts another."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.e2e.piped import PROGRAM, run_piped
from tests.e2e.terminal import Ended, Terminal

# The engines by themselves are in test_hosts; the screen around them takes its time.
pytestmark = pytest.mark.slow
Start = Callable[..., Terminal]
MEASURED = r"count +[1-9]"


def engine_pid(terminal: Terminal) -> int:
    """The process of the engine; beside it there is only multiprocessing's helper."""
    children = psutil.Process(terminal._process.pid).children(recursive=True)
    (engine,) = (child for child in children if "spawn_main" in " ".join(child.cmdline()))
    return engine.pid


def ended_well(terminal: Terminal) -> Ended:
    terminal.type("q")
    ended = terminal.ended()
    assert ended.left_behind == frozenset()
    assert "Traceback" not in ended.main_screen
    return ended


def restart(terminal: Terminal) -> None:
    """Take the offer that is on the screen."""
    terminal.wait_for_text("Latency", "Press e to start another.")
    terminal.wait_for_match(MEASURED)  # what it measured is still there
    terminal.type("e")
    terminal.wait_for_match(r"run 2")
    terminal.wait_for_match(MEASURED)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SIGKILL", "was killed (SIGKILL)"),
        ("SIGSEGV", "crashed (SIGSEGV)"),
        ("SIGABRT", "aborted (SIGABRT)"),
    ],
)
def test_the_engine_dies(start: Start, name: str, words: str) -> None:
    terminal = start("mobilenet-v2", "--isolate")
    terminal.wait_for_match(MEASURED)
    os.kill(engine_pid(terminal), getattr(signal, name))
    terminal.wait_for_text(f"The engine's process {words} while it ran mobilenet-v2.")
    restart(terminal)
    ended = ended_well(terminal)
    assert ended.code == 0
    assert "Earlier runs of this session:" in ended.main_screen


def test_left_with_a_dead_engine(start: Start) -> None:
    terminal = start("mobilenet-v2", "--isolate")
    terminal.wait_for_match(MEASURED)
    os.kill(engine_pid(terminal), signal.SIGKILL)
    terminal.wait_for_text("was killed (SIGKILL)")
    ended = ended_well(terminal)
    assert ended.code == 3
    assert "Throughput:" in ended.main_screen
    assert "was killed (SIGKILL)" in ended.main_screen


@pytest.mark.slow
def test_the_engine_hangs(start: Start) -> None:
    terminal = start("mobilenet-v2", "--isolate")
    terminal.wait_for_match(MEASURED)
    os.kill(engine_pid(terminal), signal.SIGSTOP)
    terminal.wait_for_text("No inference has completed for")
    terminal.wait_for_text("✗ hangs")
    restart(terminal)
    assert ended_well(terminal).code == 0


def test_left_with_an_engine_that_hangs(start: Start) -> None:
    terminal = start("mobilenet-v2", "--isolate")
    terminal.wait_for_match(MEASURED)
    os.kill(engine_pid(terminal), signal.SIGSTOP)
    ended = ended_well(terminal)
    assert ended.code == 0
    assert "Throughput:" in ended.main_screen


def test_a_model_that_aborts_at_its_release(start: Start, shared_models: Path) -> None:
    strings = shared_models / "ort-tests" / "identity_string.onnx"
    terminal = start(str(strings), "--isolate", "-layout", "[NC]")  # or it asks for the batch
    terminal.wait_for_match(MEASURED)
    ended = ended_well(terminal)
    assert ended.code == 0
    assert "Throughput:" in ended.main_screen


def test_a_model_that_aborts_at_its_release_without_a_screen(
    environment: dict[str, str], shared_models: Path
) -> None:
    strings = shared_models / "ort-tests" / "identity_string.onnx"
    done = run_piped(environment, str(strings), "--no-tui", "--isolate", "-t", "0.5")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^Count: +[1-9]", done.stdout, re.MULTILINE)
    refused = run_piped(environment, str(strings), "--no-tui", "-t", "0.5")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "--isolate" in refused.stderr


@pytest.mark.parametrize("isolation", [[], ["--isolate"]], ids=["thread", "process"])
@pytest.mark.parametrize("lost", ["HOME", "everything"])
def test_a_screen_without_a_home(
    environment: dict[str, str], tmp_path: Path, isolation: list[str], lost: str
) -> None:
    kept = ("PATH", "TMPDIR", "PYTHONPATH", "TERM", "LANG")
    if lost == "HOME":
        kept += ("XDG_CACHE_HOME",)
    bare = {name: value for name, value in environment.items() if name in kept}
    if lost == "everything":
        bare |= {"HOME": "/proc/self"}  # where nobody, not even root, can make a file
    with Terminal([*PROGRAM, "mobilenet-v2", *isolation], bare) as terminal:
        terminal.wait_for_match(MEASURED)
        terminal.type("+")
        terminal.wait_for_match(r"run 2")
        terminal.wait_for_match(MEASURED)
        ended = ended_well(terminal)
    assert ended.code == 0
    assert "Throughput:" in ended.main_screen
