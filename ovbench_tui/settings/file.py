"""Reads the settings file; a bad one is told, line by line, and never stops the program."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ovbench_tui.console.printable import printable
from ovbench_tui.console.suggestion import closest
from ovbench_tui.errors import BadInputError, cannot_load
from ovbench_tui.files.safe_read import NotARegularFileError, read_head
from ovbench_tui.settings.location import config_path
from ovbench_tui.settings.schema import BY_NAME, KEYMAP, Keymap, UserSettings, read_keys

MAX_BYTES = 256 * 1024
_DOTS_AT_MOST = 100
"""In a line; the parser takes minutes for a key of thousands of parts."""

_PLACE = re.compile(r"\(at end of document\)|\(?\bat line (\d+),? col(?:umn)? \d+\)?")
_TABLE = re.compile(r"\s*\[([^\]]*)\]")
_KEY = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([\w-]+))\s*[=.]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file that is not used.

    Attributes:
        line: where it stands, from 1; 0 = the file as a whole.
        name: the setting, or ``keymap.ACTION``; '' = none in particular.
    """

    line: int
    text: str
    name: str = ""

    def describe(self, path: Path) -> str:
        """One sentence with its place."""
        shown = printable(str(path))
        where = f"{shown}, line {self.line}" if self.line else shown
        return f"{where}: {self.text}"


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What a settings file says.

    Attributes:
        lines: of each setting that was taken from it; ``keymap.ACTION`` for a key.
        problems: what was not taken, in the order of the file.
    """

    path: Path
    settings: UserSettings = field(default_factory=UserSettings)
    exists: bool = False
    lines: tuple[tuple[str, int], ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def reason(self) -> str:
        """All that is wrong, in a sentence; '' = nothing."""
        if not self.problems:
            return ""
        first = self.problems[0].describe(self.path)
        more = len(self.problems) - 1
        return f"{first} `ovbench-tui config --check` tells {more} more." if more else first


def read_settings(path: Path | None = None) -> SettingsFile:
    """Read the user's settings file, or another one; raises nothing.

    What cannot be used keeps its default and is listed among the problems.
    """
    path = path or config_path()
    try:
        content = read_head(path, MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return SettingsFile(path)
    except NotARegularFileError:
        return _broken(path, "this is no regular file; the defaults are used.")
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        return _broken(path, f"it cannot be read: {cause}; the defaults are used.")
    if len(content) > MAX_BYTES:
        return _broken(path, "this is too large for settings; the defaults are used.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _broken(path, "this is no UTF-8 text; the defaults are used.", line)
    try:
        values = parse_toml(text)
    except BadInputError as error:
        words = _PLACE.sub("", str(error)).rstrip()
        return _broken(path, f"{words}; the defaults are used.", _line_in(str(error), text))
    return _taken(path, text, values)


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML.

    Raises:
        BadInputError: it is none; with the parser's words for it.
    """
    text = text.replace("\r\n", "\n")
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > _DOTS_AT_MOST:
            raise BadInputError(f"this has more dots than any setting (at line {number}, column 1)")
    try:
        return _parsed(text)
    except (ValueError, RecursionError) as error:
        words = str(error) or "it is nested too deeply"
        raise BadInputError(f"this is no TOML: {words[0].lower()}{words[1:]}") from None


def _parsed(text: str) -> dict[str, Any]:
    # Imported here: most starts have no settings file.
    if sys.version_info >= (3, 11):
        import tomllib

        return tomllib.loads(text)
    try:
        import tomlkit
        from tomlkit.exceptions import TOMLKitError
    except (ImportError, OSError) as error:
        raise BadInputError(
            cannot_load("Reading settings", "the package tomlkit", error).rstrip(".")
        ) from None
    try:
        return tomlkit.parse(text).unwrap()
    except TOMLKitError as error:
        raise ValueError(str(error)) from None


def _broken(path: Path, text: str, line: int = 0) -> SettingsFile:
    return SettingsFile(path, exists=True, problems=(Problem(line, text),))


def _line_in(message: str, text: str) -> int:
    found = _PLACE.search(message)
    if found is None:
        return 0
    return int(found[1]) if found[1] else max(1, len(text.splitlines()))


def _taken(path: Path, text: str, values: Mapping[str, Any]) -> SettingsFile:
    places = find_lines(text)
    fields: dict[str, Any] = {}
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    for name, value in values.items():
        line = places.get(name, 0)
        if name == KEYMAP:
            fields[KEYMAP] = _keymap(value, line, places, lines, problems)
            continue
        setting = BY_NAME.get(name)
        if setting is None:
            problems.append(Problem(line, _unknown(name, (*BY_NAME, KEYMAP)), name))
            continue
        try:
            fields[setting.field] = setting.read(value)
        except BadInputError as error:
            problems.append(Problem(line, f"{name} {_shown(value)} cannot be used: {error}", name))
        else:
            lines[name] = line
    problems.sort(key=lambda problem: problem.line)
    return SettingsFile(
        path,
        replace(UserSettings(), **fields),
        exists=True,
        lines=tuple(lines.items()),
        problems=tuple(problems),
    )


def _keymap(
    value: object,
    line: int,
    places: Mapping[str, int],
    lines: dict[str, int],
    problems: list[Problem],
) -> Keymap:
    if not isinstance(value, dict):
        problems.append(Problem(line, "keymap is a table: write [keymap] and keys below.", KEYMAP))
        return ()
    found: list[tuple[str, tuple[str, ...]]] = []
    for action, keys in value.items():
        name = f"{KEYMAP}.{action}"
        at = places.get(name, line)
        try:
            found.append((action, read_keys(keys)))
        except BadInputError as error:
            problems.append(Problem(at, f"{name} {_shown(keys)} cannot be used: {error}", name))
        else:
            lines[name] = at
    return tuple(found)


def find_lines(text: str) -> dict[str, int]:
    """Return the first line, from 1, of each key and table, as in ``keymap.pause``.

    Right for files as people write them; a text of several lines may mislead it, which then
    costs no more than a wrong line in a message.
    """
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            table = header[1].strip().strip("\"'")
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            name = next(word for word in key.groups() if word is not None)
            found.setdefault(f"{table}.{name}" if table else name, number)
            if not table and (inner := _KEY.match(line[key.end() - 1 :].lstrip("."))):
                inner_name = next(word for word in inner.groups() if word is not None)
                found.setdefault(f"{name}.{inner_name}", number)
    return found


def _unknown(name: str, known: Iterable[str]) -> str:
    close = closest(name, known)
    meant = f"did you mean {close}?" if close else "`ovbench-tui config` lists all there are."
    return f"setting {printable(name)} is unknown: {meant}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return printable(repr(value))
