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


def first_line(error: BaseException) -> str:
    """The first line of what an error says that is not empty; else its representation."""
    if lacks_memory(error):
        return NO_MEMORY
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else repr(error)
