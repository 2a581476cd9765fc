"""The tabs: which there are, in their order, and the module behind each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN

if TYPE_CHECKING:
    from ovbench_tui.ui.app.run_history import RunHistory
    from ovbench_tui.ui.widgets.tab_view import TabView

LIVE = "live"
HISTORY = "history"
TUNE = "tune"
SWEEP = "sweep"
CAPACITY = "capacity"


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; its number on the keyboard is its place in the row.

    Attributes:
        name: its id, and the argument of the action that opens it.
        title: in the tab bar.
        tooltip: for the help, as in ``What is measured now``.
        make: makes its view; the view's module is loaded at the first use. None for the figures
            of the run, which are there from the first frame.
        beside: the tab in whose place it is shown in the row, where it has no number; '' = it has.
    """

    name: str
    title: str
    tooltip: str
    make: Callable[[], TabView] | None = None
    beside: str = ""


def _runs() -> TabView:
    from ovbench_tui.ui.tabs.runs.runs_view import RunsView

    return RunsView()


def _layers() -> TabView:
    from ovbench_tui.ui.tabs.layers.layers_view import LayersView

    return LayersView()


def _model() -> TabView:
    from ovbench_tui.ui.tabs.model.model_view import ModelView

    return ModelView()


def _properties() -> TabView:
    from ovbench_tui.ui.tabs.properties.properties_view import PropertiesView

    return PropertiesView()


def _tune(margin: float = EQUAL_MARGIN) -> TabView:
    from ovbench_tui.ui.tabs.tune.tune_view import TuneView

    return TuneView(margin=margin)


def _sweep(options: str = "") -> TabView:
    from ovbench_tui.ui.tabs.sweep.sweep_view import SweepView

    return SweepView(options)


def _capacity(options: str = "") -> TabView:
    from ovbench_tui.ui.tabs.capacity.capacity_view import CapacityView

    return CapacityView(options)


def _system() -> TabView:
    from ovbench_tui.ui.tabs.system.system_view import SystemView

    return SystemView()


def _ab() -> TabView:
    from ovbench_tui.ui.tabs.ab.ab_view import AbTabView

    return AbTabView()


def _history(history: RunHistory | None = None) -> TabView:
    from ovbench_tui.ui.tabs.history.history_view import HistoryView

    return HistoryView(history)


TABS: tuple[Tab, ...] = (
    Tab(LIVE, "Live", "What is measured now"),
    Tab("runs", "Runs", "Every configuration tried, compared with one of them", _runs),
    Tab("layers", "Layers", "Where the time of an inference goes, layer by layer", _layers),
    Tab("model", "Model", "Inputs, outputs, operations, size and arithmetic", _model),
    Tab(
        "properties",
        "Properties",
        "What was requested from the device, and what it uses",
        _properties,
    ),
    Tab("system", "System", "What the machine is doing, and our share of it", _system),
    Tab(TUNE, "Tune", "Find the best configuration of this model", _tune),
    Tab("ab", "A/B", "Two configurations or models in turn, compared as they run", _ab),
    Tab(HISTORY, "History", "Runs of this and earlier sessions, to repeat and compare", _history),
)


VIEWS: tuple[Tab, ...] = (
    *TABS,
    Tab(SWEEP, "Sweep", "FPS and p99 over nireq, with the knee", _sweep, beside=TUNE),
    Tab(
        CAPACITY,
        "Capacity",
        "The highest rate of arrivals at which a limit of the p99 holds",
        _capacity,
        beside=TUNE,
    ),
)
"""The tabs, and what is opened by a key alone."""


def tabs_with(
    history: RunHistory | None,
    margin: float = EQUAL_MARGIN,
    options: Mapping[str, str] | None = None,
) -> tuple[Tab, ...]:
    """All tabs and views as one start of the program has them.

    Args:
        history: of the tab of that name; None = the program keeps none.
        margin: what counts as equal, as a fraction.
        options: of views that search, by their names, as on the command line.
    """
    given = options or {}
    makers: dict[str, Callable[[], TabView]] = {
        HISTORY: lambda: _history(history),
        TUNE: lambda: _tune(margin),
        SWEEP: lambda: _sweep(given.get(SWEEP, "")),
        CAPACITY: lambda: _capacity(given.get(CAPACITY, "")),
    }
    return tuple(replace(tab, make=makers.get(tab.name, tab.make)) for tab in VIEWS)
