"""``ovbench-tui help [TOPIC]``: print a page of the manual, its part on a command, or the list."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence

from ovbench_tui.console.messages import print_result
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.manual.pages import (
    TOPICS,
    all_pages,
    read_page,
    read_section,
    with_commands_for_links,
)
from ovbench_tui.options.commands import COMMANDS
from ovbench_tui.options.parser import NarrowFormatter, OneLineParser


def main(arguments: Sequence[str]) -> int:
    """Print a page or its part on a command, or what pages there are; returns 0."""
    topic = build_parser().parse_args(list(arguments)).topic
    text = _list() if topic is None else _page(topic)
    return 0 if print_result(text) else OvbenchError.exit_code


def build_parser() -> argparse.ArgumentParser:
    """Build the parser."""
    parser = OneLineParser(
        prog="ovbench-tui help",
        usage="%(prog)s [TOPIC]",
        description="Prints a page of the manual, or what it says of a command; without TOPIC it"
        " lists the pages. In the app the key ? shows them, and searches them.",
        allow_abbrev=False,
        formatter_class=NarrowFormatter,
    )
    parser.add_argument("topic", nargs="?", metavar="TOPIC", help=", ".join(TOPICS))
    return parser


def _list() -> str:
    width = max(map(len, TOPICS))
    lines = [f"  {page.topic:<{width}}  {page.summary}" for page in all_pages()]
    return "\n".join(("Pages of the manual, each printed by `ovbench-tui help TOPIC`:", "", *lines))


def _page(topic: str) -> str:
    name = topic.lower()
    if name in TOPICS:
        text = read_page(name).text
    elif name in COMMANDS:
        text = read_section("commands", f"ovbench-tui {name}")
    else:
        raise BadInputError(f"The manual has no page {printable(topic)!r}: {_meant(name)}")
    return with_commands_for_links(text).rstrip("\n")


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name, (*TOPICS, *COMMANDS), n=1)
    return f"did you mean {close[0]}?" if close else "`ovbench-tui help` lists all pages."
