"""What may be loaded before the first frame is on the terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]

_NOT_YET = {
    "openvino": "a second by itself",
    "numpy": "a tenth of a second",
    "ovbench_tui.engine.session": "brings numpy and the statistics",
    "ovbench_tui.engine.api.events": "dataclasses of all that a worker tells, before there is one",
    "ovbench_tui.engine.api.results": "a run with all its figures, before there is one",
    "ovbench_tui.stats.run_stats": "the dataclasses of these figures",
    "ovbench_tui.system.system_sample": "the machine, before it was looked at",
    "ovbench_tui.ui.dialogs.picker": "as every dialog, loaded when it is opened",
    "ovbench_tui.ui.tabs.runs": "as every tab but Live, loaded when it is opened",
}
"""Modules, and why each would delay the first frame. A dataclass costs a millisecond or two."""

_FIRST_FRAME = f"""
import sys
from ovbench_tui.cli import main
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.errors import OvbenchError
from ovbench_tui.ui.app.app import OvbenchApp

loaded = []

def session():
    loaded.extend(name for name in {list(_NOT_YET)!r} if name in sys.modules)
    app.exit()
    raise OvbenchError("The first frame is all that is wanted.")

app = OvbenchApp(BenchmarkConfig(model="model.xml"), session)
app.run(headless=True, size=(120, 40))
print(*loaded)
"""


def test_the_first_frame_loads_nothing_that_it_can_do_without() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_FRAME], cwd=_ROOT, capture_output=True, text=True, check=True
    )
    early = {name: _NOT_YET[name] for name in done.stdout.split()}
    assert early == {}
