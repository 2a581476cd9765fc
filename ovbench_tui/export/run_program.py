"""Runs a program that was written by this package once, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ovbench_tui.console.error_log import log_error
from ovbench_tui.errors import RunFailedError


def reply_of(
    program: Path,
    words: Sequence[str],
    what: str,
    *,
    interpreter: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Mapping[str, Any]:
    """Run it to its end, and return what the last line that it prints says in JSON.

    Args:
        program: its file.
        words: its arguments.
        what: failed, for a message, as in ``Start 3``.
        interpreter: of Python; None = that of this process.
        environment: variables of the process; None = those of this one.

    Raises:
        KeyboardInterrupt: by the user; the process has ended, too.
        RunFailedError: it failed.
    """
    process = subprocess.Popen(  # noqa: S603 - our own program
        [str(interpreter or sys.executable), str(program), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
    )
    try:
        output, errors = process.communicate()
    except KeyboardInterrupt:
        process.kill()
        process.communicate()
        raise
    lines = output.splitlines()
    if process.returncode or not lines:
        log_error(RunFailedError(errors))
        last = errors.strip().splitlines()[-1:] or [f"exit code {process.returncode}"]
        raise RunFailedError(f"{what} failed: {last[0]}")
    reply: Mapping[str, Any] = json.loads(lines[-1])
    return reply
