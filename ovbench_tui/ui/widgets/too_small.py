"""What a terminal shows that is too small for figures."""

from __future__ import annotations

from ovbench_tui.console.text import wrap
from ovbench_tui.ui.widgets.live import LiveWidget


class TooSmall(LiveWidget):
    """One sentence in the middle; `width` and `height` are what is needed."""

    def __init__(self, width: int, height: int, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._needed = f"{width}x{height}"

    def paint(self) -> None:
        """Draw the sentence, wrapped to whatever width there is."""
        width, height = self._painted_size
        if not width or not height:
            return
        text = f"terminal too small ({self._needed} needed), q quits"
        lines = wrap(text, width)[:height]
        top = (height - len(lines)) // 2
        for y in range(height):
            line = lines[y - top] if 0 <= y - top < len(lines) else ""
            self.set_row(y, (f"{line:^{width}}", "warn"))
