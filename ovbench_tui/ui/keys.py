"""The keys that work everywhere but in a dialog; the footer and the help are made from these."""

from __future__ import annotations

from textual.binding import Binding

from ovbench_tui.ui.tabs import TABS

TAB_BINDINGS: tuple[Binding, ...] = (
    *(
        Binding(str(number), f"app.tab('{tab.name}')", tab.title, show=False, tooltip=tab.tooltip)
        for number, tab in enumerate(TABS, 1)
    ),
    Binding("tab", "app.next_tab(1)", "Next tab", show=False),
    Binding("shift+tab", "app.next_tab(-1)", "Previous tab", show=False),
)

APP_BINDINGS: tuple[Binding, ...] = (
    Binding("q", "quit", "Quit", tooltip="Quit, and print the summary"),
    Binding("question_mark,f1", "help", "Help", key_display="?", tooltip="Show these keys"),
    Binding("space", "toggle_pause", "Pause", tooltip="Pause, or go on"),
    Binding("m", "pick('MODEL')", "Model", tooltip="Choose a model"),
    Binding("d", "pick('DEVICE')", "Device", tooltip="Choose a device"),
    Binding(
        "plus,equals_sign,right_square_bracket",
        "nireq(1)",
        "nireq",
        key_display="+",
        tooltip="One infer request more",
    ),
    Binding(
        "minus,left_square_bracket",
        "nireq(-1)",
        "nireq",
        key_display="-",
        tooltip="One infer request fewer",
    ),
    Binding("r", "reset_stats", "Reset", tooltip="Begin the statistics again"),
    Binding(
        "e",
        "restart",
        "Restart",
        show=False,
        tooltip="Start another engine after this one has died or got stuck",
    ),
    Binding(
        "c",
        "cancel",
        "Cancel",
        show=False,
        tooltip="Give up what is being read or compiled (isolated engine)",
    ),
    Binding(
        "i",
        "isolate",
        "Isolate",
        show=False,
        tooltip="Move the engine into a process of its own, or back",
    ),
    Binding(
        "b",
        "self_check",
        "Check",
        show=False,
        tooltip="Self-check: what watching costs, by not drawing now and then (blind)",
    ),
    Binding(
        "x",
        "export",
        "Export",
        show=False,
        tooltip="The configuration as command lines, settings or a program: copy or save",
    ),
    Binding("L", "log", "Log", tooltip="Show the messages and what native code wrote"),
    Binding("less_than_sign", "rate(-1)", "Draw less often", show=False),
    Binding("greater_than_sign", "rate(1)", "Draw more often", show=False),
    Binding(
        "ctrl+c",
        "quit",
        "Quit",
        show=False,
        priority=True,
        tooltip="Quit, and print the summary",
    ),
)
