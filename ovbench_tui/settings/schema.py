"""The settings: their names in the file, what they may be, and what they are for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ovbench_tui.config.option_values import HINT_ALIASES, HINTS
from ovbench_tui.errors import BadInputError

Keymap = tuple[tuple[str, tuple[str, ...]], ...]
"""Actions, each with the keys that it is to have."""

AUTO = "auto"
HISTORY = "history"


@dataclass(frozen=True, slots=True)
class UserSettings:
    """What the user wants, start after start; the command line wins over it.

    Attributes:
        theme: one of Textual's themes; '' = its own choice.
        refresh_hz: frames a second that are wanted.
        ui_budget_percent: of one core.
        ascii: ``on``, ``off`` or ``auto``, which looks at the terminal and the locale.
        keeps_history: False where no run is to be kept.
        screenshots: the folder for them; '' = the current one.
        device, hint: for a start that says none; '' = CPU, and benchmark_app's rule.
        keymap: as written; whether the keys fit is for the screen to say.
    """

    theme: str = ""
    refresh_hz: float = 4.0
    ui_budget_percent: float = 3.0
    ascii: str = AUTO
    keeps_history: bool = True
    screenshots: str = ""
    device: str = ""
    hint: str = ""
    keymap: Keymap = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the file.

    Attributes:
        field: of `UserSettings`.
        default: in words, for who has not set it.
        example: a TOML value.
        text: what it is for, a sentence or two.
        read: makes the field of a TOML value; raises BadInputError with what to give instead.
    """

    name: str
    field: str
    default: str
    example: str
    text: str
    read: Callable[[object], object]


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadInputError("give a text in quotes.")
    return value.strip()


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadInputError("give true or false.")
    return value


def _number(low: float, high: float, unit: str) -> Callable[[object], float]:
    def read(value: object) -> float:
        number = math.nan
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            number = float(value) if abs(value) < 1e9 else math.inf
        if not low <= number <= high:
            raise BadInputError(f"give {low:g} to {high:g} {unit}.")
        return number

    return read


def _ascii(value: object) -> str:
    if value == AUTO:
        return AUTO
    if not isinstance(value, bool):
        raise BadInputError('give "auto", true or false.')
    return "on" if value else "off"


def _hint(value: object) -> str:
    hint = HINT_ALIASES.get(value, value) if isinstance(value, str) else ""
    if hint not in HINTS:
        raise BadInputError(f"give one of {', '.join(HINTS)}.")
    return hint


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "theme",
        "theme",
        "textual-dark",
        '"nord"',
        "Colours; ctrl+p, Theme shows them all and writes the choice here.",
        _text,
    ),
    Setting(
        "refresh",
        "refresh_hz",
        "4",
        "4",
        "Frames a second on the screen, 0.5 to 20 (--refresh).",
        _number(0.5, 20, "frames a second"),
    ),
    Setting(
        "ui-budget",
        "ui_budget_percent",
        "3",
        "3",
        "Percent of one core the screen may take before it slows down (--ui-budget).",
        _number(0.1, 100, "%"),
    ),
    Setting(
        "ascii",
        "ascii",
        AUTO,
        '"auto"',
        "Draw with ASCII characters only: true, false, or by terminal and locale (--ascii).",
        _ascii,
    ),
    Setting(
        HISTORY,
        "keeps_history",
        "true",
        "true",
        "Keep every run in the history; false is as --no-history.",
        _truth,
    ),
    Setting(
        "screenshots",
        "screenshots",
        "the current folder",
        '"~/Pictures"',
        "The folder that ctrl+s saves screenshots in.",
        _text,
    ),
    Setting(
        "device",
        "device",
        "CPU",
        '"CPU"',
        "The device for a start without -d.",
        _text,
    ),
    Setting(
        "hint",
        "hint",
        "throughput",
        '"throughput"',
        f"The hint for a start without -hint: {', '.join(HINTS)}.",
        _hint,
    ),
)
"""Every setting but the keymap, in the order of the file that --init writes."""

BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}

KEYMAP = "keymap"


def read_keys(value: object) -> tuple[str, ...]:
    """Make the keys of an action from ``"p"``, ``"p,space"`` or ``["p", "space"]``.

    Raises:
        BadInputError: with what to give instead.
    """
    words = value
    if isinstance(value, str):
        words = [value] if len(value) == 1 else value.split(",")
    if isinstance(words, list) and words and all(isinstance(word, str) for word in words):
        keys = tuple(word.strip() or word for word in words)
        if all(keys):
            return keys
    raise BadInputError('give a key as "p", or several as ["p", "space"].')
