"""The main keys at the bottom; a click on one does what the key does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message

from ovbench_tui.ui.app.bindings.keys import APP_BINDINGS
from ovbench_tui.ui.widgets.key_text import key_text
from ovbench_tui.ui.widgets.live import LiveWidget, Part


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    end: int
    action: str


class FooterLine(LiveWidget):
    """The app's bindings that are to be shown, as far as they fit; `bindings` may be others.

    Textual's Footer is a widget for every key, and mounting those delays the first frame.
    """

    class Chosen(Message):
        """A key was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.bindings: Sequence[BindingType] = APP_BINDINGS
        self._places: list[_Place] = []

    def paint(self) -> None:
        """Draw the keys from the left until one does not fit."""
        width = self._painted_size.width
        self._places = []
        parts: list[Part] = []
        x = 0
        for binding in self.bindings:
            if not isinstance(binding, Binding) or not binding.show:
                continue
            key = f" {binding.key_display or key_text(binding.key.partition(',')[0])} "
            text = binding.description
            if x + len(key) + len(text) > width:
                break
            parts += [(key, "accent"), (text, "label")]
            self._places.append(_Place(x, x + len(key) + len(text), binding.action))
            x += len(key) + len(text)
        self.set_row(0, *parts)

    def on_click(self, event: Click) -> None:
        """Tell which key was clicked."""
        for place in self._places:
            if place.start <= event.x < place.end:
                event.stop()
                self.post_message(self.Chosen(place.action))
