"""However an app is stuck, it and its children end within a bounded time."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process

import psutil
import pytest

from ovbench_tui.web import app_process

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")

PATIENCE_S = 60.0
_DEAF = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
print(child.pid, flush=True)
while True:
    time.sleep(1000)
"""
_OBEDIENT = """
import sys
print(0, flush=True)
sys.stdin.readline()
"""
_TERMINATED = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print(0, flush=True)
while True:
    time.sleep(1000)
"""


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_process, "QUIT_WITHIN_S", 0.3)
    monkeypatch.setattr(app_process, "_CHILDREN_WITHIN_S", 0.3)


async def begin(program: str) -> tuple[Process, int]:
    """Start a program as an app is; gives it and the number that it prints first."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdin=PIPE, stdout=PIPE, start_new_session=True
    )
    assert process.stdout is not None
    return process, int(await asyncio.wait_for(process.stdout.readline(), PATIENCE_S))


async def test_an_app_that_obeys_is_not_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_process, "QUIT_WITHIN_S", PATIENCE_S)
    process, _ = await begin(_OBEDIENT)
    stdin = process.stdin
    assert stdin is not None
    await asyncio.wait_for(app_process.end(process, lambda: stdin.write(b"quit\n")), PATIENCE_S)
    assert process.returncode == 0


async def test_an_app_that_does_not_answer_is_terminated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_process, "TERMINATE_WITHIN_S", PATIENCE_S)
    process, _ = await begin(_TERMINATED)
    await asyncio.wait_for(app_process.end(process, lambda: None), PATIENCE_S)
    assert process.returncode == 7


@pytest.mark.parametrize("is_stopped", [False, True])
async def test_an_app_that_hangs_is_killed_with_its_children(
    monkeypatch: pytest.MonkeyPatch, is_stopped: bool
) -> None:
    monkeypatch.setattr(app_process, "TERMINATE_WITHIN_S", 0.3)
    process, child = await begin(_DEAF)
    if is_stopped:
        process.send_signal(signal.SIGSTOP)
    await asyncio.wait_for(app_process.end(process, lambda: None), PATIENCE_S)
    assert process.returncode == -signal.SIGKILL
    _, left = psutil.wait_procs([psutil.Process(child)] if psutil.pid_exists(child) else [], 30)
    assert left == []


async def test_who_is_cancelled_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_process, "QUIT_WITHIN_S", PATIENCE_S)
    process, _ = await begin(_DEAF)
    asked = asyncio.Event()
    ending = asyncio.ensure_future(app_process.end(process, asked.set))
    await asyncio.wait_for(asked.wait(), PATIENCE_S)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert await asyncio.wait_for(process.wait(), PATIENCE_S) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("code", "words"),
    [(-9, "SIGKILL"), (-200, "signal 200"), (3, "exit code 3"), (None, "no longer responds")],
)
def test_the_end_is_described(code: int | None, words: str) -> None:
    assert words in app_process.describe_end(code)
    assert len(app_process.describe_end(code).encode()) <= 123  # of a close frame
