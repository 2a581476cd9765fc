"""What a model of the user's program reached alone on this machine before: out of the history."""

from __future__ import annotations

from pathlib import Path

from ovbench_tui.application.alone import AloneResult, device_of, ports_text
from ovbench_tui.application.trace import ModelNote
from ovbench_tui.files.ir_weights import weights_path
from ovbench_tui.history.errors import HistoryError
from ovbench_tui.history.reader import HistoryEntry, HistoryFilter, HistoryReader
from ovbench_tui.system.machine_id import this_machine

_LOOKED_AT = 500
_LEAST_S = 3.0
"""A shorter run says too little of what a model reaches."""


def known_alone(note: ModelNote) -> AloneResult | None:
    """The fastest run of the model as it is now, with the device it has; None = there is none.

    A history that cannot be read has none: `ovbench-tui history` says why.
    """
    if not note.file:
        return None
    path = Path(note.file).absolute()
    wanted = HistoryFilter(str(path), device_of(note), None, this_machine().id, _LOOKED_AT)
    try:
        changed_s = max(_changed_s(path), _changed_s(weights_path(path)))
        reader = HistoryReader()
        fitting = [one for one in reader.list(wanted) if _fits(one, path, changed_s)]
        if not fitting:
            return None
        best = max(fitting, key=lambda entry: entry.fps_mean)
        view = reader.load(best.id).result.view
    except (HistoryError, OSError):
        return None
    stats, effective = view.stats, view.effective
    return AloneResult(
        file=note.file,
        device=effective.device,
        rate=stats.count / stats.elapsed_s,
        median_ms=stats.p50_ms,
        requests=effective.nireq,
        streams=str(effective.streams),
        inputs=ports_text((port.element_type, port.shape) for port in view.model.inputs),
        seconds=stats.elapsed_s,
        source=f"run {best.id} of the history, {best.started_at:%Y-%m-%d}",
    )


def _fits(entry: HistoryEntry, path: Path, changed_s: float) -> bool:
    return (
        entry.model_path == str(path)
        and entry.elapsed_s >= _LEAST_S
        and entry.fps_mean > 0
        and not entry.generates
        and entry.started_at.timestamp() > changed_s
    )


def _changed_s(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0
