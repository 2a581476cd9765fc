"""A line of parts, for what no other line is made for."""

from __future__ import annotations

from ovbench_tui.console.text import fit, fit_middle, width_of
from ovbench_tui.ui.widgets.live import LiveWidget, Part


class OneLine(LiveWidget):
    """A line of parts at the left, and one at the right where there is room for both.

    Where the left does not fit, its longest part gives way, so that a long name or path does not
    push out the state behind it.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._left: tuple[Part, ...] = ()
        self._right: Part = ("", "label")

    def show(self, left: tuple[Part, ...], right: Part = ("", "label")) -> None:
        """Draw these."""
        self._left, self._right = left, right
        self.repaint_if_new((left, right))

    def paint(self) -> None:
        """Draw the line."""
        room = self._painted_size.width
        right, style = self._right
        left = [text for text, _ in self._left]
        excess = sum(map(width_of, left)) - room
        if excess + width_of(right) > 0:
            right = ""
        if excess > 0:
            longest = max(range(len(left)), key=lambda index: width_of(left[index]))
            left[longest] = fit_middle(left[longest], max(1, width_of(left[longest]) - excess))
        room -= width_of(right)
        parts: list[Part] = []
        for text, (_, own) in zip(left, self._left, strict=True):
            shown = text if width_of(text) <= room else fit(text, room)
            parts.append((shown, own))
            room -= width_of(shown)
        parts.append((" " * room, "base"))
        self.set_row(0, *parts, (right, style))
