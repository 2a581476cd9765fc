"""From the first frame to the summary, however the end comes."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.e2e.conftest import Quiet
from tests.e2e.terminal import Ended, Terminal

Start = Callable[..., Terminal]

MEASURED = r"count +[1-9]"


def assert_summary(ended: Ended, model: str = "relu.xml (IR)") -> None:
    lines = ended.main_screen.splitlines()
    assert lines[0].split(maxsplit=1) == ["Model:", model]
    for name in ("Count:", "Duration:", "Latency:", "    Median:", "    p99.9:", "Throughput:"):
        assert any(line.startswith(name) for line in lines), f"no {name} in:\n{ended.main_screen}"


def test_change_pause_reset_and_quit(start: Start) -> None:
    terminal = start("mobilenet-v2", is_warm=False)
    terminal.wait_for_match(r"now +[1-9]")  # frames per second
    terminal.wait_for_match(MEASURED)
    optimal = int(terminal.wait_for_match(r"nireq +auto \((\d+)\) ")[1])

    terminal.type("++")
    # Without the mark of what is still to come, so it is what runs.
    terminal.wait_for_match(rf"nireq +{optimal + 2} +◂")
    terminal.wait_for_match(rf"run \d+: .*nireq {optimal + 2}")

    terminal.type("\x1b[A\x1b[C")  # up, right: the cursor begins on nireq
    terminal.wait_for_match(r"Hint +latency +◂")
    terminal.wait_for_match(r"run \d+: latency")
    terminal.wait_for_match(MEASURED)

    terminal.type(" ")
    terminal.wait_for_text("‖ paused")
    terminal.type("r")
    terminal.wait_for_match(r"count +0 ")
    terminal.type(" ")
    terminal.wait_for_text("● running")
    terminal.wait_for_match(MEASURED)

    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert_summary(ended, "mobilenet-v2 (built-in)")
    assert f"CPU, latency hint, nireq {optimal + 2}," in ended.main_screen
    assert "Earlier runs of this session:" in ended.main_screen


@pytest.mark.parametrize("moment", ["first frame", "preparing", "compiling"])
def test_quit_before_a_large_model_runs(start: Start, moment: str) -> None:
    terminal = start("yolo-v3-tf")
    if moment == "first frame":
        terminal.wait_for_text("ovbench-tui", "yolo-v3-tf")
    elif moment == "preparing":
        terminal.wait_for_match(r"\d s …|● running")
    else:
        terminal.wait_for_match(r"◌ compiling|● running")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "Traceback" not in ended.main_screen


@pytest.mark.parametrize(
    ("name", "code", "isolation"),
    [
        ("ctrl-c", 0, []),
        ("SIGINT", 130, []),
        ("SIGTERM", 143, []),
        ("SIGHUP", 129, []),
        ("ctrl-c", 0, ["--isolate"]),
        ("SIGTERM", 143, ["--isolate"]),
    ],
)
def test_interrupted(
    start: Start, name: str, code: int, isolation: list[str], quiet: Quiet
) -> None:
    terminal = start(*quiet, *isolation)
    terminal.wait_for_match(MEASURED)
    if name == "ctrl-c":
        terminal.type("\x03")
    else:
        terminal.send_signal(getattr(signal, name))
    ended = terminal.ended()
    assert ended.code == code
    assert ended.left_behind == frozenset()
    assert_summary(ended)


@pytest.mark.parametrize("isolation", [[], ["--isolate"]], ids=["thread", "process"])
def test_the_window_is_closed(start: Start, isolation: list[str], quiet: Quiet) -> None:
    terminal = start(*quiet, *isolation)
    terminal.wait_for_match(MEASURED)
    assert terminal.hang_up() == 128 + signal.SIGHUP
    assert not terminal.has_processes_left


def test_time_is_up(start: Start, quiet: Quiet) -> None:
    ended = start(*quiet, "-t", "1", is_warm=False).ended()
    assert ended.code == 0
    assert b"\x1b[?1049h" in ended.raw
    assert ended.left_behind == frozenset()
    assert_summary(ended)


@pytest.mark.parametrize("end", ["q", "SIGKILL"])
def test_an_isolated_engine_ends_with_the_program(start: Start, end: str, quiet: Quiet) -> None:
    terminal = start(*quiet, "--isolate")
    terminal.wait_for_match(MEASURED)
    if end == "q":
        terminal.type("q")
        ended = terminal.ended()
        assert ended.code == 0
        assert ended.left_behind == frozenset()
        assert_summary(ended)
    else:
        # Nothing can be given back then, but the other process must not go on alone.
        terminal.send_signal(signal.SIGKILL)
        terminal.ended()
        assert not terminal.has_processes_left
