"""Asks for the shapes of a model whose inputs are dynamic."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ovbench_tui.config.shapes import NamedShapes, format_data_shape, format_shape, parse_data_shape
from ovbench_tui.console.text import clean
from ovbench_tui.engine.api.events import ShapeNeeded
from ovbench_tui.errors import OvbenchError
from ovbench_tui.ui.widgets.row_view import model_name


class ShapeScreen(ModalScreen[NamedShapes | None]):
    """Hands back the shapes to run with, or None to leave things as they are."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Close")]

    def __init__(self, needed: ShapeNeeded) -> None:
        super().__init__(classes="dialog")
        self._needed = needed

    def compose(self) -> ComposeResult:
        """The inputs, a proposal to edit, and a line for what is wrong."""
        needed = self._needed
        ports = "\n".join(
            f"{clean(port.label)}   {port.element_type} {format_shape(port.shape)} {port.layout}"
            for port in needed.inputs
        )
        what = "its inputs have" if len(needed.inputs) > 1 else "its input has"
        name = model_name(needed.config.model)
        with Vertical(classes="box"):
            yield Static("Data shape", classes="heading", markup=False)
            yield Static(
                f"{name} needs a shape to run with: {what} dynamic dimensions.",
                classes="explanation",
                markup=False,
            )
            yield Static(ports, classes="ports", markup=False)
            yield Input(format_data_shape(needed.proposal))
            yield Static("", classes="problem", markup=False)
            yield Static("enter runs it   esc leaves it", classes="keys", markup=False)

    def on_input_changed(self) -> None:
        """Forget the last complaint."""
        self._complain("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the shapes back, or tell what is wrong with them."""
        try:
            shapes = parse_data_shape(event.value, option="Data shape", names=())
        except OvbenchError as error:
            self._complain(str(error))
            return
        self.dismiss(shapes)

    def action_cancel(self) -> None:
        """Leave things as they are."""
        self.dismiss(None)

    def _complain(self, text: str) -> None:
        self.query_one(".problem", Static).update(Content(clean(text)))
