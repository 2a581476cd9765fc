"""Files that appear whole or not at all, and never through somebody's symlink.

What is written goes to a new file beside the target, which then takes the target's name. A
symlink of that name is replaced, not followed, so nothing outside the folder can be reached.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ovbench_tui.errors import BadInputError

_NAMES_TRIED = 100


def create_beside(path: Path) -> tuple[BinaryIO, Path]:
    """Create a new, empty file in the folder of `path`, to take its name later.

    Raises:
        OSError: as `open` does.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    for _ in range(_NAMES_TRIED):
        # Shortened, since the target's own name may be as long as a name can be. As by `secrets`,
        # whose loading would take its time before the first frame.
        part = path.with_name(f".{path.name[:40]}.{os.urandom(4).hex()}.part")
        with contextlib.suppress(FileExistsError):
            return os.fdopen(os.open(part, flags, 0o666), "wb"), part
    raise FileExistsError(f"no free name beside {path}")


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file that takes the name `path` when the block ends well, and else is gone.

    Raises:
        OSError: as `open`, writing and renaming do.
    """
    file, part = create_beside(path)
    try:
        with file:
            yield file
        take_name(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def take_name(part: Path, path: Path) -> None:
    """Give a finished file its name.

    Raises:
        OSError: where that is not possible, as with a folder of that name.
    """
    if reason := _in_the_way(path):
        raise FileExistsError(0, reason, str(path))
    part.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8; what has no UTF-8 form, as a path's stray byte, becomes a question mark.

    Raises:
        OSError: as `replacing` does.
    """
    with replacing(path) as file:
        file.write(text.encode("utf-8", "replace"))


def check_target(path: Path, option: str) -> None:
    """Refuse a file that could not be written, before anything is measured for it.

    Args:
        option: named in the error.

    Raises:
        BadInputError: with a sentence that says why not.
    """
    folder = path.parent
    try:
        is_folder = folder.is_dir()
    except (OSError, ValueError) as error:  # a name that is too long, or has a NUL
        cause = getattr(error, "strerror", None) or error
        raise BadInputError(f"{option} {str(path)!r} cannot be written: {cause}.") from error
    if not is_folder:
        what = "is not a folder" if folder.exists() else "does not exist: create it first"
        raise BadInputError(f"{option} {str(path)!r}: the folder {str(folder)!r} {what}.")
    if reason := _in_the_way(path):
        raise BadInputError(f"{option} {str(path)!r}: {reason}; choose another name.")
    try:
        # Only trying tells: a file system may be full or read-only, and root may do anything.
        file, part = create_beside(path)
        file.close()
        part.unlink()
    except OSError as error:
        raise BadInputError(
            f"{option} {str(path)!r} cannot be written: {error.strerror or error}."
        ) from error


def is_anothers_link(path: Path) -> bool:
    """Whether `path` is a symlink that neither this user nor root made, as in a shared folder."""
    if not hasattr(os, "geteuid"):
        return False
    try:
        found = path.lstat()
    except (OSError, ValueError):
        return False
    return stat.S_ISLNK(found.st_mode) and found.st_uid not in (0, os.geteuid())


def _in_the_way(path: Path) -> str:
    """Say why `path` cannot be replaced; '' when it can."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return ""
    except OSError as error:
        return error.strerror or str(error)
    except ValueError:
        return "no file can have this name"
    if stat.S_ISDIR(mode):
        return "a folder has this name"
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        return "this is not a regular file"
    return ""
