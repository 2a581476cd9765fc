"""The commands: their words, and what was meant by one that is none of them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from ovbench_tui.config.built_in_models import ZOO
from ovbench_tui.console.suggestion import closest
from ovbench_tui.errors import BadInputError

COMMANDS: dict[str, str] = {
    "ab": "two configurations in turn",
    "app": "why your program is slower",
    "compare": "two runs: a change, or noise",
    "config": "your settings and keys",
    "fleet": "many machines, through Dask",
    "help": "a page of the manual",
    "history": "the runs that were measured",
    "layers": "two sides, layer by layer",
    "llm": "a language model's figures",
    "load": "the highest rate in a limit",
    "mix": "several models at once",
    "report": "a page of runs to share",
    "serve": "the screen in a browser",
    "startup": "how long a start takes",
    "suite": "many runs at once, for CI",
    "sweep": "FPS and p99 over nireq",
    "tune": "the best configuration",
}
"""Each word of `ovbench-tui WORD ...`, and what it shows in a few words."""

_LIKE_A_COMMAND = re.compile(r"[A-Za-z][A-Za-z_-]*")
"""A model's file has an ending, or a folder before it."""


def refuse_mistyped(words: Sequence[str]) -> None:
    """Refuse a command line that begins with a word that is no command, option or model.

    A word by itself that is like none of the commands is left to whoever looks for the model.

    Raises:
        BadInputError: with the command that was meant.
    """
    word = words[0] if words else ""
    models = [entry.name for entry in ZOO]
    if not _LIKE_A_COMMAND.fullmatch(word) or word in models or os.path.lexists(word):
        return
    close = closest(word, [*COMMANDS, *models])
    what = f"There is no command or model {word!r}"
    if close in COMMANDS:
        raise BadInputError(f"{what}; did you mean {close}?")
    if not close and len(words) > 1 and not words[1].startswith("-"):
        raise BadInputError(f"{what}; the commands are {', '.join(COMMANDS)}.")
