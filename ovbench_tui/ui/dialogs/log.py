"""What was told in this session, and what native code wrote to the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Log, Static

from ovbench_tui.console.text import clean
from ovbench_tui.engine.api.snapshot import Notice


class LogScreen(ModalScreen[None]):
    """A scrollable text; r reads it again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close"),
        Binding("r", "reload", "Read again"),
    ]

    def __init__(self, read_log: Callable[[], str], notices: tuple[Notice, ...]) -> None:
        super().__init__(classes="dialog opaque")
        self._read_log = read_log
        self._notices = notices

    def compose(self) -> ComposeResult:
        """Title and text."""
        with Vertical(classes="box tall"):
            yield Static("Log", classes="heading", markup=False)
            yield Log()
            yield Static("r reads again   esc closes", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Show the text."""
        self.action_reload()

    def action_reload(self) -> None:
        """Read the log again and show its end."""
        log = self.query_one(Log)
        log.clear()
        log.write_lines(log_lines(self._notices, self._read_log()))

    def action_close(self) -> None:
        """Back to the figures."""
        self.dismiss(None)


def log_lines(notices: tuple[Notice, ...], text: str) -> list[str]:
    """Return the log as lines, free of control characters."""
    # A line without any character would not be drawn as a line at all.
    lines = ["Messages of this session", " "]
    lines += [f"  {clean(notice.text)}" for notice in notices] or ["  none"]
    lines += [" ", "Written by OpenVINO and its plugins", " "]
    native = [f"  {clean(line.expandtabs())}" for line in text.splitlines()]
    return lines + (native or ["  nothing"])
