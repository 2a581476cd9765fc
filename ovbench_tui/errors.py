"""Errors whose text is one clear sentence for the user."""

from __future__ import annotations

import re


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


MISSED_EXIT_CODE = 4
"""A good run missed a limit that it was given, as with --p99-under."""

UNDECIDED_EXIT_CODE = 5
"""What was measured does not decide whether a limit is kept: neither a pass nor a failure."""


def cannot_load(what: str, needed: str, error: ImportError | OSError) -> str:
    """Say that an optional part is unavailable here, and why its import failed."""
    reason = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".")
    return f"{what} is unavailable: {needed} cannot be loaded ({reason})."


NO_MEMORY = "there is not enough memory"

_NO_MEMORY = re.compile(
    r"bad_alloc|bad_array_new_length|bad array new length|failed to allocate|unable to allocate"
    r"|cannot allocate memory|out of memory|not enough memory|out_of_host_memory"
    r"|mem_object_allocation_failure",
    re.IGNORECASE,
)


def lacks_memory(error: BaseException) -> bool:
    """Whether memory could not be allocated, by whoever tried: Python, C++, OpenVINO or a driver.

    Of C++'s two errors pybind11 makes a MemoryError; inside of OpenVINO they become a text.
    """
    return isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)) is not None
