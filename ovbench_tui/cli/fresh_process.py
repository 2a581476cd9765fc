"""One measurement in a process of its own, as its JSON document."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from ovbench_tui.errors import MISSED_EXIT_CODE, UNDECIDED_EXIT_CODE, BadInputError, RunFailedError
from ovbench_tui.system.own_program import own_program

_INTERRUPTED_FROM = 128
_GRACE_S = 10.0


def run_document(words: Sequence[str], what: str) -> dict[str, Any]:
    """Run this program once more, and read the one JSON document that it prints.

    Its messages and its progress go where ours do.

    Args:
        words: the command line, with --json.
        what: is run, for a message, as in ``Run 2 of 5``.

    Raises:
        BadInputError: it refused the command line.
        KeyboardInterrupt: it was interrupted, or this process was.
        RunFailedError: it failed.
    """
    command = [*own_program(), *words]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)  # noqa: S603 - our own words
    try:
        output, _ = process.communicate()
    except KeyboardInterrupt as interrupt:
        _end(process, is_interrupted_too=not interrupt.args)
        raise
    code = process.returncode
    if code < 0 or code > _INTERRUPTED_FROM:
        raise KeyboardInterrupt(code if code > 0 else _INTERRUPTED_FROM - code)
    if code == BadInputError.exit_code:
        raise BadInputError(f"{what} was refused.")
    try:
        document = json.loads(output)
    except ValueError:
        document = None
    is_complete = code in (0, MISSED_EXIT_CODE, UNDECIDED_EXIT_CODE)
    if not is_complete or not isinstance(document, dict):
        raise RunFailedError(f"{what} failed.")
    return document


def _end(process: subprocess.Popen[bytes], *, is_interrupted_too: bool) -> None:
    """Leave no process behind; Ctrl-C reached it as well as us, and it ends by itself."""
    if not is_interrupted_too:
        process.terminate()
    try:
        process.communicate(timeout=_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
