"""Bounded reads of regular files only: a FIFO or a device named as a model must not hang us."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class NotARegularFileError(OSError):
    """A directory, FIFO, socket or device stands where a file is expected."""


@contextmanager
def open_regular(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file for binary reading, unbuffered by any other process.

    Raises:
        NotARegularFileError: for anything but a regular file.
        OSError: as `open` does.
    """
    # Opening a FIFO without O_NONBLOCK waits for a writer, perhaps for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise NotARegularFileError(f"{path} is not a regular file")
        yield file


def read_head(path: Path, limit: int) -> bytes:
    """Read at most the first `limit` bytes."""
    with open_regular(path) as file:
        return file.read(limit)


def read_tail(path: Path, limit: int) -> bytes:
    """Read at most the last `limit` bytes."""
    with open_regular(path) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - limit))
        return file.read(limit)


def size_of(path: Path) -> int | None:
    """Bytes of a regular file; None when there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
