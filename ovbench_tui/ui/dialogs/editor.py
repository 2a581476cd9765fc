"""A line to type one value."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ovbench_tui.console.text import clean
from ovbench_tui.errors import OvbenchError


class EditorScreen(ModalScreen[str | None]):
    """Hands back the typed value, or None.

    Args:
        title: what is set.
        explanation: one sentence on what can be typed.
        value: to begin with.
        check: raises OvbenchError for a value that cannot be used; it is told and stays.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Close")]

    def __init__(
        self, title: str, explanation: str, value: str, *, check: Callable[[str], object]
    ) -> None:
        super().__init__(classes="dialog")
        self._heading = title
        self._explanation = explanation
        self._value = value
        self._check = check

    def compose(self) -> ComposeResult:
        """Title, explanation, input line, and a line for what is wrong."""
        with Vertical(classes="box"):
            yield Static(self._heading, classes="heading", markup=False)
            yield Static(self._explanation, classes="explanation", markup=False)
            yield Input(self._value)
            yield Static("", classes="problem", markup=False)
            yield Static("enter applies   esc closes", classes="keys", markup=False)

    def on_input_changed(self) -> None:
        """Forget the last complaint."""
        self._complain("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the value back, or tell what is wrong with it."""
        try:
            self._check(event.value)
        except OvbenchError as error:
            self._complain(str(error))
            return
        self.dismiss(event.value)

    def action_cancel(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    def _complain(self, text: str) -> None:
        self.query_one(".problem", Static).update(Content(clean(text)))
