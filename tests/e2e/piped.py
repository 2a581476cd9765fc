"""The program with no terminal: its output goes into pipes."""

from __future__ import annotations

import subprocess
import sys

from tests.e2e.terminal import PATIENCE_S

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
