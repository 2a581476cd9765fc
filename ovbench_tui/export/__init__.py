"""A running configuration written out again: as a command line, as JSON, as a program."""

from __future__ import annotations

from ovbench_tui.export.command_lines import benchmark_app_command, own_command, settings_json
from ovbench_tui.export.snippet import python_snippet, snippet_remark

__all__ = [
    "benchmark_app_command",
    "own_command",
    "python_snippet",
    "settings_json",
    "snippet_remark",
]
