"""The line that talks: the last notice, else a remark, and what goes on in the background."""

from __future__ import annotations

import math

from ovbench_tui.console.text import clean, fit, width_of
from ovbench_tui.ui.widgets.live import LiveWidget, Part

_SHOWN_FOR_S = 20.0
_LEAST_REMARK = 20


class MessageLine(LiveWidget):
    """One sentence at the left, shortened to the row; background progress at the right.

    Args:
        log_key: shows what has no room here.
    """

    def __init__(
        self,
        *,
        log_key: str = "L",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._log_key = log_key
        self._text = ""
        self._is_error = False
        self._until_s = 0.0
        self._progress = ""
        self._remarks: tuple[str, ...] = ()

    @property
    def is_cut(self) -> bool:
        """Whether the line has no room for the whole of a notice."""
        return width_of(self._text) > self._room

    @property
    def text(self) -> str:
        """The notice shown."""
        return self._text

    def tell(self, text: str, *, is_error: bool, now_s: float) -> None:
        """Show a notice until the next one, or for a while."""
        self._text = clean(text)
        self._is_error = is_error
        self._until_s = now_s + _SHOWN_FOR_S
        self.repaint()

    def show(
        self,
        background: str,
        background_s: float,
        now_s: float,
        *,
        idle: bool,
        remarks: tuple[str, ...] = (),
        expected_s: float = math.nan,
    ) -> None:
        """Draw what goes on in the background; let an old notice go, unless nothing runs.

        Args:
            remarks: on the figures, the most needed first; it is shown while no notice is.
            expected_s: what the background took the last time; NaN = not known.
        """
        if self._text and now_s >= self._until_s and not idle:
            self._text = ""
        about = "" if math.isnan(expected_s) else f" of about {expected_s:.1f} s"
        self._progress = f"{clean(background)} {background_s:.1f} s{about} …" if background else ""
        self._remarks = () if self._text else remarks
        self.repaint_if_new((self._text, self._progress, self._remarks))

    def paint(self) -> None:
        """Draw the row; at its end stands the key for what has no room of a remark."""
        if self._text:
            parts: list[Part] = [
                (" " + fit(self._text, self._room), "bad" if self._is_error else "base")
            ]
        else:
            parts = self._remark_parts()
        if progress := self._shown_progress:
            parts.append(("  " + progress, "accent"))
        self.set_row(0, *parts)

    def _remark_parts(self) -> list[Part]:
        if not self._remarks:
            return [(" " + fit("", self._room), "label")]
        count, first = len(self._remarks), clean(self._remarks[0])
        more = f" 1 of {count} ▸ {self._log_key}" if count > 1 else ""
        if not more and width_of(first) > self._room:
            more = f" ▸ {self._log_key}"
        room = self._room - width_of(more)
        if room < _LEAST_REMARK:
            return [(" " + fit(first, self._room), "label")]
        return [(" " + fit(first, room), "label"), (more, "accent")]

    @property
    def _shown_progress(self) -> str:
        return fit(self._progress, min(width_of(self._progress), self.outer_size.width - 2))

    @property
    def _room(self) -> int:
        progress = self._shown_progress
        return self.outer_size.width - 2 - (width_of(progress) + 2 if progress else 0)
