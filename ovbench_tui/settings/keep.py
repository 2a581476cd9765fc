"""Writes a setting into the user's file, whose comments and order stay as they are."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ovbench_tui.errors import BadInputError, cannot_load
from ovbench_tui.files.safe_read import read_head
from ovbench_tui.files.safe_write import is_anothers_link, write_text
from ovbench_tui.settings.file import MAX_BYTES
from ovbench_tui.settings.location import CONFIG_VARIABLE


def keep_setting(path: Path, name: str, value: str) -> None:
    """Set `name` at the top of the file; a file that is not there is made, with its folder.

    Raises:
        BadInputError: it cannot be written, or is not valid TOML and is left as it is; or tomlkit
            cannot be loaded.
    """
    # Imported here: only who changes a setting waits for it.
    try:
        import tomlkit
        from tomlkit.exceptions import TOMLKitError
    except (ImportError, OSError) as error:
        raise BadInputError(
            f"{name} was not kept. {cannot_load('Writing settings', 'the package tomlkit', error)}"
        ) from None

    path = _behind_links(path)
    if not path.is_absolute():
        raise BadInputError(
            f"{name} was not kept, for there is no home folder: name a file with {CONFIG_VARIABLE}."
        )
    try:
        text, mode = _current(path)
        text = _uncommented(text, name, value)
        document = tomlkit.parse(text)
        document[name] = value
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, tomlkit.dumps(document))
        if mode is not None:
            path.chmod(mode)
    except (TOMLKitError, UnicodeDecodeError):
        raise BadInputError(
            f"{name} was not kept, because {path} is not valid"
            " TOML: `ovbench-tui config --check` says"
            " where."
        ) from None
    except OSError as error:
        raise BadInputError(
            f"{name} was not kept in {path}: {error.strerror or error};"
            f" {CONFIG_VARIABLE} names another file."
        ) from None


def _current(path: Path) -> tuple[str, int | None]:
    """Return the text and the mode of the file; '' and None where there is none."""
    if not path.exists():
        return "", None
    mode = path.stat().st_mode & 0o777
    content = read_head(path, MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise OSError("it is too large for settings")
    return content.decode("utf-8-sig"), mode


def _behind_links(path: Path) -> Path:
    """Dotfiles are often links into another folder: the file there is the one to change."""
    if is_anothers_link(path):
        return path  # is replaced, not followed
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle, or no name for a file
        return path


def _uncommented(text: str, name: str, value: str) -> str:
    """Put the value where the template explains it, if that line still stands above all tables."""
    end = re.search(r"^[ \t]*\[", text, re.MULTILINE)
    head = text[: end.start()] if end else text
    is_set = re.search(rf"^[ \t]*{re.escape(name)}[ \t]*=", head, re.MULTILINE)
    line = re.search(rf"^#[ \t]*{re.escape(name)}[ \t]*=.*$", head, re.MULTILINE)
    if is_set or not line:
        return text
    return f"{text[: line.start()]}{name} = {json.dumps(value)}{text[line.end() :]}"
