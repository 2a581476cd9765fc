"""How a session came to its end."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.errors import BadInputError, RunFailedError

_SIGNALLED = 128
_WORDS = {0: "finished", BadInputError.exit_code: "bad_input", RunFailedError.exit_code: "failed"}


@dataclass(frozen=True, slots=True)
class Ending:
    """The exit code and what the user was told.

    Attributes:
        exit_code: 0, 2 bad input, 3 failed run, 128 + signal when interrupted, 1 = another error.
        error: a sentence; '' = none.
    """

    exit_code: int = 0
    error: str = ""

    @property
    def status(self) -> str:
        """The exit code in a word: finished, interrupted, bad_input, failed or error."""
        if self.exit_code > _SIGNALLED:
            return "interrupted"
        return _WORDS.get(self.exit_code, "error")
