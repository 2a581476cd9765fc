"""All parsers that are fuzzed."""

from __future__ import annotations

from tests.fuzz import command_lines, files, values
from tests.fuzz.target import Target

TARGETS: tuple[Target, ...] = (*command_lines.TARGETS, *values.TARGETS, *files.TARGETS)
