"""The settings file that --init writes: every setting explained, none of them set."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from ovbench_tui.settings.schema import SETTINGS

_WIDTH = 90
_HEAD = (
    "Settings of ovbench-tui. What is commented out has its default; the command line wins over"
    " this file. `ovbench-tui config --check` shows what is wrong in it."
)
_KEYS = (
    "Keys by action; those of this table replace the action's own. A key is a character or a name"
    ' as in "f5", "ctrl+t", "space"; several are a list. What a tab uses itself, it keeps.'
)


def template(actions: Iterable[tuple[str, tuple[str, ...], str]]) -> str:
    """Return the text of a new settings file.

    Args:
        actions: for the keymap: name, keys, and what it does.
    """
    lines = [*_comment(_HEAD), ""]
    for setting in SETTINGS:
        lines += [*_comment(setting.text), f"# {setting.name} = {setting.example}", ""]
    lines += [*_comment(_KEYS), "[keymap]"]
    for name, keys, text in actions:
        shown = ", ".join(f'"{key}"' for key in keys)
        written = f"[{shown}]" if len(keys) > 1 else shown
        lines.append(f"{f'# {name} = {written}':<44} # {text}")
    return "\n".join(lines) + "\n"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH)]
