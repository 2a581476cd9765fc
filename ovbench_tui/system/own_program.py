"""This program in another process, without looking for modules in the current folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import ovbench_tui

# With -m or a plain -c Python would look for modules in the current folder first, and that may
# be one of downloaded models.
_PROGRAM = """import sys
sys.path[:] = [*filter(None, sys.path), {root!r}]
if __name__ == "__main__":
    import signal
    from ovbench_tui.system.parent import end_with_parent
    end_with_parent({parent}, signal.SIGTERM)
    from ovbench_tui.cli.main import run
    run()
"""
_ROOT = str(Path(ovbench_tui.__file__).parents[1])


def own_program() -> list[str]:
    """The beginning of a command line that runs this program; it ends with this process."""
    return [sys.executable, "-c", _PROGRAM.format(root=_ROOT, parent=os.getpid())]
