"""``python -m ovbench_tui``."""

from __future__ import annotations

from ovbench_tui.cli.main import run

# The isolated engine's process imports the main module again, under another name.
if __name__ == "__main__":
    run()
