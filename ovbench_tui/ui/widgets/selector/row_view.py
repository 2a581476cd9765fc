"""What the selector says of one row: the requested value, and what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovbench_tui.console.text import clean
from ovbench_tui.ui.widgets.selector.choices import EDITS, value_of

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.results import RunView

_REACHED = 0.95
_TOLD_FROM_S = 2.0
_RATES = (" FPS", "/s")


@dataclass(frozen=True, slots=True)
class RowView:
    """One row in words.

    Attributes:
        requested: as asked for.
        effective: what runs; '' when it is the same, or not known yet.
        is_clamped: an explicit request was not honoured.
        running: what runs until the request does; '' = the request runs, or nothing does.
        is_automatic: it is left to the device.
    """

    requested: str
    effective: str = ""
    is_clamped: bool = False
    running: str = ""
    is_automatic: bool = False

    @property
    def is_pending(self) -> bool:
        """Whether it does not run yet."""
        return bool(self.running)

    @property
    def short(self) -> str:
        """The request alone, where there is no room for more."""
        return f"⇒ {self.requested}" if self.is_pending else self.text

    @property
    def text(self) -> str:
        """Both values in one text."""
        if self.is_pending:
            return f"{self.running} ⇒ {self.requested}"
        if not self.effective:
            return self.requested
        if self.is_automatic:
            return f"{self.requested} ({self.effective})"
        return f"{self.requested} → {self.effective}"


def view_of(row: str, requested: BenchmarkConfig, run: RunView | None) -> RowView:
    """Compare what was asked for with what runs."""
    value = value_of(requested, row)
    if row == "model":
        return _model_view(requested, run)
    shown = clean(value) or EDITS[row].automatic
    if run is None:
        return RowView(shown)
    if value_of(run.config, row) != value:
        return RowView(shown, running=_running(view_of(row, run.config, run), shown))
    if row == "max_fps":
        return _rate_view(shown, run)
    if row == "arrivals":
        return _arrivals_view(shown, run)
    effective = clean(_effective_of(row, run))
    if not effective or effective.casefold() == value.casefold():
        return RowView(shown)
    return RowView(shown, effective, is_clamped=_is_clamped(row, value), is_automatic=not value)


def model_name(path_or_name: str) -> str:
    """Return the last part of a path, or the built-in name as it is."""
    return clean(re.split(r"[\\/]", path_or_name.rstrip("\\/"))[-1])


def _model_view(requested: BenchmarkConfig, run: RunView | None) -> RowView:
    if run is not None and run.config.model == requested.model:
        return RowView(clean(run.model.name))
    name = model_name(requested.model) or EDITS["model"].automatic
    is_pending = run is not None and bool(requested.model)
    return RowView(name, running=clean(run.model.name) if run and is_pending else "")


def _running(view: RowView, requested: str) -> str:
    """What runs, in the words that tell it from what is requested: ``2``, or ``auto`` ⇒ 2."""
    is_achieved = view.effective.endswith(_RATES)
    return view.requested if is_achieved or view.effective in ("", requested) else view.effective


def _rate_view(shown: str, run: RunView) -> RowView:
    """Asked for against achieved."""
    cap_fps, stats = run.config.max_fps, run.stats
    if not cap_fps or not stats.count:
        return RowView(shown)
    is_missed = stats.elapsed_s > _TOLD_FROM_S and stats.fps_mean < _REACHED * cap_fps
    return RowView(shown, f"{stats.fps_mean:.4g} {run.effective.unit}", is_clamped=is_missed)


def _arrivals_view(shown: str, run: RunView) -> RowView:
    """What is to come against what is served."""
    stats, load = run.stats, run.stats.load
    if load is None or not stats.count:
        return RowView(shown)
    is_missed = stats.elapsed_s > _TOLD_FROM_S and load.served_per_s < _REACHED * load.offered_per_s
    return RowView(shown, f"{load.served_per_s:.4g}/s", is_clamped=is_missed)


def _effective_of(row: str, run: RunView) -> str:
    name = EDITS[row].effective
    value = getattr(run.effective, name) if name else ""
    return str(value).lower() if row == "hint" else str(value or "")


def _is_clamped(row: str, value: str) -> bool:
    if row == "device":
        return False
    if row == "streams":
        # AUTO and NUMA ask for a choice, and CPU:4,GPU:2 is reported in another form.
        return value.isdigit()
    return value not in ("", "none")
