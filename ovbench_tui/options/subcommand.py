"""The beginning of every subcommand that runs models: its own options, and then the program's."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from ovbench_tui.errors import BadInputError
from ovbench_tui.options.parser import NarrowFormatter, OneLineParser

if TYPE_CHECKING:
    from ovbench_tui.options.invocation import Invocation
    from ovbench_tui.settings.schema import UserSettings


def subcommand_parser(
    word: str, usage: str, description: str, epilog: str
) -> argparse.ArgumentParser:
    """A parser without options, for those that only this subcommand has, or has otherwise.

    Args:
        word: of the subcommand.
        usage: what stands behind it, as in ``MODEL [OPTIONS]``.
    """
    return OneLineParser(
        prog=f"ovbench-tui {word}",
        usage=f"%(prog)s {usage}",
        description=description,
        epilog=epilog,
        allow_abbrev=False,
        formatter_class=NarrowFormatter,
    )


def split_options(
    parser: argparse.ArgumentParser, arguments: Sequence[str], settings: UserSettings | None
) -> tuple[argparse.Namespace, Invocation]:
    """Read a subcommand's own options, and all others as the program's; -h prints and leaves.

    Args:
        settings: of the user, for what the command line leaves open; None = there are none.

    Raises:
        BadInputError: one sentence for the user.
    """
    given, rest = parser.parse_known_args(list(arguments))
    # Only now: -h answers without what these import.
    from ovbench_tui.options.invocation import read_invocation

    return given, read_invocation(rest, settings, parser)


def options_alone(
    parser: argparse.ArgumentParser, words: Sequence[str], command_line_only: Collection[str]
) -> argparse.Namespace:
    """Read a subcommand's own options where the program's are known, as on the screen.

    Args:
        command_line_only: the names of those that mean nothing there.

    Raises:
        BadInputError: one sentence for the user.
    """
    for word in words:
        if word.partition("=")[0] in command_line_only:
            raise BadInputError(f"{word} means something on the command line only.")
    return parser.parse_args(words)
