"""What may be loaded before the first frame is on the terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
_SLOW = ("openvino", "numpy", "ovbench_tui.engine.session", "ovbench_tui.ui.dialogs.picker")


def test_the_screen_loads_without_what_is_slow() -> None:
    code = f"import sys, ovbench_tui.ui.app.app; print([m for m in {_SLOW!r} if m in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
