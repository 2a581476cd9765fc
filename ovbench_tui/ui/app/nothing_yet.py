"""What is shown before the session tells anything."""

from __future__ import annotations

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.events import WorkerState
from ovbench_tui.engine.api.snapshot import History, Snapshot


def nothing_yet(config: BenchmarkConfig) -> Snapshot:
    """Return a snapshot of nothing but the requested configuration."""
    return Snapshot(
        state=WorkerState.IDLE,
        measuring=False,
        requested=config,
        run=None,
        background="",
        background_s=0.0,
        history=History(0.5, 0, (), (), (), ()),
        notices=(),
        devices=(),
        openvino_version="",
        shape_needed=None,
        isolated=False,
        can_restart=False,
        finished=False,
    )
