"""Errors whose text is one clear sentence for the user."""

from __future__ import annotations


class OvbenchError(Exception):
    """Base of everything the user is told: what is wrong, where, and what to do."""

    exit_code = 1


class BadInputError(OvbenchError):
    """The command line, a file or a value cannot be used as given."""

    exit_code = 2


class RunFailedError(OvbenchError):
    """A good configuration failed while it was measured."""

    exit_code = 3


class EngineHangsError(RunFailedError):
    """An engine that should run inferences has stopped doing so."""


def first_line(error: BaseException) -> str:
    """The first line of what an error says that is not empty; else its representation."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else repr(error)
