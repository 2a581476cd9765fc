"""``python -m ovbench_tui``."""

from __future__ import annotations

from ovbench_tui.cli import run

run()
