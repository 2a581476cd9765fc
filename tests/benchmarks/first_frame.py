"""Time from the start of the process to the first painted frame, beyond Textual's import."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.parsing import visible_characters
from tests.benchmarks.processes import Terminal
from tests.benchmarks.programs import our_command
from tests.benchmarks.report import Aim, Row, Skipped, spread_of
from tests.benchmarks.settings import Settings, tell

_MODEL = "googlenet-v1"
_PAINTED_CHARACTERS = 20
"""Setting up the terminal shows none; a frame shows hundreds, in one write or more."""
_IMPORT = "import os, textual.app; os.write(1, b'imported')"
_TIMEOUT_S = 60.0


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """The difference of every pair, and both of its sides."""
    frames: list[float] = []
    imports: list[float] = []
    # The first of each only fills the caches: of the disk, and Python's of compiled modules.
    for number in range(settings.pairs + 1):
        frame_s = _first_frame_s(settings, models[_MODEL])
        import_s = _import_s(settings)
        if number:
            frames.append(frame_s)
            imports.append(import_s)
            tell(
                f"  first-frame, pair {number} of {settings.pairs}:"
                f" {frame_s:.3f} s - {import_s:.3f} s = {frame_s - import_s:.3f} s"
            )
    beyond = [frame_s - import_s for frame_s, import_s in zip(frames, imports, strict=True)]
    return [
        Row(
            "first-frame",
            f"{_MODEL}: process start to first painted frame, beyond `import textual.app`",
            spread_of(beyond),
            "s",
            Aim(0.3, at_least=False),
            f"frame {spread_of(frames).median:.3f} s, import {spread_of(imports).median:.3f} s",
        )
    ]


def _first_frame_s(settings: Settings, model: Path) -> float:
    with Terminal(our_command(model), settings.environment, settings.folder) as terminal:
        painted_s = terminal.wait_for(
            lambda output: visible_characters(bytes(output)) >= _PAINTED_CHARACTERS, _TIMEOUT_S
        )
        return painted_s - terminal.started_s


def _import_s(settings: Settings) -> float:
    command = [sys.executable, "-c", _IMPORT]
    with Terminal(command, settings.environment, settings.folder) as terminal:
        return terminal.wait_for(lambda output: b"imported" in output, _TIMEOUT_S) - (
            terminal.started_s
        )
