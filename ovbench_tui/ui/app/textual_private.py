"""The only module that touches private parts of Textual; look here first when it is updated."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING

from rich.color import ColorSystem
from textual.app import App

from ovbench_tui.ui.widgets.choice_list import can_turn_pages

if TYPE_CHECKING:
    from textual.command import CommandPalette


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


def palette() -> CommandPalette:
    """Textual's palette; keys that turn pages do nothing where its list has no room for one."""
    # Imported late: the palette is not needed for the first frame.
    from textual.command import CommandList, CommandPalette

    class SafePalette(CommandPalette):
        def _action_command_list(self, action: str) -> None:
            if can_turn_pages(self.query_one(CommandList)):
                super()._action_command_list(action)

    return SafePalette(id="--command-palette")
