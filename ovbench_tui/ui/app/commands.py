"""The commands of the palette: only what can be done now, the most pressing first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from ovbench_tui.engine.api.events import WorkerState
from ovbench_tui.engine.zoo.catalog import find
from ovbench_tui.ui.app.rates import next_rate
from ovbench_tui.ui.app.self_check_run import why_not
from ovbench_tui.ui.tabs.registry import LIVE
from ovbench_tui.ui.widgets.choices import Row, value_of, values_of

if TYPE_CHECKING:
    from ovbench_tui.ui.app.app import OvbenchApp

_DIRECT = (Row.DEVICE, Row.HINT, Row.PRECISION, Row.API)
_ALIVE = (WorkerState.RUNNING, WorkerState.WARMING_UP, WorkerState.PAUSED)
_CHART_COMMANDS: Mapping[str, tuple[str, str]] = {
    "Charts: others": ("charts(1)", "FPS, latency, histogram, heat map"),
    "Charts: longer time": ("zoom(1)", "Up to the whole session"),
    "Charts: shorter time": ("zoom(-1)", "Down to 10 s"),
    "Charts: log scale or linear": ("log_scale", "Of the latency axis"),
}


def commands_now(app: OvbenchApp) -> Iterator[SystemCommand]:
    """Yield what makes sense in the present state."""
    yield from _pressing(app)
    yield from _run(app)
    yield from _tabs(app)
    yield from _choices(app)
    yield from _models(app)
    yield from _engine(app)
    yield from _screen(app)


def _pressing(app: OvbenchApp) -> Iterator[SystemCommand]:
    snapshot = app.snapshot
    if snapshot.can_restart:
        yield SystemCommand(
            "Restart the engine", "Another one for the dead; figures stay", app.action_restart
        )
    if snapshot.background and snapshot.isolated:
        yield SystemCommand("Cancel", f"Give up {snapshot.background}", app.action_cancel)


def _run(app: OvbenchApp) -> Iterator[SystemCommand]:
    snapshot = app.snapshot
    run = snapshot.run
    if app.shape_question.can_be_asked(snapshot):
        yield SystemCommand(
            "Data shape",
            "Type the shapes of the model's inputs",
            partial(app.shape_question.ask_again, snapshot),
        )
    if snapshot.state is WorkerState.PAUSED:
        yield SystemCommand("Go on", "Feed the device again", app.action_toggle_pause)
    elif snapshot.state in _ALIVE:
        yield SystemCommand("Pause", "Stop feeding the device", app.action_toggle_pause)
    if run is None:
        return
    if snapshot.state in _ALIVE:
        yield SystemCommand("Reset", "Begin the statistics again", app.action_reset_stats)
    if not why_not(snapshot):
        yield SystemCommand(
            "Self-check", "What watching costs: do not draw now and then", app.action_self_check
        )
    yield SystemCommand(
        "Export", "Command lines, settings, Python: copy or save", app.action_export
    )
    if run.effective.is_batch_left_to_user:
        yield SystemCommand(
            "Tell the batch", "Which dimension counts frames", partial(app.ask_for_batch, run)
        )
    if run.stats.count:
        yield SystemCommand(
            "Copy the summary", "Of this run, to the clipboard", app.action_copy_summary
        )


def _tabs(app: OvbenchApp) -> Iterator[SystemCommand]:
    for name, tab in app.monitor.tabs.items():
        if name != app.monitor.tab:
            yield SystemCommand(f"Tab: {tab.title}", tab.tooltip, partial(app.action_tab, name))


def _choices(app: OvbenchApp) -> Iterator[SystemCommand]:
    config, offer = app.requested, app.offer
    names = {device.name: device.full_name for device in offer.devices}
    for row in Row:
        current = value_of(config, row)
        yield SystemCommand(
            f"{row.value}: choose",
            f"Now {current or 'left to the device'}" if row is not Row.MODEL else "Now and recent",
            partial(app.action_pick, row.name),
        )
        for value in values_of(config, row, offer) if row in _DIRECT else ():
            if value != current:
                yield SystemCommand(
                    f"{row.value}: {value or 'default'}",
                    (names.get(value) if row is Row.DEVICE else "") or f"Instead of {current}"
                    if current
                    else f"{row.value} of the running configuration",
                    partial(app.set_value, row, value),
                )


def _models(app: OvbenchApp) -> Iterator[SystemCommand]:
    current = app.requested.model
    for model in app.recent.names:
        if model != current and find(model) is None:
            path = PurePath(model)
            yield SystemCommand(
                f"Model: {path.name or model}",
                f"Recent, in {path.parent}",
                partial(app.set_value, Row.MODEL, model),
            )
    for model in app.offer.models:
        if model != current:
            yield SystemCommand(
                f"Model: {model}", "Built in", partial(app.set_value, Row.MODEL, model)
            )


def _engine(app: OvbenchApp) -> Iterator[SystemCommand]:
    if app.snapshot.isolated:
        yield SystemCommand(
            "Engine: in this process", "In a thread, as without --isolate", app.action_isolate
        )
    else:
        yield SystemCommand(
            "Engine: in a process of its own", "As with --isolate", app.action_isolate
        )


def _screen(app: OvbenchApp) -> Iterator[SystemCommand]:
    if app.monitor.tab == LIVE:
        for title, (action, text) in _CHART_COMMANDS.items():
            yield SystemCommand(title, text, partial(app.monitor.run_action, action))
    if next_rate(app.budget.wanted_s, -1):
        yield SystemCommand("Draw less often", "Save CPU", partial(app.action_rate, -1))
    if next_rate(app.budget.wanted_s, 1):
        yield SystemCommand("Draw more often", "Spend CPU", partial(app.action_rate, 1))
    yield SystemCommand("Screenshot", "Save the screen as a picture", app.action_take_screenshot)
    yield SystemCommand("Theme", f"Now {app.theme}", app.action_change_theme)
    for name in sorted(app.available_themes):
        if name != app.theme:
            # Not in the list of all commands, which would be twice as long; found by typing.
            yield SystemCommand(
                f"Theme: {name}", "Colours", partial(setattr, app, "theme", name), discover=False
            )
    yield SystemCommand("Log", "Messages, and what native code wrote", app.action_log)
    yield SystemCommand("Help", "All keys", app.action_help)
    yield SystemCommand("Quit", "And print the summary", app.action_quit)
