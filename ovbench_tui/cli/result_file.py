"""The files in which commands leave what they have found."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ovbench_tui.console.messages import print_message
from ovbench_tui.errors import OvbenchError
from ovbench_tui.files.safe_write import check_target, write_text


def check_results(files: Iterable[tuple[str, str]]) -> None:
    """Refuse before minutes are spent what could not be written in the end.

    Args:
        files: options and the paths they were given; '' = not given.

    Raises:
        BadInputError: with a sentence that says why not.
    """
    for option, path in files:
        if path:
            check_target(Path(path), option)


def write_result(option: str, path: str, text: str, what: str) -> bool:
    """Write a file and say so; False where it could not be written, which is said, too.

    Args:
        what: is in it, with its verb, as in ``the points are``.
    """
    try:
        write_text(Path(path), text)
    except (OSError, OvbenchError) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else error
        print_message(f"{option} '{path}' was not written: {cause}.")
        return False
    print_message(f"{option}: {what} in '{path}'.")
    return True
