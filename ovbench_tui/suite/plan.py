"""The file of a suite: which models are measured, how, and what a regression is.

Each ``[run.NAME]`` holds an ordinary command line, so the ordinary parser checks it. What is wrong
in the file is found before anything is measured.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ovbench_tui.console.printable import printable
from ovbench_tui.console.suggestion import closest
from ovbench_tui.errors import BadInputError, cannot_load
from ovbench_tui.files.safe_read import read_input
from ovbench_tui.options.commands import COMMANDS, refuse_mistyped
from ovbench_tui.options.conflicts import of_one_run, refuse
from ovbench_tui.options.invocation import read_invocation
from ovbench_tui.options.margin_option import read_percent
from ovbench_tui.options.repeat_option import MOST_REPEATS
from ovbench_tui.settings.file import find_lines
from ovbench_tui.settings.schema import UserSettings
from ovbench_tui.settings.toml_lines import TomlError, parse_toml
from ovbench_tui.stats.comparison.compare_text import FIGURES_BY_WORD

FAIL_ABOVE = 0.05
REST_S = 1.0
MOST_REST_S = 3600.0

_MAX_BYTES = 1 << 20
_RUN = "run"
_COMMAND = "command"
_NAME = re.compile(r"[\w-]{1,100}", re.ASCII)
_OF_ENTRY = ("repeat", "figure", "fail_above")
_OF_SUITE = ("options", "rest_s", *_OF_ENTRY)


@dataclass(frozen=True, slots=True)
class SuiteEntry:
    """One thing to measure.

    Attributes:
        words: the command line, without the program's name.
        repeat: in how many fresh processes.
        figure: by which it is compared with the baseline: ``fps``, ``p50_ms`` or ``p99_ms``.
        fail_above: by how much that may be worse than the baseline, as a fraction.
    """

    name: str
    words: tuple[str, ...]
    repeat: int = 1
    figure: str = "fps"
    fail_above: float = FAIL_ABOVE


@dataclass(frozen=True, slots=True)
class SuitePlan:
    """All that a file asks for.

    Attributes:
        name: of the file.
        rest_s: between two runs.
    """

    name: str
    entries: tuple[SuiteEntry, ...]
    rest_s: float = REST_S


def read_plan(path: str, settings: UserSettings | None = None) -> SuitePlan:
    """Read a suite's file.

    Args:
        settings: of the user, for what the command lines leave open; None = there are none.

    Raises:
        BadInputError: one sentence that names the entry and its line.
    """
    where = f"'{printable(path)}'"
    data = read_input(
        Path(path), where, _MAX_BYTES, give="a suite's TOML file", kind="suite", hint=""
    )
    try:
        text = data.decode("utf-8-sig")
        values = parse_toml(text)
    except UnicodeDecodeError:
        raise BadInputError(f"{where} is not UTF-8 text.") from None
    except (ImportError, OSError) as error:
        raise BadInputError(cannot_load("A suite", "the package tomlkit", error)) from None
    except TomlError as error:
        place = f", line {error.line}" if error.line else ""
        raise BadInputError(f"{where}{place}: {error}.") from None
    return _Reader(where, find_lines(text), settings).plan(Path(path).name, values)


class _Reader:
    """Knows where each value stands, for the messages."""

    def __init__(self, file: str, lines: Mapping[str, int], settings: UserSettings | None) -> None:
        self._file = file
        self._lines = lines
        self._settings = settings

    def plan(self, name: str, values: Mapping[str, Any]) -> SuitePlan:
        self._check_names(values, (*_OF_SUITE, _RUN), "")
        runs = values.get(_RUN)
        if not isinstance(runs, dict) or not runs:
            raise self._wrong("", f"it names no run: write [{_RUN}.NAME] and below it a command.")
        common = self._words(values, "options", "")
        rest_s = values.get("rest_s", REST_S)
        if not _is_number(rest_s) or not 0 <= rest_s <= MOST_REST_S:
            raise self._wrong("rest_s", f"rest_s is a number of seconds up to {MOST_REST_S:g}.")
        entries = tuple(self._entry(key, run, values, common) for key, run in runs.items())
        return SuitePlan(name, entries, float(rest_s))

    def _entry(
        self, name: str, run: object, values: Mapping[str, Any], common: list[str]
    ) -> SuiteEntry:
        table = f"{_RUN}.{name}"
        if not _NAME.fullmatch(name):
            raise self._wrong(table, "a name has letters, digits, - and _ only.")
        if not isinstance(run, dict):
            raise self._wrong(table, f"this is no run: write [{table}] and below it a command.")
        self._check_names(run, (_COMMAND, *_OF_ENTRY), f"{table}.")
        own = self._words(run, _COMMAND, f"{table}.")
        if not own:
            raise self._wrong(table, 'a command is missing, as in command = "model.xml -t 10".')
        words = (*common, *own)
        self._check_command(own, words, f"{table}.{_COMMAND}")

        def of(key: str) -> tuple[object, str]:
            """The value, and where it stands; None where it does not."""
            return (run[key], f"{table}.{key}") if key in run else (values.get(key), key)

        return SuiteEntry(
            name,
            words,
            repeat=self._repeat(*of("repeat")),
            figure=self._figure(*of("figure")),
            fail_above=self._share(*of("fail_above")),
        )

    def _check_command(self, own: list[str], words: tuple[str, ...], key: str) -> None:
        """Let the program's own parser judge it."""
        try:
            refuse("a suite", (own[0] in COMMANDS, f"command {own[0]}", "it measures models only"))
            refuse_mistyped(own)
            invocation = read_invocation(words, self._settings)
            refuse(
                "a suite",
                (not invocation.config.model, "run without a model", "name one"),
                (invocation.config.iterations == 0, "-niter 0", "it measures nothing"),
                (invocation.repeat > 1, "--repeat", "write repeat = N"),
                (invocation.reports.json_stdout, "--json", "its document holds those of all runs"),
                *of_one_run(invocation, "its document holds all of them"),
            )
        except BadInputError as error:
            raise self._wrong(key, str(error)) from None
        except SystemExit:  # -h and the like have printed and leave
            raise self._wrong(key, "this measures nothing.") from None

    def _words(self, values: Mapping[str, Any], key: str, table: str) -> list[str]:
        text = values.get(key, "")
        if not isinstance(text, str):
            raise self._wrong(table + key, f"{key} is a text, as a command line.")
        try:
            return shlex.split(text)
        except ValueError as error:
            raise self._wrong(table + key, f"{key} cannot be read: {error}.") from None

    def _repeat(self, value: object, key: str) -> int:
        value = 1 if value is None else value
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_REPEATS:
            raise self._wrong(key, f"repeat is a whole number from 1 to {MOST_REPEATS}.")
        return value

    def _figure(self, value: object, key: str) -> str:
        value = "fps" if value is None else value
        if not isinstance(value, str) or value not in FIGURES_BY_WORD:
            raise self._wrong(key, f"figure is one of {', '.join(FIGURES_BY_WORD)}, in quotes.")
        return FIGURES_BY_WORD[value]

    def _share(self, value: object, key: str) -> float:
        if value is None:
            return FAIL_ABOVE
        if not isinstance(value, str):
            raise self._wrong(key, 'fail_above is a percentage in quotes, as "5%".')
        try:
            return read_percent(value, "fail_above")
        except BadInputError as error:
            raise self._wrong(key, str(error)) from None

    def _check_names(self, values: Mapping[str, Any], known: tuple[str, ...], table: str) -> None:
        for name in values:
            if name not in known:
                close = closest(name, known)
                meant = f"did you mean {close}?" if close else f"there are {', '.join(known)}."
                raise self._wrong(table + name, f"{printable(name)} is unknown: {meant}")

    def _wrong(self, key: str, text: str) -> BadInputError:
        """An error at a key, which is named with its line."""
        table = key.split(".")[:2] if key.startswith(f"{_RUN}.") else []
        line = self._lines.get(key) or self._lines.get(".".join(table), 0)
        places = [self._file, *([f"line {line}"] if line else [])]
        places += [printable(".".join(table))] if table else []
        return BadInputError(f"{', '.join(places)}: {text}")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
