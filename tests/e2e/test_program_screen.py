"""The user's own program under a screen, in a real terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.e2e.terminal import Terminal

_PROGRAM = """
import sys
sys.modules["openvino_telemetry"] = None
import numpy as np
import openvino as ov
from openvino import opset13 as ops
x = ops.parameter([1, 16], np.float32, name="x")
compiled = ov.Core().compile_model(ov.Model([ops.relu(x)], [x], "tiny"), "CPU")
print("terminal", sys.stdout.isatty(), flush=True)
try:
    while True:
        compiled(np.ones((1, 16), np.float32))
except KeyboardInterrupt:
    print("interrupted", file=sys.stderr)
    sys.exit(5)
"""


def test_a_program_is_watched_ended_and_reported(
    start: Callable[..., Terminal], tmp_path: Path
) -> None:
    script = tmp_path / "detect.py"
    script.write_text(_PROGRAM, encoding="utf-8")
    terminal = start("app", str(script), "--fast", "words " * 30)
    terminal.wait_for_text("● running", "terminal True", "Verdict so far", "waiting for results")
    terminal.wait_for_match(r"FPS .*[1-9]")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 5
    assert ended.left_behind == frozenset()
    lines = ended.main_screen.splitlines()
    first = lines.index("terminal True")
    assert lines[first + 1] == "interrupted"
    assert lines[first + 2].startswith("Program ")
    assert any(line.startswith("Verdict:") for line in lines)
