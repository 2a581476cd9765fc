"""What -h prints: the commands, some examples, and the options that most people need."""

from __future__ import annotations

from typing import Any

from ovbench_tui.config.option import options_of

COMMANDS: dict[str, str] = {
    "ab": "let two configurations or models run in turn, and compare them",
    "app": "run your own program, and see why it is slower than the benchmark",
    "compare": "compare two runs, and tell a real change from noise",
    "config": "show and check your settings and keys",
    "fleet": "run a model on many machines at once, through a Dask cluster",
    "history": "list, show and delete the runs that were measured",
    "llm": "a language model's folder or .gguf file, run by openvino-genai",
    "load": "the highest rate of requests at which a latency limit holds",
    "report": "write a page of runs to share, as HTML or Markdown",
    "serve": "the same screen in a browser page",
    "sweep": "throughput and latency over the number of infer requests",
    "tune": "find the best configuration of a model on this machine",
}
"""Each word of `ovbench-tui WORD ...`, and what it is for in one line."""

UNLISTED: dict[str, str] = {
    "help": "print a page of the manual",
    "mix": "run several models at once, and see what they cost each other",
}
"""Commands that have no line in -h, which is full."""

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("model.xml", "live; + - and arrows change it"),
    ("model.xml --no-tui -t 10 --json", "no screen, a JSON document"),
    ('ab model.xml --b "-nstreams 2"', "in turn with two streams"),
    ("tune model.xml", "search the best configuration"),
)
"""Command lines behind the program's name, and what each is for."""

_EXAMPLE, _OPTION = 46, 24
"""Columns of what stands on the left."""


def short_help(*configs: type[Any]) -> str:
    """At most 30 lines of 80 columns.

    Args:
        configs: whose options with brief words are shown.
    """
    lines = [
        "usage: ovbench-tui [MODEL | COMMAND] [OPTIONS]   live benchmark of a model",
        "Commands:",
        *(f"  {word:<10}{words}" for word, words in COMMANDS.items()),
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


def _row(left: str, right: str, width: int) -> str:
    return f"  {left:<{width}}{right}"
