"""The commands of the palette: only what can be done now, the most pressing first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol

from textual.app import SystemCommand

from ovbench_tui.config.built_in_models import find
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.ui.app.frames.frame_budget import next_rate
from ovbench_tui.ui.app.nothing_yet import takes_shapes
from ovbench_tui.ui.app.overhead_check.self_check_run import why_not
from ovbench_tui.ui.tabs.registry import CAPACITY, LIVE, SWEEP
from ovbench_tui.ui.widgets.selector.choices import EDITS, is_offered, value_of, values_of

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.engine.api.snapshot import Snapshot
    from ovbench_tui.settings.recent import RecentModels
    from ovbench_tui.ui.app.frames.frame_budget import FrameBudget
    from ovbench_tui.ui.app.shape_question import ShapeQuestion
    from ovbench_tui.ui.tabs.live.monitor_screen import MonitorScreen
    from ovbench_tui.ui.widgets.selector.choices import AvailableChoices

_ALIVE = (WorkerState.RUNNING, WorkerState.WARMING_UP, WorkerState.PAUSED)
_CHART_COMMANDS: Mapping[str, tuple[str, str]] = {
    "Charts: next": ("charts(1)", "FPS, latency, histogram, heat map, sizes"),
    "Charts: longer time": ("zoom(1)", "Up to the whole session"),
    "Charts: shorter time": ("zoom(-1)", "Down to 10 s"),
    "Charts: log scale or linear": ("log_scale", "Of the latency axis"),
}


class PaletteTarget(Protocol):
    """What the commands act on: the app, as far as they need it."""

    snapshot: Snapshot
    monitor: MonitorScreen
    budget: FrameBudget
    recent: RecentModels
    shape_question: ShapeQuestion
    theme: Any

    @property
    def requested(self) -> BenchmarkConfig: ...
    @property
    def undo_hint(self) -> str | None: ...
    @property
    def offer(self) -> AvailableChoices: ...
    @property
    def available_themes(self) -> Mapping[str, object]: ...
    def ask_for_batch(self, run: RunView) -> None: ...
    def set_value(self, row: str, text: str) -> None: ...
    async def action_tab(self, name: str) -> None: ...
    def action_pick(self, row: str) -> None: ...
    def action_rate(self, direction: int) -> None: ...
    def action_cancel(self) -> None: ...
    def action_change_theme(self) -> None: ...
    def action_copy_summary(self) -> None: ...
    def action_export(self) -> None: ...
    def action_help(self) -> None: ...
    def action_isolate(self) -> None: ...
    def action_log(self) -> None: ...
    async def action_quit(self) -> None: ...
    def action_reset_stats(self) -> None: ...
    def action_restart(self) -> None: ...
    def action_self_check(self) -> None: ...
    def action_save_report(self) -> None: ...
    def action_take_screenshot(self) -> None: ...
    def action_toggle_pause(self) -> None: ...
    async def action_search(self, view: str) -> None: ...
    def action_undo(self) -> None: ...


def commands_now(app: PaletteTarget) -> Iterator[SystemCommand]:
    """Yield what makes sense in the present state."""
    yield from _pressing(app)
    yield from _run(app)
    yield from _tabs(app)
    yield from _choices(app)
    yield from _models(app)
    yield from _engine(app)
    yield from _screen(app)


def _pressing(app: PaletteTarget) -> Iterator[SystemCommand]:
    snapshot = app.snapshot
    if snapshot.can_restart:
        yield SystemCommand(
            "Restart the engine", "Start a new engine; keep the statistics", app.action_restart
        )
    if snapshot.background and snapshot.isolated:
        yield SystemCommand("Cancel", f"Cancel {snapshot.background}", app.action_cancel)


def _run(app: PaletteTarget) -> Iterator[SystemCommand]:
    snapshot = app.snapshot
    run = snapshot.run
    if takes_shapes(snapshot):
        yield SystemCommand(
            "Data shape",
            "Type the shapes of the model's inputs",
            partial(app.shape_question.ask_again, snapshot),
        )
    if snapshot.state is WorkerState.PAUSED:
        yield SystemCommand("Resume", "Feed the device again", app.action_toggle_pause)
    elif snapshot.state in _ALIVE:
        yield SystemCommand("Pause", "Stop feeding the device", app.action_toggle_pause)
    if app.undo_hint is not None:
        yield SystemCommand("Undo", "Go back to before the last change", app.action_undo)
    if run is None:
        return
    if snapshot.state in _ALIVE:
        yield SystemCommand("Reset", "Reset the statistics", app.action_reset_stats)
    if not why_not(snapshot):
        yield SystemCommand(
            "Self-check",
            "What drawing costs, measured by pausing it now and then",
            app.action_self_check,
        )
    yield SystemCommand(
        "Sweep nireq",
        "FPS and p99 over nireq on one chart, and the knee",
        partial(app.action_search, SWEEP),
    )
    yield SystemCommand(
        "Capacity",
        "The highest rate of arrivals at which a limit of the p99 holds",
        partial(app.action_search, CAPACITY),
    )
    yield SystemCommand(
        "Export", "Command lines, settings, Python: copy or save", app.action_export
    )
    if run.effective.is_batch_left_to_user:
        yield SystemCommand(
            "Set the batch", "Which dimension counts frames", partial(app.ask_for_batch, run)
        )
    if run.stats.count:
        yield SystemCommand(
            "Copy the summary", "Of this run, to the clipboard", app.action_copy_summary
        )


def _tabs(app: PaletteTarget) -> Iterator[SystemCommand]:
    for name, tab in app.monitor.tabs.items():
        if name != app.monitor.tab and not tab.beside:
            yield SystemCommand(f"Tab: {tab.title}", tab.tooltip, partial(app.action_tab, name))


def _choices(app: PaletteTarget) -> Iterator[SystemCommand]:
    config, offer = app.requested, app.offer
    names = {device.name: device.full_name for device in offer.devices}
    for row, edit in EDITS.items():
        if not is_offered(row, app.snapshot.run):
            continue
        current = value_of(config, row)
        yield SystemCommand(
            f"{edit.title}: choose",
            f"Now {current or 'left to the device'}" if row != "model" else "Now and recent",
            partial(app.action_pick, row),
        )
        for value in values_of(config, row, offer) if edit.in_palette else ():
            if value != current:
                yield SystemCommand(
                    f"{edit.title}: {value or 'default'}",
                    (names.get(value) if row == "device" else "") or f"Instead of {current}"
                    if current
                    else f"{edit.title} of the running configuration",
                    partial(app.set_value, row, value),
                )


def _models(app: PaletteTarget) -> Iterator[SystemCommand]:
    current = app.requested.model
    for model in app.recent.names:
        if model != current and find(model) is None:
            path = PurePath(model)
            yield SystemCommand(
                f"Model: {path.name or model}",
                f"Recent, in {path.parent}",
                partial(app.set_value, "model", model),
            )
    for model in app.offer.models:
        if model != current:
            yield SystemCommand(
                f"Model: {model}", "Built in", partial(app.set_value, "model", model)
            )


def _engine(app: PaletteTarget) -> Iterator[SystemCommand]:
    if app.snapshot.isolated:
        yield SystemCommand(
            "Engine: in this process", "In a thread, as without --isolate", app.action_isolate
        )
    else:
        yield SystemCommand(
            "Engine: in a process of its own", "As with --isolate", app.action_isolate
        )


def _screen(app: PaletteTarget) -> Iterator[SystemCommand]:
    if app.monitor.tab == LIVE:
        for title, (action, text) in _CHART_COMMANDS.items():
            yield SystemCommand(title, text, partial(app.monitor.run_action, action))
    if next_rate(app.budget.wanted_s, -1):
        yield SystemCommand("Draw less often", "Save CPU", partial(app.action_rate, -1))
    if next_rate(app.budget.wanted_s, 1):
        yield SystemCommand("Draw more often", "Spend CPU", partial(app.action_rate, 1))
    yield SystemCommand("Report", "Save a page of this run (HTML)", app.action_save_report)
    yield SystemCommand("Screenshot", "Save the screen as a picture", app.action_take_screenshot)
    yield SystemCommand("Theme", f"Now {app.theme}", app.action_change_theme)
    for name in sorted(app.available_themes):
        if name != app.theme:
            # Not in the list of all commands, which would be twice as long; found by typing.
            yield SystemCommand(
                f"Theme: {name}", "Colours", partial(setattr, app, "theme", name), discover=False
            )
    yield SystemCommand("Log", "Messages, and what native code wrote", app.action_log)
    yield SystemCommand("Help", "All keys, and the manual", app.action_help)
    yield SystemCommand("Quit", "And print the summary", app.action_quit)
