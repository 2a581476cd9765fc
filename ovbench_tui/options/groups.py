"""The table of options as an argparse parser, and what was given as values of its fields."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from ovbench_tui.config.option import Group, Kind, Option, options_of

_YES = frozenset({"yes", "true", "t", "y", "1"})
_NO = frozenset({"no", "false", "f", "n", "0"})


def add_options(
    parser: argparse.ArgumentParser, *configs: type[Any], groups: Iterable[Group] = Group
) -> None:
    """Add the options of these configurations to a parser, under their headings."""
    for group in groups:
        rows = [
            (name, row)
            for config in configs
            for name, row in options_of(config).items()
            if row.group is group and row.names
        ]
        if rows:
            heading = parser.add_argument_group(group.value)
            for name, row in rows:
                add_option(heading, name, row)


def add_option(heading: Any, dest: str, row: Option) -> None:
    """Add one option to a parser, or under a heading of it.

    Args:
        dest: the option's field.
    """
    given: dict[str, Any] = {"dest": dest, "help": row.help or argparse.SUPPRESS}
    if row.kind is Kind.FLAG:
        given |= {"action": "store_false" if row.default else "store_true"}
    elif row.kind is Kind.PAIR:
        given |= {"action": argparse.BooleanOptionalAction}
    elif row.kind is Kind.SWITCH:
        given |= {"nargs": "?", "const": True, "type": _switch, "metavar": "BOOL"}
    elif row.kind is Kind.OPTIONAL:
        given |= {"nargs": "?", "const": row.usual, "type": row.word, "metavar": row.metavar}
    else:
        given |= {"type": row.word, "choices": row.choices, "metavar": row.metavar}
        if row.kind is Kind.REPEATED:
            given |= {"action": "append"}
        elif row.kind is Kind.MANY:
            given |= {"action": "append", "nargs": "+"}
    heading.add_argument(*row.names, default=None, **{k: v for k, v in given.items() if v})


def _switch(word: str) -> bool:
    """Read the value of a BOOL option, as benchmark_app does."""
    if word.lower() in _YES:
        return True
    if word.lower() in _NO:
        return False
    raise argparse.ArgumentTypeError(
        f"{word!r} is neither true nor false; if it is the MODEL, put it first or use -m"
    )


def values_of(config: type[Any], given: argparse.Namespace) -> dict[str, Any]:
    """The values that a parsed command line gives, by field; what it left open is not among them.

    Raises:
        BadInputError: one sentence for the user.
    """
    values = {}
    for name, row in options_of(config).items():
        word = getattr(given, name, None)
        if row.read is None:
            if word is not None:
                values[name] = word
        elif word not in (None, ""):  # benchmark_app's default of a list is an empty text
            values[name] = row.read(word)
    return values
