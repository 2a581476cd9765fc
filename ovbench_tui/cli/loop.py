"""The loop of every command that measures without a screen."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from ovbench_tui.cli.interrupts import code_of, kept_interrupts
from ovbench_tui.cli.progress import ProgressLine
from ovbench_tui.console.messages import print_message
from ovbench_tui.engine.api.snapshot import Notice
from ovbench_tui.errors import OvbenchError
from ovbench_tui.system.attended_clock import AttendedClock

_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Step:
    """What one look has shown.

    Attributes:
        is_over: it has come to its end.
        error: why it cannot go on; None = it can.
        line: how far it is; '' = nothing to show.
        fraction: how much is done; None = not known.
        sentences: what the user should know and has not read yet.
        log: what has come to its end since the last look, a line each, for a log.
    """

    is_over: bool
    error: OvbenchError | None = None
    line: str = ""
    fraction: float | None = None
    sentences: Sequence[str] = ()
    log: Sequence[str] = ()


def run_to_end(
    look: Callable[[], Step],
    *,
    begin: Callable[[], None] = lambda: None,
    progress: ProgressLine | None = None,
) -> None:
    """Look again and again until it is over, and show how far it is on standard error.

    Args:
        look: takes what was measured since the last call.
        begin: called before the first look. No signal interrupts the one or the other.

    Raises:
        OvbenchError: the error of a step; what was measured is with whoever looked.
        KeyboardInterrupt: between two looks, so that what was measured is whole.
    """
    shown = progress or ProgressLine(sys.stderr)
    with kept_interrupts() as raise_kept:
        try:
            begin()
            while True:
                step = look()
                for sentence in step.sentences:
                    shown.say(sentence)
                shown.log(step.log)
                raise_kept()
                if step.error is not None:
                    raise step.error
                if step.is_over:
                    return
                shown.show(step.line, step.fraction)
                time.sleep(_POLL_S)
        finally:
            shown.clear()


class InPieces(Protocol):
    """What is measured a piece at a time, each without a look in between."""

    @property
    def is_over(self) -> bool:
        """Whether there is none left."""
        ...

    @property
    def progress(self) -> str:
        """What comes next, in a line."""
        ...

    @property
    def fraction(self) -> float:
        """How much is done."""
        ...

    def measure(self) -> None:
        """Measure the next piece."""
        ...


def measure_all(pieces: InPieces) -> None:
    """Measure one piece after the other, and show how far it is on standard error."""
    shown = ProgressLine(sys.stderr)
    try:
        while not pieces.is_over:
            shown.show(pieces.progress, pieces.fraction)
            pieces.measure()
    finally:
        shown.clear()


class Outcome:
    """How what is done within it ended: with an interrupt or an error, which is printed and ends.

    Args:
        was_said: whether the user has read a sentence already.

    Attributes:
        code: for the exit; 0 = it came to its end.
        error: in a sentence; '' = there was none.
        is_interrupted: by a signal.
    """

    def __init__(self, was_said: Callable[[str], bool] = lambda _: False) -> None:
        self._was_said = was_said
        self.code = 0
        self.error = ""
        self.is_interrupted = False

    def __enter__(self) -> Outcome:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if isinstance(raised, KeyboardInterrupt):
            self.code, self.is_interrupted = code_of(raised), True
            return True
        if isinstance(raised, OvbenchError):
            self.code, self.error = raised.exit_code, str(raised)
            if not self._was_said(self.error):
                print_message(self.error)
            return True
        return False


class News:
    """Of the notices that come again with every look, those that are new.

    Args:
        with_errors: else they are left out, since they come as errors, too.
    """

    def __init__(self, *, with_errors: bool) -> None:
        self._with_errors = with_errors
        self._reported = 0
        self._said: set[str] = set()

    def of(self, notices: Sequence[Notice]) -> list[str]:
        """The sentences that none before had."""
        new = [notice for notice in notices if notice.number > self._reported]
        self._reported = max((notice.number for notice in new), default=self._reported)
        said = [notice.text for notice in new if self._with_errors or not notice.is_error]
        self._said.update(said)
        return said

    def has_said(self, sentence: str) -> bool:
        """Whether this was one of them, so that it need not be read twice."""
        return sentence in self._said


class Deadline:
    """A time that passes only while the program runs.

    Args:
        seconds: from the first look on.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self._seconds = seconds
        self._clock = AttendedClock(clock)

    def left_s(self, stopped_s: float = 0.0) -> float:
        """Seconds until it is over; 0 or less once it is.

        Args:
            stopped_s: for so long what is waited for was stopped, maybe together with us.
        """
        passed_s = self._clock()
        return self._seconds - passed_s + max(0.0, stopped_s - self._clock.missed_s)
