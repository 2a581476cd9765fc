"""Files that the user asks for in a dialog: the name checked, the writing told in a sentence."""

from __future__ import annotations

from pathlib import Path

from ovbench_tui.errors import BadInputError
from ovbench_tui.files.safe_write import check_target, write_text


def checked_path(text: str) -> Path:
    """Return the file that was typed.

    Raises:
        BadInputError: it cannot be written; one sentence.
    """
    if not text.strip():
        raise BadInputError("Give a file name.")
    try:
        path = Path(text.strip()).expanduser()
        check_target(path, "The file")
    except (RuntimeError, ValueError) as error:  # '~someone' with no home directory, a NUL
        raise BadInputError(f"{text!r} is not a valid file name: {error}.") from error
    return path


def write_file(path: Path, text: str) -> tuple[str, bool]:
    """Write `text`; returns a sentence for the user, and whether it tells of an error."""
    try:
        write_text(path, text)
    except OSError as error:
        return f"{path} cannot be written: {error.strerror or error}.", True
    return f"Written to {path.absolute()}.", False
