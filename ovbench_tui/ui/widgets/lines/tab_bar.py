"""The row of tabs; a click on one opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Click
from textual.message import Message

from ovbench_tui.ui.widgets.live import LiveWidget, Part

if TYPE_CHECKING:
    from ovbench_tui.ui.tabs.registry import Tab


class TabBar(LiveWidget):
    """The tabs by number and title, the open one set off; titles give way where it is narrow."""

    STYLE_CLASSES = ("tabs--open",)

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, tabs: tuple[Tab, ...], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._tabs = tabs
        self._open = tabs[0].name
        self._ends: list[tuple[int, str]] = []

    def show(self, name: str) -> None:
        """Set the open tab off."""
        self._open = name
        self.repaint_if_new(name)

    def paint(self) -> None:
        """Draw the tabs side by side."""
        width = self._painted_size.width
        longest = max(len(tab.title) for tab in self._tabs)
        gap = " " if self._width(longest) <= width else ""
        while longest > 1 and self._width(longest, len(gap)) > width:
            longest -= 1
        parts: list[Part] = [(" ", "base")]
        self._ends = []
        x = 1
        for number, tab in enumerate(self._tabs, 1):
            text = f" {number} {tab.title[:longest]}{gap}"
            if tab.name == self._open:
                parts.append((text, "open"))
            else:
                parts += [(text[:3], "accent"), (text[3:], "label")]
            x += len(text)
            self._ends.append((x, tab.name))
        self.set_row(0, *parts)

    def _width(self, longest: int, gap: int = 1) -> int:
        return 1 + sum(3 + gap + min(longest, len(tab.title)) for tab in self._tabs)

    def on_click(self, event: Click) -> None:
        """Tell which tab was clicked."""
        event.stop()
        for end, name in self._ends:
            if event.x < end:
                self.post_message(self.Chosen(name))
                return
