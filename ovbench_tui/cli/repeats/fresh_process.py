"""One measurement in a process of its own, as its JSON document."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Sequence
from typing import Any

from ovbench_tui.cli.interrupts import code_of
from ovbench_tui.console.messages import print_message
from ovbench_tui.errors import (
    MISSED_EXIT_CODE,
    UNDECIDED_EXIT_CODE,
    BadInputError,
    OvbenchError,
    RunFailedError,
)
from ovbench_tui.reports.ending import Ending
from ovbench_tui.system.own_program import own_program

MEASURED = (0, MISSED_EXIT_CODE, UNDECIDED_EXIT_CODE)
"""The exit codes of a run that is complete."""

_SIGNALLED = 128
_INTERRUPTS = ("SIGINT", "SIGTERM", "SIGHUP")
_GRACE_S = 10.0


def run_fresh(words: Sequence[str]) -> tuple[int, dict[str, Any] | None]:
    """Run this program once more, and read the one JSON document that it prints.

    Its messages and its progress go where ours do.

    Args:
        words: the command line, with --json.

    Returns:
        The exit code, negative where a signal ended it, and the document; None = it printed none.

    Raises:
        KeyboardInterrupt: it was interrupted, or this process was.
    """
    command = [*own_program(), *words]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)  # noqa: S603 - our own words
    try:
        output, _ = process.communicate()
    except KeyboardInterrupt as interrupt:
        _end(process, is_interrupted_too=not interrupt.args)
        raise
    code = process.returncode
    if _is_interrupt(code):
        raise KeyboardInterrupt(code if code > 0 else _SIGNALLED - code)
    try:
        document = json.loads(output)
    except ValueError:
        document = None
    return code, document if isinstance(document, dict) else None


def run_document(words: Sequence[str], what: str) -> dict[str, Any]:
    """Do the same where only a complete run is of use.

    Args:
        what: is run, for a message, as in ``Run 2 of 5``.

    Raises:
        BadInputError: it refused the command line.
        KeyboardInterrupt: it was interrupted, or this process was.
        RunFailedError: it failed.
    """
    code, document = run_fresh(words)
    if code == BadInputError.exit_code:
        raise BadInputError(f"{what} was refused.")
    if code not in MEASURED or document is None:
        raise RunFailedError(f"{what} {failed_how(code)}.")
    return document


def run_documents(
    words: Sequence[str], count: int, what: str
) -> tuple[list[dict[str, Any]], Ending]:
    """Do that several times; what was complete when it ended early is of use.

    Args:
        words: the command line.
        what: is run, for messages, as in ``Run``.

    Returns:
        A document at least, and the ending.

    Raises:
        BadInputError, KeyboardInterrupt, RunFailedError: before the first was complete.
    """
    words = [*words, *(["--json"] if "--json" not in words else [])]
    documents: list[dict[str, Any]] = []
    try:
        for number in range(1, count + 1):
            name = f"{what} {number} of {count}"
            print_message(f"{name} ...")
            documents.append(run_document(words, name))
    except KeyboardInterrupt as interrupt:
        if not documents:
            raise
        return documents, Ending(code_of(interrupt))
    except OvbenchError as error:
        if not documents:
            raise
        print_message(str(error))
        return documents, Ending(error.exit_code, str(error))
    return documents, Ending()


def failed_how(code: int) -> str:
    """What became of a process that left no complete document, as in ``crashed (SIGSEGV)``."""
    if code >= 0:
        return "failed"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"{'was killed' if name == 'SIGKILL' else 'crashed'} ({name})"


def _is_interrupt(code: int) -> bool:
    """Whether whoever watches it wants it to end; a crash in native code is a failure."""
    numbers = {getattr(signal, name, None) for name in _INTERRUPTS}
    return (code - _SIGNALLED if code > _SIGNALLED else -code) in numbers


def _end(process: subprocess.Popen[bytes], *, is_interrupted_too: bool) -> None:
    """Leave no process behind; Ctrl-C reached it as well as us, and it ends by itself."""
    if not is_interrupted_too:
        process.terminate()
    try:
        process.communicate(timeout=_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
