"""What -h prints: the commands, some examples, and the options that most people need."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from ovbench_tui.config.option import options_of
from ovbench_tui.options.commands import COMMANDS

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("model.xml", "live; + - and arrows change it"),
    ("model.onnx -d GPU -hint latency", "on another device, for latency"),
    ("model.xml --no-tui -t 10 --json", "no screen, a JSON document"),
    ('ab model.xml --b "-nstreams 2"', "in turn with two streams"),
    ("tune model.xml", "search the best configuration"),
)
"""Command lines behind the program's name, and what each is for."""

_COMMAND, _EXAMPLE, _OPTION = 40, 46, 24
"""Columns of what stands on the left."""


def short_help(*configs: type[Any]) -> str:
    """At most 30 lines of 80 columns.

    Args:
        configs: whose options with brief words are shown.
    """
    lines = [
        "usage: ovbench-tui [MODEL | COMMAND] [OPTIONS]   live benchmark of a model",
        "Commands (COMMAND -h explains one):",
        *_in_two_columns([f"  {word:<8} {words}" for word, words in COMMANDS.items()]),
        "Examples:",
        *(_row(f"ovbench-tui {line}", words, _EXAMPLE) for line, words in EXAMPLES),
        "Options (--help-all: all, benchmark_app's too; ovbench-tui help: the manual):",
    ]
    for config in configs:
        for row in options_of(config).values():
            if row.brief:
                value = f" {row.metavar}" if row.metavar else ""
                lines.append(_row(f"{row.name}{value}", row.brief, _OPTION))
    return "\n".join(lines)


def _in_two_columns(cells: Sequence[str]) -> list[str]:
    """The cells from top to bottom, first on the left."""
    rows = -(-len(cells) // 2)
    pairs = zip_longest(cells[:rows], cells[rows:], fillvalue="")
    return [f"{left:<{_COMMAND}}{right}".rstrip() for left, right in pairs]


def _row(left: str, right: str, width: int) -> str:
    return f"  {left:<{width}}{right}"
