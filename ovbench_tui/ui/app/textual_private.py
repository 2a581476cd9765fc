"""The only module that touches private parts of Textual; look here first when it is updated."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING

from rich.color import ColorSystem
from rich.style import Style
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.app import App
from textual.geometry import Offset

from ovbench_tui.ui.widgets.choice_list import can_turn_pages
from ovbench_tui.ui.widgets.live import Codes, LiveWidget

if TYPE_CHECKING:
    from textual.command import CommandPalette
    from textual.driver import Driver
    from textual.screen import Screen

_LONGEST_WRITE = 8192
"""Characters; Python on Windows fails to write many more (Textual's issue 2548)."""


class QuietApp(App[None]):
    """An app whose own errors go to the log instead of the user's terminal.

    Attributes:
        crash: the error of ours that ended the app; '' when there was none.
    """

    crash = ""

    def __init__(self) -> None:
        if os.environ.get("NO_COLOR") == "":
            del os.environ["NO_COLOR"]  # empty, it means nothing; Textual takes it for a yes
        super().__init__()
        if self.console.color_system is None:  # TERM=dumb: Textual would send 24-bit colours
            self.console._color_system = ColorSystem.STANDARD  # noqa: SLF001 - no public way

    def _fatal_error(self) -> None:
        self.crash = repr(sys.exc_info()[1])
        os.write(2, traceback.format_exc().encode("utf-8", "replace"))
        self._close_messages_no_wait()


class RowWriter:
    """Writes rows of live widgets to the terminal, past the compositor, where nothing hides them.

    The compositor has no memory of what it drew: it asks the widgets whenever it draws, so both
    ways may take turns.
    """

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self._visible: object = None
        self._places: list[tuple[LiveWidget, Offset]] = []
        self._is_all_live = False
        self._codes: dict[Style, Codes] = {}

    @property
    def can_write(self) -> bool:
        """Whether the terminal shows the live widgets of the screen as they were, and only them."""
        screen, app = self._screen, self._screen.app
        if app.is_headless or app.is_inline or app._driver is None:  # noqa: SLF001
            return False
        if not app._running or app._closed or app._batch_count:  # noqa: SLF001
            return False
        if not screen.is_current:
            return False
        compositor = screen._compositor  # noqa: SLF001
        is_pending = (
            screen._layout_required  # noqa: SLF001
            or screen._scroll_required  # noqa: SLF001
            or screen._repaint_required  # noqa: SLF001
            or screen._dirty_widgets  # noqa: SLF001
            or compositor._dirty_regions  # noqa: SLF001
        )
        if is_pending:
            return False
        visible = compositor.visible_widgets
        if visible is not self._visible:
            self._visible = visible
            self._places = [
                (widget, region.offset)
                for widget, (region, _) in visible.items()
                if isinstance(widget, LiveWidget)
            ]
            self._is_all_live = len(self._places) == len(visible) - (screen in visible)
        return self._is_all_live

    def write(self) -> None:
        """Write what changed of the widgets that are seen; only where `can_write` holds.

        In one piece, with the marks of a frame's begin and end: each piece wakes the thread that
        writes, and is a system call of its own.
        """
        codes_of = self.codes_of
        text = "".join([widget.take_written(codes_of, place) for widget, place in self._places])
        app = self._screen.app
        driver: Driver | None = app._driver  # noqa: SLF001
        if not text or driver is None:
            return
        x, y = app.cursor_position
        text += f"\x1b[{y + 1};{x + 1}H"
        if app._sync_available:  # noqa: SLF001
            text = f"{SYNC_START}{text}{SYNC_END}"
        for start in range(0, len(text), _LONGEST_WRITE):
            driver.write(text[start : start + _LONGEST_WRITE])
        driver.flush()

    def codes_of(self, style: Style) -> Codes:
        """The escape sequences of a style on this terminal."""
        codes = self._codes.get(style)
        if codes is None:
            color_system = self._screen.app.console._color_system  # noqa: SLF001
            before, _, behind = style.render("\0", color_system=color_system).partition("\0")
            codes = self._codes[style] = before, behind
        return codes


def palette() -> CommandPalette:
    """Textual's palette; keys that turn pages do nothing where its list has no room for one."""
    # Imported late: the palette is not needed for the first frame.
    from textual.command import CommandList, CommandPalette

    class SafePalette(CommandPalette):
        def _action_command_list(self, action: str) -> None:
            if can_turn_pages(self.query_one(CommandList)):
                super()._action_command_list(action)

    return SafePalette(id="--command-palette")
