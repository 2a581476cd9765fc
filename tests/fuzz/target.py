"""What is fuzzed: a parser, the inputs it gets, and what it may do with them."""

from __future__ import annotations

import contextlib
import ctypes
import io
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from ovbench_tui.errors import OvbenchError


class HangError(AssertionError):
    """A parser took longer than it may."""


@dataclass(frozen=True)
class Target:
    """One parser.

    Attributes:
        inputs: what it is given.
        feed: gives it one input; files may be made in the folder. Returns or raises
            OvbenchError; anything else is a defect.
        weight: inputs under pytest, of which most parsers get about a hundred.
        limit_s: of CPU time for one input, so a busy machine is no hang.
    """

    name: str
    inputs: SearchStrategy[Any]
    feed: Callable[[Any, Path], object]
    weight: int = 60
    limit_s: float = 5.0


@dataclass
class Tally:
    """How many inputs were tried, and how they ended."""

    taken: int = 0
    refused: int = 0

    @property
    def tried(self) -> int:
        """All of them."""
        return self.taken + self.refused


def try_one(target: Target, value: object, folder: Path, tally: Tally) -> None:
    """Feed one input.

    Raises:
        HangError: it took too long.
        Exception: what the parser should have told as an OvbenchError.
    """
    silent = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
    try:
        with silent[0], silent[1], _time_limit(target.limit_s):
            target.feed(value, folder)
    except OvbenchError as error:
        assert str(error).strip(), "an error without a sentence"  # noqa: PT017
        assert "Traceback" not in str(error)  # noqa: PT017
        tally.refused += 1
    except SystemExit as leaving:
        assert leaving.code in (0, None), leaving  # -h and --version print and leave  # noqa: PT017
        tally.taken += 1
    else:
        tally.taken += 1


def make_test(
    target: Target, folder: Path, tally: Tally, examples: int, number: int | None = None
) -> Callable[[], None]:
    """Make a Hypothesis test of a target.

    Args:
        number: of the random sequence; None = always the same one.
    """

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=number is None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(target.inputs)
    def test(value: object) -> None:
        try_one(target, value, folder, tally)

    return test if number is None else seed(number)(test)


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder for the inputs that are files; never the user's."""
    with tempfile.TemporaryDirectory(prefix="ovbench-fuzz-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def _time_limit(limit_s: float) -> Iterator[None]:
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return

    def stop(_number: int, _frame: object) -> None:
        raise HangError(f"more than {limit_s:g} s of CPU time")

    _leave_alternate_stack()
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


class _Stack(ctypes.Structure):
    """``stack_t`` of Linux, see sigaltstack(2)."""

    _fields_ = (("sp", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


def _leave_alternate_stack() -> None:
    """Have signals handled on the ordinary stack.

    OpenVINO's CPU plugin gives the thread a stack for signals, and of two that end in the order
    of their beginning the second one puts back the stack of the first, which is freed by then.
    The next signal that Python handles would kill the process (seen with 2026.4.1).
    """
    if sys.platform == "linux":
        disabled = _Stack(None, 2, 0)  # SS_DISABLE
        ctypes.CDLL(None).sigaltstack(ctypes.byref(disabled), None)
