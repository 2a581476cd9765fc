"""`ovbench-tui config`: the user's settings and keys, where each comes from, and what is wrong."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.options.parser import NarrowFormatter, OneLineParser
from ovbench_tui.settings.file import Problem, SettingsFile, read_settings
from ovbench_tui.settings.location import CONFIG_VARIABLE
from ovbench_tui.settings.schema import KEYMAP, SETTINGS, UserSettings

_NAME_WIDTH = 18
_VALUE_WIDTH = 26


def main(arguments: Sequence[str]) -> int:
    """Show, check or begin the settings file; returns 0, or 2 when something in it is wrong."""
    given = build_parser().parse_args(list(arguments))
    found = read_settings()
    if given.path:
        return _print(str(found.path))
    if given.init:
        return _init(found)
    problems = _all_problems(found)
    code = 0 if given.check else _print("\n".join(_table(found)))
    for problem in problems:
        print_message(problem.describe(found.path))
    if given.check and problems:
        return BadInputError.exit_code
    if given.check:
        return _print(f"{found.path} is in order." if found.exists else _missing(found.path))
    return code


def _print(text: str) -> int:
    return 0 if print_result(text) else OvbenchError.exit_code


def build_parser() -> argparse.ArgumentParser:
    """Build the parser."""
    parser = OneLineParser(
        prog="ovbench-tui config",
        usage="%(prog)s [--check | --path | --init]",
        description="Shows the settings in use, and where each comes from. The command line of a"
        " start wins over the file.",
        epilog=f"The variable {CONFIG_VARIABLE} names another file.",
        allow_abbrev=False,
        formatter_class=NarrowFormatter,
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--check", action="store_true", help="say only what is wrong in the file; exit code 2 then"
    )
    choice.add_argument("--path", action="store_true", help="print where the file is, or would be")
    choice.add_argument(
        "--init", action="store_true", help="write a file with every setting explained, none set"
    )
    return parser


def _missing(path: Path) -> str:
    return f"{path} is not there; `ovbench-tui config --init` writes one."


def _init(found: SettingsFile) -> int:
    from ovbench_tui.settings.template import template
    from ovbench_tui.ui.app.bindings import keymap

    path = found.path
    if not path.is_absolute():
        raise BadInputError(
            f"There is no home folder for the settings: name a file with {CONFIG_VARIABLE}."
        )
    actions = [
        (str(binding.id), tuple(binding.key.split(",")), binding.tooltip or binding.description)
        for binding in keymap.actions()
    ]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("x", encoding="utf-8")
    except FileExistsError:
        if not os.path.lexists(path):
            raise BadInputError(
                f"{path} cannot be written: {path.parent} is not a folder."
            ) from None
        raise BadInputError(f"{path} is there already; it was not touched.") from None
    except OSError as error:
        raise BadInputError(f"{path} cannot be written: {error.strerror or error}.") from None
    try:
        with file:
            file.write(template(actions))
    except OSError as error:
        path.unlink(missing_ok=True)  # half of it would be no better than none
        raise OvbenchError(f"{path} was not written: {error.strerror or error}.") from None
    return _print(f"{path} is written: every setting is explained in it, and none is set.")


def _all_problems(found: SettingsFile) -> list[Problem]:
    """What only the screen knows comes on top: themes, actions and keys."""
    from ovbench_tui.ui.app.bindings.settings_check import keymap_problems, theme_problem

    lines = dict(found.lines)
    problems = list(found.problems)
    if text := theme_problem(found.settings.theme):
        problems.append(Problem(lines.get("theme", 0), text, "theme"))
    for reason in keymap_problems(found.settings.keymap):
        name = f"{KEYMAP}.{reason.action}"
        problems.append(Problem(lines.get(name, 0), f"{name}: {reason.text}", name))
    return sorted(problems, key=lambda problem: problem.line)


def _table(found: SettingsFile) -> Iterator[str]:
    from ovbench_tui.ui.app.bindings.keymap import actions
    from ovbench_tui.ui.widgets.key_text import key_text

    yield f"File: {found.path}" if found.exists else f"No file: {_missing(found.path)}"
    if os.environ.get(CONFIG_VARIABLE):
        yield f"  as {CONFIG_VARIABLE} says"
    yield ""
    lines = dict(found.lines)
    for setting in SETTINGS:
        value = getattr(found.settings, setting.field)
        is_set = value != getattr(UserSettings(), setting.field) or setting.name in lines
        yield _row(
            setting.name,
            _shown(value) if is_set else setting.default,
            _origin(lines.get(setting.name)),
        )
    yield from _ascii_row(found.settings.ascii)
    yield ""
    yield "Keys by action:"
    wanted = dict(found.settings.keymap)
    for binding in actions():
        own = wanted.get(str(binding.id))
        keys = own if own is not None else tuple(binding.key.split(","))
        line = lines.get(f"{KEYMAP}.{binding.id}") if own is not None else None
        yield _row(str(binding.id), " ".join(key_text(key) for key in keys), _origin(line))


def _ascii_row(ascii_: str) -> Iterator[str]:
    from ovbench_tui.ui.widgets.ascii_text import why_ascii

    if ascii_ == "auto":
        why = why_ascii()
        yield _row("", f"now {'on' if why else 'off'}", why or "the terminal and the locale")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else printable(str(value))


def _row(name: str, value: str, origin: str) -> str:
    return f"  {name:<{_NAME_WIDTH}} {value:<{_VALUE_WIDTH}} {origin}".rstrip()


def _origin(line: int | None) -> str:
    return f"line {line}" if line else "default"
