"""Trouble with an input file turned into one sentence that names file and input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ovbench_tui.console.native_errors import native_reason
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.files.safe_read import NotARegularFileError


@contextmanager
def refusing(path: Path, label: str) -> Iterator[None]:
    """Turn whatever reading `path` for input `label` raises into a BadInputError."""
    try:
        yield
    except OvbenchError:
        raise
    except MemoryError as error:
        raise file_error(path, label, "there is not enough memory for it") from error
    except NotARegularFileError as error:
        raise file_error(path, label, "it is not a regular file") from error
    except Exception as error:  # decoders of damaged files raise almost anything
        raise file_error(path, label, _cause(error)) from error


def file_error(path: Path, label: str, reason: str) -> BadInputError:
    """The sentence: which file, for which input, and why not."""
    return BadInputError(f"Input '{label}' cannot take '{printable(str(path))}': {reason}.")


def _cause(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    # Pillow's sentence would show the repr of our file object.
    if "cannot identify image file" in text:
        return "it is not an image that can be read, or is damaged"
    return native_reason(text) if text.strip() else type(error).__name__
