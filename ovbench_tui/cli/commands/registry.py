"""What `ovbench-tui WORD ...` does beside measuring one model.

Each word is a module beside this one with ``main(arguments) -> exit code``, imported only when
it is asked for. A model file that is called like a word is reached as ``./WORD``.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from ovbench_tui.cli.open_files import ensure_open_files
from ovbench_tui.console.messages import print_message
from ovbench_tui.errors import OvbenchError


def run_subcommand(word: str, arguments: Sequence[str]) -> int:
    """Run one; returns the exit code, 2 for bad input, with its reason told in a sentence."""
    module = import_module(f"{__package__}.{word}")
    try:
        ensure_open_files()
        return int(module.main(arguments))
    except OvbenchError as error:
        print_message(str(error))
        return error.exit_code
