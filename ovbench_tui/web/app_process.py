"""The process of one app: how it is started, asked to end, and ended by force."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence

from ovbench_tui.system.own_program import own_program

QUIT_WITHIN_S = 10.0
"""In this time the app writes its reports and prints its summary."""
TERMINATE_WITHIN_S = 3.0
_CHILDREN_WITHIN_S = 2.0
_KILLED_WITHIN_S = 2.0
_POLL_S = 0.02
END_WITHIN_S = QUIT_WITHIN_S + TERMINATE_WITHIN_S + _KILLED_WITHIN_S
"""After this time `end` returns, whatever state the app was in."""


async def start(arguments: Sequence[str], environment: Mapping[str, str]) -> Process:
    """Start the program, with a pipe for each standard stream.

    It leads a session of its own, so that its children can be ended with it, and so that Ctrl-C
    reaches the server alone, which then asks the app to end.
    """
    return await asyncio.create_subprocess_exec(
        *own_program(),
        *arguments,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=dict(environment),
        start_new_session=True,
    )


async def end(process: Process, ask: Callable[[], object]) -> None:
    """End the app and its children: by asking, then by SIGTERM, then by SIGKILL.

    Returns within `END_WITHIN_S`; when it is cancelled, what is left is killed at once.

    Args:
        ask: asks the app to quit; must not block.
    """
    ended = asyncio.ensure_future(process.wait())
    try:
        for step, patience_s in (
            (ask, QUIT_WITHIN_S),
            (lambda: _signal(process, signal.SIGTERM), TERMINATE_WITHIN_S),
        ):
            step()
            if (await asyncio.wait({ended}, timeout=patience_s))[0]:
                break
        await _group_ends(process)
    finally:
        kill(process)
    # Not for good: a process may wait in a driver, where no signal reaches it.
    await asyncio.wait({ended}, timeout=_KILLED_WITHIN_S)
    ended.cancel()


def kill(process: Process) -> None:
    """Kill the app, and what it has left behind; does nothing where all has ended."""
    _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))


async def _group_ends(process: Process) -> None:
    """Let the children of an app that has ended clean up after it, as multiprocessing's do."""
    if process.returncode is None:
        return
    end_s = time.monotonic() + _CHILDREN_WITHIN_S
    while _signal(process, 0) and time.monotonic() < end_s:
        await asyncio.sleep(_POLL_S)


def _signal(process: Process, number: int) -> bool:
    """Send a signal to the app and its children; False where none is left."""
    try:
        if sys.platform == "win32":
            if number and process.returncode is None:
                process.terminate()
            return process.returncode is None
        # The group outlives its leader while a child is left, and keeps its number so long.
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def describe_end(code: int | None) -> str:
    """Say in a sentence how an app ended that was not asked to."""
    if code is None:
        return "The benchmark has closed its output and no longer responds."
    if code >= 0:
        return f"The benchmark ended unexpectedly (exit code {code})."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"The benchmark ended unexpectedly ({name})."
