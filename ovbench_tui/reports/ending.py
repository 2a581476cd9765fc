"""How a session came to its end."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.errors import MISSED_EXIT_CODE, UNDECIDED_EXIT_CODE, BadInputError, RunFailedError

_SIGNALLED = 128
_WORDS = {
    0: "finished",
    BadInputError.exit_code: "bad_input",
    RunFailedError.exit_code: "failed",
    MISSED_EXIT_CODE: "limit_missed",
    UNDECIDED_EXIT_CODE: "undecided",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """The exit code and what the user was told.

    Attributes:
        exit_code: 0, 2 bad input, 3 failed run, 4 a limit was missed, 5 a limit is undecided,
            128 + signal when interrupted, 1 = another error.
        error: a sentence; '' = none.
    """

    exit_code: int = 0
    error: str = ""

    @property
    def status(self) -> str:
        """The exit code in a word: as in finished, interrupted or failed."""
        if self.exit_code > _SIGNALLED:
            return "interrupted"
        return _WORDS.get(self.exit_code, "error")
