"""What `ovbench-tui WORD ...` does beside measuring one model.

Each word is a module of this package with ``main(arguments) -> exit code``, imported only when
it is asked for. A model file that is called like a word is reached as ``./WORD``.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from ovbench_tui.errors import OvbenchError
from ovbench_tui.narration import narrate

SUBCOMMANDS: dict[str, str] = {}
"""Each word, and what it is for in one line."""


def run_subcommand(word: str, arguments: Sequence[str]) -> int:
    """Run one; returns the exit code, 2 for bad input, with its reason told in a sentence."""
    module = import_module(f"{__name__}.{word}")
    try:
        return int(module.main(arguments))
    except OvbenchError as error:
        narrate(str(error))
        return error.exit_code
