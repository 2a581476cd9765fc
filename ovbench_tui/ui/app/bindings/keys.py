"""The keys that work everywhere but in a dialog; the footer and the help are made from these."""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding, BindingType
from textual.widget import Widget

from ovbench_tui.ui.tabs.registry import TABS
from ovbench_tui.ui.widgets.hint import first_key
from ovbench_tui.ui.widgets.live import LiveWidget

TAB_BINDINGS: tuple[Binding, ...] = (
    *(
        Binding(str(number), f"app.tab('{tab.name}')", tab.title, show=False, tooltip=tab.tooltip)
        for number, tab in enumerate(TABS, 1)
    ),
    Binding("tab", "app.next_tab(1)", "Next tab", show=False, id="next-tab"),
    Binding("shift+tab", "app.next_tab(-1)", "Previous tab", show=False, id="previous-tab"),
)

APP_BINDINGS: tuple[Binding, ...] = (
    Binding("q", "quit", "Quit", tooltip="Quit, and print the summary", id="quit"),
    Binding(
        "question_mark,f1",
        "help",
        "Help",
        key_display="?",
        tooltip="These keys, and the manual",
        id="help",
    ),
    Binding("space", "toggle_pause", "Pause", tooltip="Pause or resume", id="pause"),
    Binding("m", "pick('model')", "Model", tooltip="Choose a model", id="model"),
    Binding("d", "pick('device')", "Device", tooltip="Choose a device", id="device"),
    Binding(
        "plus,equals_sign,right_square_bracket",
        "nireq(1)",
        "nireq",
        key_display="+",
        tooltip="One infer request more",
        id="more-requests",
    ),
    Binding(
        "minus,left_square_bracket",
        "nireq(-1)",
        "nireq",
        key_display="-",
        tooltip="One infer request fewer",
        id="fewer-requests",
    ),
    Binding(
        "u",
        "undo",
        "Undo",
        show=False,
        tooltip="Undo the last change of the configuration",
        id="undo",
    ),
    Binding("r", "reset_stats", "Reset", tooltip="Reset the statistics", id="reset"),
    Binding(
        "e",
        "restart",
        "Restart",
        show=False,
        tooltip="Start a new engine after this one has died or hung",
        id="restart",
    ),
    Binding(
        "c",
        "cancel",
        "Cancel",
        show=False,
        tooltip="Cancel reading or compiling (isolated engine)",
        id="cancel",
    ),
    Binding(
        "i",
        "isolate",
        "Isolate",
        show=False,
        tooltip="Move the engine into a process of its own, or back",
        id="isolate",
    ),
    Binding(
        "b",
        "self_check",
        "Check",
        show=False,
        tooltip="Overhead check: what drawing costs, measured by pausing it now and then",
        id="self-check",
    ),
    Binding(
        "x",
        "export",
        "Export",
        show=False,
        tooltip="Export the configuration as command lines or a program",
        id="export",
    ),
    Binding(
        "W",
        "save_report",
        "Report",
        show=False,
        tooltip="Save a page of this run to share: charts, figures, machine, command (HTML)",
        id="report",
    ),
    Binding(
        "t",
        "tab('tune')",
        "Tune",
        show=False,
        tooltip="Find the best configuration of this model",
        id="tune",
    ),
    Binding(
        "N",
        "search('sweep')",
        "Sweep nireq",
        show=False,
        tooltip="FPS and p99 over nireq on one chart, and the knee",
        id="sweep",
    ),
    Binding(
        "C",
        "search('capacity')",
        "Capacity",
        show=False,
        tooltip="The highest rate of arrivals at which a limit of the p99 holds",
        id="capacity",
    ),
    Binding(
        "H",
        "tab('history')",
        "History",
        show=False,
        tooltip="Runs of this and earlier sessions: to repeat, compare and lay over the charts",
        id="history",
    ),
    Binding(
        "ctrl+y",
        "copy_summary",
        "Copy",
        show=False,
        tooltip="Copy the summary of this run to the clipboard",
        id="copy",
    ),
    Binding(
        "ctrl+s",
        "take_screenshot",
        "Screenshot",
        show=False,
        priority=True,
        tooltip="Save what is on the screen as a picture (SVG)",
        id="screenshot",
    ),
    Binding("L", "log", "Log", tooltip="Show the messages and what native code wrote", id="log"),
    Binding("less_than_sign", "rate(-1)", "Draw less often", show=False, id="draw-less"),
    Binding("greater_than_sign", "rate(1)", "Draw more often", show=False, id="draw-more"),
    Binding(
        "ctrl+p",
        "command_palette",
        "Commands",
        show=False,
        priority=True,
        tooltip="All commands: type to find one",
        id="commands",
    ),
    Binding(
        "ctrl+c",
        "quit",
        "Quit",
        show=False,
        priority=True,
        tooltip="Quit, and print the summary",
    ),
)


def key_of(action_id: str, keys: Mapping[str, str]) -> str:
    """The key of one of the app's actions, as it is printed on the keyboard.

    Args:
        keys: the user's own, by the action's id.
    """
    return next(first_key(binding, keys) for binding in APP_BINDINGS if binding.id == action_id)


def bindings_of(widget: Widget) -> list[BindingType]:
    """Return all bindings of a widget of ours: its own, then those of what it is made from."""
    kinds = [kind for kind in type(widget).__mro__ if issubclass(kind, LiveWidget)]
    return [binding for kind in kinds for binding in kind.__dict__.get("BINDINGS", ())]
