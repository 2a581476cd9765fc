"""The option that measures several times, in a fresh process each time."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ovbench_tui.errors import BadInputError

NAME = "--repeat"
MOST_REPEATS = 100

HELP = (
    "measure N times, each in a fresh process, and report the spread between the runs: one run"
    " does not show it. Implies --no-tui"
)


def add_repeat(parser: argparse.ArgumentParser, text: str = HELP) -> None:
    """Add it to a parser."""
    parser.add_argument(NAME, type=int, metavar="N", help=text)


def check_repeat(count: int | None) -> int:
    """Return the number of runs, 1 where none is given.

    Raises:
        BadInputError: it shows no spread, or takes days.
    """
    if count is not None and not 2 <= count <= MOST_REPEATS:
        raise BadInputError(f"{NAME} {count}: give 2 to {MOST_REPEATS} runs.")
    return count or 1


def without_repeat(words: Sequence[str]) -> list[str]:
    """The command line of a single one of the runs."""
    left: list[str] = []
    is_value = False
    for word in words:
        if not is_value and word != NAME and not word.startswith(f"{NAME}="):
            left.append(word)
        is_value = not is_value and word == NAME
    return left
