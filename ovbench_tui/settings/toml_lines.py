"""Reads TOML so that a bad line costs that line, not the file."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_DOTS_AT_MOST = 100
"""In the keys of a line; the parser takes minutes for a key of thousands of parts."""

_BAD_LINES_AT_MOST = 50
"""A file with more is not a settings file."""

_JOINED_LINES = 50
"""The longest value of several lines that is looked for once a file has a bad line."""

UNREADABLE_TABLE = "unreadable table of line "
"""Stands where a table's header cannot be read, so that its keys belong to no other table."""

_PLACE = re.compile(r"\(at end of document\)|\(?\bat line (\d+),? col(?:umn)? \d+\)?")
_NO_KEYS = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'|#.*")
"""What stands in a line beside its keys: texts and comments. Keys in quotes keep their dots."""

_OPENING = re.compile(r"\"\"\"|'''|[\[{]")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not used.

    Attributes:
        number: from 1.
        content: the line itself.
    """

    number: int
    content: str
    reason: str


@dataclass(frozen=True, slots=True)
class TomlLines:
    """What could be read.

    Attributes:
        is_whole: False where the file has too many bad lines, so that nothing of it is used.
    """

    values: Mapping[str, Any]
    bad_lines: tuple[BadLine, ...] = ()
    is_whole: bool = True


class TomlError(ValueError):
    """A text that is not TOML; `line` is where, from 1, 0 = not known."""

    def __init__(self, error: Exception, text: str) -> None:
        words = _PLACE.sub("", str(error)).rstrip(" :")
        if isinstance(error, RecursionError) or not words:
            words = "it is nested too deeply"
        super().__init__(f"this is not valid TOML: {words[0].lower()}{words[1:]}")
        found = _PLACE.search(str(error))
        self.line = int(found[1]) if found and found[1] else len(text.splitlines()) if found else 0


def read_lines(text: str) -> TomlLines:
    """Parse TOML; a byte that is not UTF-8 is expected as a surrogate, as surrogateescape gives it.

    Raises nothing.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    bad = {
        number: BadLine(number, line, reason)
        for number, line in enumerate(lines, 1)
        if (reason := _plain_reason(line))
    }
    try:
        while len(bad) <= _BAD_LINES_AT_MOST:
            kept = _without(lines, bad)
            try:
                values = parse_toml("\n".join(kept))
            except TomlError as error:
                _find_bad_lines(lines, kept, bad, error)
            else:
                return TomlLines(values, tuple(bad[number] for number in sorted(bad)))
    except TomlError:
        pass  # no line can be blamed
    return TomlLines({}, tuple(bad[number] for number in sorted(bad)), is_whole=False)


def _plain_reason(line: str) -> str:
    """What is wrong with a line whatever stands around it; '' = nothing."""
    if any("\ud800" <= letter <= "\udfff" for letter in line):
        return "this is not UTF-8 text"
    if _NO_KEYS.sub("", line).count(".") > _DOTS_AT_MOST:
        return "this has more dots than any setting"
    return ""


def _without(lines: list[str], bad: Mapping[int, BadLine]) -> list[str]:
    """The lines, with nothing in place of the bad ones, so that the numbers stay."""
    return [
        line if number not in bad else f'["{UNREADABLE_TABLE}{number}"]' * _is_header(line)
        for number, line in enumerate(lines, 1)
    ]


def _is_header(line: str) -> bool:
    return line.lstrip().startswith("[")


def _find_bad_lines(
    lines: list[str], kept: list[str], bad: dict[int, BadLine], error: TomlError
) -> None:
    """Add the lines that cannot be parsed by themselves, or else the one the parser names.

    Raises:
        TomlError: it names none that is still in.
    """
    before = len(bad)
    index = 0
    while index < len(kept) and len(bad) <= _BAD_LINES_AT_MOST:
        taken, reason = _statement(kept, index)
        if not taken:
            bad[index + 1] = BadLine(index + 1, lines[index], reason)
        index += taken or 1
    if len(bad) > before:
        return
    # As with a key that is there twice.
    if not 0 < error.line <= len(lines) or error.line in bad:
        raise error
    bad[error.line] = BadLine(error.line, lines[error.line - 1], str(error))


def _statement(lines: list[str], index: int) -> tuple[int, str]:
    """How many lines from this one on are a statement; 0 and the reason where none are."""
    most = min(_JOINED_LINES if _OPENING.search(lines[index]) else 1, len(lines) - index)
    reasons = (_reason("\n".join(lines[index : index + count])) for count in range(1, most + 1))
    first = ""
    for count, reason in enumerate(reasons, 1):
        if not reason:
            return count, ""
        first = first or reason
    return 0, first


def _reason(text: str) -> str:
    """Why a text is not TOML; '' = it is."""
    try:
        parse_toml(text)
    except TomlError as error:
        return str(error)
    return ""


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML, all of it or nothing.

    Raises:
        ImportError, OSError: Python 3.10 needs a package for it, which cannot be loaded.
        TomlError: it is not TOML.
    """
    # Imported here: most starts have no settings file.
    if sys.version_info >= (3, 11):
        import tomllib

        try:
            return tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            raise TomlError(error, text) from None
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(text).unwrap()
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise TomlError(error, text) from None
