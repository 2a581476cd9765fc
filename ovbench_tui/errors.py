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


def cannot_load(what: str, needed: str, error: ImportError | OSError) -> str:
    """Say that an optional part is unavailable here, and why its import failed."""
    reason = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".")
    return f"{what} is unavailable: {needed} cannot be loaded ({reason})."
