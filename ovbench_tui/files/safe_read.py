"""Bounded reads of regular files only: a FIFO or a device named as a model must not hang us."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError


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


def read_input(
    path: Path, where: str, most_bytes: int, *, give: str, kind: str, hint: str
) -> bytes:
    """Read the whole of a file that the user has named.

    Args:
        where: the file within a sentence, as in ``'before.json'``.
        give: what is to be named instead of a folder or a device, as in ``a JSON file``.
        kind: what a file of more than `most_bytes`, whole MiB, cannot be.
        hint: after "was not found", as in ``: give an id``; may be ''.

    Raises:
        BadInputError: one sentence on why it cannot be read.
    """
    try:
        data = read_head(path, most_bytes + 1)
    except NotARegularFileError:
        raise BadInputError(f"{where} is not a regular file: give {give}.") from None
    except FileNotFoundError:
        raise BadInputError(f"{where} was not found{hint}.") from None
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadInputError(f"{where} cannot be read: {printable(cause)}.") from None
    if len(data) > most_bytes:
        raise BadInputError(f"{where} is larger than {most_bytes >> 20} MiB: that is no {kind}.")
    return data


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
