"""Asks for the shapes of a model whose inputs are dynamic."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ovbench_tui.config.shapes import (
    NamedDataShapes,
    format_data_shape,
    format_shape,
    parse_data_shape,
)
from ovbench_tui.console.text import clean
from ovbench_tui.errors import OvbenchError
from ovbench_tui.ui.widgets.selector.row_view import model_name

if TYPE_CHECKING:
    from ovbench_tui.engine.api.events import ShapeNeeded

_FEW_INPUTS = 5
"""That fit into the dialog at any height."""


class ShapeScreen(ModalScreen[NamedDataShapes | None]):
    """Hands back the shapes to run with, or None to leave things as they are.

    Args:
        check: raises an error of the user's for shapes that need not be tried.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close"),
        Binding("up", "scroll_inputs(-1)", "Inputs above", show=False),
        Binding("down", "scroll_inputs(1)", "Inputs below", show=False),
        Binding("pageup", "scroll_inputs(-8)", "Inputs further above", show=False),
        Binding("pagedown", "scroll_inputs(8)", "Inputs further below", show=False),
    ]

    def __init__(
        self, needed: ShapeNeeded, check: Callable[[NamedDataShapes], None] = lambda _: None
    ) -> None:
        super().__init__(classes="dialog")
        self._needed = needed
        self._check = check
        self._proposal = format_data_shape(needed.proposal)

    def compose(self) -> ComposeResult:
        """The inputs, a proposal to edit, and a line for what is wrong."""
        needed = self._needed
        ports = "\n".join(
            f"{clean(port.label)}   {port.element_type} {format_shape(port.shape)} {port.layout}"
            for port in needed.inputs
        )
        name = model_name(needed.config.model)
        what = "its inputs have" if len(needed.inputs) > 1 else "its input has"
        explanation = f"{name} needs a shape to run with: {what} dynamic dimensions."
        if (needed.config.data_shape or needed.config.shape) and not needed.refusal:
            which = "more inputs" if len(needed.inputs) > 1 else "one more input"
            explanation = f"{name} needs a shape for {which}: proposed beside what was given."
        with Vertical(classes="box"):
            yield Static("Data shape", classes="heading", markup=False)
            yield Static(explanation, classes="explanation", markup=False)
            with VerticalScroll(classes="ports", can_focus=False):
                yield Static(ports, markup=False)
            yield Input(self._proposal)
            yield Static(clean(needed.refusal), classes="problem", markup=False)
            scrolls = "   ↑ ↓ scroll the inputs" if len(needed.inputs) > _FEW_INPUTS else ""
            yield Static(f"enter runs it   esc leaves it{scrolls}", classes="keys", markup=False)

    def action_scroll_inputs(self, lines: int) -> None:
        """Move the list of inputs, while the keys stay with the line to type in."""
        self.query_one(".ports", VerticalScroll).scroll_relative(y=lines, animate=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Forget the last complaint; what stands there to begin with is refused as before."""
        is_first = event.value == self._proposal
        self._complain(self._needed.refusal if is_first else "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the shapes back, or tell what is wrong with them."""
        try:
            shapes = parse_data_shape(event.value, option="Data shape", names=())
            self._check(shapes)
        except OvbenchError as error:
            self._complain(str(error))
            return
        self.dismiss(shapes)

    def action_cancel(self) -> None:
        """Leave things as they are."""
        self.dismiss(None)

    def _complain(self, text: str) -> None:
        self.query_one(".problem", Static).update(Content(clean(text)))
