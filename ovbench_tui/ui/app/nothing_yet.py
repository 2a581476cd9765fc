"""What is shown before the session reports anything, and why nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.console.text import clean
from ovbench_tui.engine.api.snapshot import History, Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.ui.widgets.selector.row_view import model_name

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig

_TO_TYPE_SHAPES = "press enter in the Model tab, or choose 'Data shape' in the palette"
_NO_MODEL = "Nothing runs yet: choose a model."


def is_stuck(snapshot: Snapshot) -> bool:
    """Whether nothing runs until another model is chosen."""
    if not snapshot.requested.model:
        return True
    is_refused = any(notice.is_error for notice in snapshot.notices)
    return snapshot.run is None and is_refused and not snapshot.background


def takes_shapes(snapshot: Snapshot) -> bool:
    """Whether the model waits for shapes, or was refused with those that it was given."""
    requested = snapshot.requested
    is_refused = snapshot.run is None and not snapshot.background
    return snapshot.shape_needed is not None or (
        is_refused and bool(requested.model and requested.data_shape)
    )


def why_nothing_runs(snapshot: Snapshot) -> str:
    """Say in a sentence what a run is waiting for, or why there is none."""
    if not snapshot.requested.model:
        return _NO_MODEL
    name = clean(model_name(snapshot.requested.model))
    if snapshot.shape_needed is not None:
        return f"{name} waits for the shapes of its inputs: {_TO_TYPE_SHAPES}."
    errors = [notice.text for notice in snapshot.notices if notice.is_error]
    if errors and not snapshot.background:
        if takes_shapes(snapshot):
            return f"{errors[-1]} For other shapes {_TO_TYPE_SHAPES}."
        return f"{errors[-1]} Choose another model."
    return f"{name} is being prepared: {snapshot.background or 'waiting for the engine'}."


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
