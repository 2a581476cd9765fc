"""Small files in which the kernel tells of itself."""

from __future__ import annotations

import os

_ENOUGH_BYTES = 65536


def read_kernel_file(path: str) -> str | None:
    """Return the text without blanks around it; None = there is none that can be read.

    By plain system calls: these files are read while something is measured, and a text file
    object costs three times as much.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.read(descriptor, _ENOUGH_BYTES).decode("ascii", "replace").strip()
    except OSError:
        return None
    finally:
        os.close(descriptor)


def read_kernel_number(path: str) -> int | None:
    """Return the one whole number of a file; None = there is none."""
    text = read_kernel_file(path)
    try:
        return int(text) if text else None
    except ValueError:
        return None


def numbered_entries(folder: str) -> list[str]:
    """Return the names in a folder that are numbers, as of processes; none where it is missing."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.name.isdigit()]
    except OSError:
        return []
