"""The option that says what counts as equal, wherever two figures are judged."""

from __future__ import annotations

import argparse
import math

from ovbench_tui.errors import BadInputError
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN

NAME = "--margin"
HELP = (
    "two figures are equal where the whole interval of their ratio lies within so much"
    f" (default {EQUAL_MARGIN * 100:g}%%)"
)


def add_margin(parser: argparse.ArgumentParser) -> None:
    """Add it to a parser."""
    parser.add_argument(NAME, metavar="PERCENT", help=HELP)


def read_margin(text: str | None, option: str = NAME) -> float:
    """Return the margin as a fraction, the default where none is given.

    Raises:
        BadInputError: it is no percentage, or one that everything or nothing keeps.
    """
    if text is None:
        return EQUAL_MARGIN
    margin = read_percent(text, option)
    if not 0 < margin < 1:
        raise BadInputError(f"{option} {text!r}: give more than 0 and less than 100 %, as 2%.")
    return margin


def read_percent(text: str, option: str) -> float:
    """Read ``5``, ``5%`` or ``5 %`` as a fraction.

    Raises:
        BadInputError: it is none, or below 0.
    """
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        value = math.nan
    if not 0 <= value < 10_000:
        raise BadInputError(f"{option} {text!r}: give a percentage of 0 or more, as in 5%.")
    return value / 100
