"""The program with no terminal: its output goes into pipes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.e2e.terminal import PATIENCE_S
from tests.e2e.warm import PROGRAM, WarmProcess, can_be_warm

__all__ = ["PROGRAM", "run_piped"]


def run_piped(
    environment: dict[str, str],
    *arguments: str,
    folder: Path | None = None,
    is_warm: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end, in this folder or here.

    It comes from a process that has imported it, unless `is_warm` says otherwise or variables do.
    """
    command = [*PROGRAM, *arguments]
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        if not (is_warm and can_be_warm(environment)):
            return subprocess.run(
                command,
                env=environment,
                cwd=folder,
                stdin=nothing,
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
            )
        process = WarmProcess(
            arguments,
            environment,
            stdin=nothing.fileno(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            folder=folder,
        )
    out, err = process.communicate(PATIENCE_S)
    return subprocess.CompletedProcess(command, process.wait(), out.decode(), err.decode())
