"""A configuration as words of a command line that either program reads back."""

from __future__ import annotations

from collections.abc import Container

from ovbench_tui.config.benchmark import OPTIONS, BenchmarkConfig
from ovbench_tui.config.option import words_of


def option_words(config: BenchmarkConfig, *, without: Container[str] = ()) -> list[str]:
    """Write every option that is not its default, by the names that benchmark_app gives them.

    Args:
        without: fields that are left out. The model and the device properties always are: they
            are no option of a word or two.
    """
    words: list[str] = []
    for name, row in OPTIONS.items():
        if row.names and name != "model" and name not in without:
            words += words_of(row, getattr(config, name))
    return words
