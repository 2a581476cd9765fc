"""What a terminal and its user can do to the program: stop it, resize it wildly, paste a book."""

from __future__ import annotations

import random
import re
import signal
import time
from collections.abc import Callable

import psutil
import pytest

from tests.e2e.conftest import Quiet
from tests.e2e.terminal import PATIENCE_S, Terminal

Start = Callable[..., Terminal]
MEASURED = r"count +[1-9]"
MEGABYTE = 1 << 20
on_both_hosts = pytest.mark.parametrize("isolation", [[], ["--isolate"]], ids=["thread", "process"])


def count_on(terminal: Terminal) -> int:
    return int(terminal.wait_for_match(r"count +([\d,]+)")[1].replace(",", ""))


def assert_goes_on(terminal: Terminal) -> None:
    """It measures on and quits in order."""
    before = count_on(terminal)
    terminal.wait_for(lambda text: _count_in(text) > before, "more completions")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "Throughput:" in ended.main_screen


def _count_in(text: str) -> int:
    found = re.search(r"count +([\d,]+)", text)
    return int(found[1].replace(",", "")) if found else -1


@on_both_hosts
def test_stopped_and_resumed(start: Start, isolation: list[str], quiet: Quiet) -> None:
    terminal = start(*quiet, *isolation)
    terminal.wait_for_match(MEASURED)
    terminal.send_signal(signal.SIGTSTP)
    program = psutil.Process(terminal._process.pid)
    terminal.wait_for(lambda _: program.status() == psutil.STATUS_STOPPED, "stopped")
    terminal.wait_for(lambda _: not terminal.on_alternate_screen, "the terminal is given back")
    terminal.send_signal(signal.SIGCONT)
    terminal.wait_for(lambda _: terminal.on_alternate_screen, "the screen is back")
    terminal.wait_for_text("● running", "Latency")
    assert_goes_on(terminal)


@pytest.mark.slow
@on_both_hosts
def test_a_storm_of_sizes(start: Start, isolation: list[str]) -> None:
    terminal = start("mobilenet-v2", *isolation)
    terminal.wait_for_match(MEASURED)
    chance = random.Random(7)  # noqa: S311 - the same sizes every time
    for _ in range(300):
        terminal.resize(chance.randint(1, 300), chance.randint(1, 100))
        terminal._read(0)
    terminal.resize(120, 40)
    terminal.wait_for_text("● running", "Latency", "q Quit")
    assert_goes_on(terminal)


@pytest.mark.slow
@on_both_hosts
@pytest.mark.parametrize(
    ("opens", "shows", "leaves"),
    [("", "Configuration", ""), ("m", "filter, or type a path", "\x1b")],
    ids=["on the figures", "into the model picker"],
)
def test_a_pasted_megabyte(
    start: Start, opens: str, shows: str, leaves: str, isolation: list[str]
) -> None:
    terminal = start("mobilenet-v2", *isolation)
    terminal.wait_for_match(MEASURED)
    terminal.type(opens)
    terminal.wait_for_text(shows)
    text = "q \x07[bold]ü\n" * (MEGABYTE // 12)
    terminal.type("\x1b[200~")
    for first in range(0, len(text), 512):
        terminal.type(text[first : first + 512])
        terminal._read(0)
    terminal.type("\x1b[201~")
    terminal.type(leaves)
    terminal.wait_for_text("Configuration", "● running")
    assert_goes_on(terminal)


@pytest.mark.slow
@on_both_hosts
def test_thousands_of_keys_at_once(start: Start, isolation: list[str]) -> None:
    """What is pasted without brackets are keys: none of these may end or wedge it."""
    terminal = start("mobilenet-v2", *isolation)
    terminal.wait_for_match(MEASURED)
    for _ in range(8):
        terminal.type("~" * 1024)
        terminal._read(0)
    assert_goes_on(terminal)


def _resize_until_it_waits(terminal: Terminal, program: psutil.Process) -> None:
    """Let the screen draw, unread, until its thread stands still with another frame to write."""
    stood_still = number = 0
    end_s = time.monotonic() + PATIENCE_S
    before = -1.0
    while stood_still < 10:
        assert time.monotonic() < end_s
        number += 1
        terminal.resize(100 + number % 50, 40)
        time.sleep(0.05)  # a frame takes a few ms
        threads = {thread.id: thread for thread in program.threads()}
        used_s = threads[program.pid].user_time + threads[program.pid].system_time
        stood_still = stood_still + 1 if used_s == before else 0
        before = used_s


@pytest.mark.parametrize(
    ("name", "isolation"),
    [("SIGTERM", []), ("SIGHUP", ["--isolate"])],
    ids=["SIGTERM-thread", "SIGHUP-process"],
)
def test_a_terminal_that_nobody_reads_any_more(
    start: Start,
    name: str,
    isolation: list[str],
    quiet: Quiet,
) -> None:
    """As a line that hangs: what is written to it waits for ever, and the end must not."""
    terminal = start(*quiet, *isolation)
    terminal.wait_for_match(MEASURED)
    program = psutil.Process(terminal._process.pid).children()[0]
    _resize_until_it_waits(terminal, program)
    terminal.send_signal(getattr(signal, name))
    code = terminal._process.wait(PATIENCE_S)
    assert code == 128 + getattr(signal, name)
    assert not terminal.has_processes_left
