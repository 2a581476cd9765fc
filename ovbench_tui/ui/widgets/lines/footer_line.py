"""The keys at the bottom, those of the open tab first; a click on one does what the key does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.events import Click
from textual.message import Message

from ovbench_tui.ui.widgets.live import LiveWidget, Part

if TYPE_CHECKING:
    from ovbench_tui.ui.widgets.hint import Hint


@dataclass(frozen=True, slots=True)
class _Place:
    end: int
    action: str


class FooterLine(LiveWidget):
    """As many keys as fit, whole and in the order of their importance.

    Textual's Footer is a widget for every key, and mounting those delays the first frame.
    """

    class Chosen(Message):
        """A key was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._hints: Sequence[Hint] = ()
        self._last: Sequence[Hint] = ()
        self._places: list[_Place] = []

    def show(self, hints: Sequence[Hint], last: Sequence[Hint] = ()) -> None:
        """Draw these keys, the most important first, and the last ones behind them."""
        self._hints, self._last = tuple(hints), tuple(last)
        self.repaint_if_new((self._hints, self._last))

    def paint(self) -> None:
        """Draw the keys from the left."""
        self._places = []
        parts: list[Part] = []
        x = 0
        for hint in fitting(self._hints, self._last, self._painted_size.width):
            parts += [(f" {hint.shown_key} ", "accent"), (f"{hint.text} ", "label")]
            if hint.other_key:
                first = x + 1 + len(hint.key)
                second = first + 1 + len(hint.other_key)
                self._places.append(_Place(first, hint.action))
                self._places.append(_Place(second, hint.other_action))
            x += hint.width
            self._places.append(_Place(x, hint.action))
        self.set_row(0, *parts)

    def on_click(self, event: Click) -> None:
        """Report which key was clicked."""
        for place in self._places:
            if event.x < place.end:
                event.stop()
                self.post_message(self.Chosen(place.action))
                return


def fitting(hints: Sequence[Hint], last: Sequence[Hint], width: int) -> list[Hint]:
    """Return what fits into a line; what is too long gives way to what comes after it."""
    ends: list[Hint] = []
    room = width
    for hint in reversed(last):
        if hint.width <= room:
            ends.insert(0, hint)
            room -= hint.width
    shown: list[Hint] = []
    for hint in hints:
        if hint.width <= room:
            shown.append(hint)
            room -= hint.width
    return [*shown, *ends]
