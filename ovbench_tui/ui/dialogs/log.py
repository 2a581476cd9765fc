"""The messages of this session, what native code wrote to the terminal, and notes on the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Log, Static

from ovbench_tui.console.text import clean, wrap

if TYPE_CHECKING:
    from ovbench_tui.ui.app.message_log import LoggedMessage

_LEAST_WIDTH = 10


class LogScreen(ModalScreen[None]):
    """A scrollable text, wrapped to the width; r reads it again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close"),
        Binding("r", "reload", "Reload"),
    ]

    def __init__(
        self,
        read_log: Callable[[], str],
        read_messages: Callable[[], Sequence[LoggedMessage]],
        read_notes: Callable[[], Sequence[str]],
    ) -> None:
        super().__init__(classes="dialog opaque")
        self._read_log = read_log
        self._read_messages = read_messages
        self._read_notes = read_notes

    def compose(self) -> ComposeResult:
        """Title and text."""
        with Vertical(classes="box tall"):
            yield Static("Log", classes="heading", markup=False)
            yield Log()
            yield Static("r reloads   esc closes", classes="keys", markup=False)

    def on_resize(self) -> None:
        """Wrap the text to the new width, once the box has it."""
        self.call_after_refresh(self.action_reload)

    def action_reload(self) -> None:
        """Read the log again and show its end."""
        log = self.query_one(Log)
        log.clear()
        width = log.scrollable_content_region.width - 1
        texts = self._read_messages(), self._read_log(), self._read_notes()
        log.write_lines(log_lines(*texts, width))
        # What came last. By itself the widget stays on top while it has no size yet.
        self.call_after_refresh(log.scroll_end, animate=False, x_axis=False)

    def action_close(self) -> None:
        """Back to the figures."""
        self.dismiss(None)


def log_lines(
    messages: Sequence[LoggedMessage], text: str, notes: Sequence[str], width: int
) -> list[str]:
    """Return the log as lines of at most `width` cells, free of control characters.

    The notes come last, for its end is what is seen first.
    """
    # A line without any character would not be drawn as a line at all.
    lines = ["Messages of this session", " "]
    for message in messages:
        lines += _wrapped(f"  {message.at:%H:%M:%S}  ", message.text, width)
    if not messages:
        lines.append("  none")
    lines += [" ", "Written by OpenVINO and its plugins", " "]
    native = text.splitlines()
    for line in native:
        lines += _wrapped("  ", clean(line.expandtabs()), width)
    if not native:
        lines.append("  nothing")
    if notes:
        lines += [" ", "Notes on the current run", " "]
    for note in notes:
        lines += _wrapped("  ", clean(note), width)
    return lines


def _wrapped(start: str, text: str, width: int) -> Iterator[str]:
    """The text behind `start`, its further rows below its first word."""
    indent = " " * len(start)
    for row in wrap(text, max(_LEAST_WIDTH, width - len(start))) or [""]:
        yield f"{start}{row}"
        start = indent
