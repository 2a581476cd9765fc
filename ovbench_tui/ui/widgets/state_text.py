"""How a state is told: a mark, a word and a colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.engine.api.worker_state import WorkerState

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import Snapshot
    from ovbench_tui.ui.widgets.live import Part

_STYLES = {
    WorkerState.IDLE: ("○", "label"),
    WorkerState.READING: ("◌", "accent"),
    WorkerState.COMPILING: ("◌", "accent"),
    WorkerState.WAITING: ("◌", "accent"),
    WorkerState.WARMING_UP: ("◐", "accent"),
    WorkerState.RUNNING: ("●", "good"),
    WorkerState.PAUSED: ("‖", "warn"),
    WorkerState.DRAINING: ("◌", "label"),
    WorkerState.FINISHED: ("■", "label"),
    WorkerState.FAILED: ("✗", "bad"),
}
_HANGS = ("✗ hangs", "bad")
_CHANGES = ("◌ changing", "accent")
"""Something runs, but not yet what is shown as requested."""


def state_part(snapshot: Snapshot) -> Part:
    """Return the state in words, with its style; an engine that is stuck does not run."""
    state, run = snapshot.state, snapshot.run
    if snapshot.can_restart and state.is_feeding:
        return _HANGS
    is_old = run is not None and run.config.needs_new_run(snapshot.requested)
    if is_old and state is WorkerState.RUNNING:
        return _CHANGES
    mark, style = _STYLES[state]
    return f"{mark} {state.value}", style
