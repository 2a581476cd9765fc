"""The app as the user likes it: theme, keys, characters, palette, clipboard and pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.filter import LineFilter

from ovbench_tui.errors import OvbenchError
from ovbench_tui.ui.app.bindings import keymap
from ovbench_tui.ui.app.bindings.keys import APP_BINDINGS
from ovbench_tui.ui.app.textual_private import QuietApp, palette
from ovbench_tui.ui.widgets.ascii_text import AsciiFilter, AsciiTable
from ovbench_tui.ui.widgets.key_text import key_text
from ovbench_tui.ui.widgets.selector.selector_pane import SelectorPane

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.theme import Theme

    from ovbench_tui.engine.api.snapshot import Snapshot
    from ovbench_tui.ui.app.preferences import Preferences

_REMOTE_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def _palette_commands() -> type[Provider]:
    from ovbench_tui.ui.app.palette import PaletteCommands

    return PaletteCommands


class BaseApp(QuietApp):
    """What is the same whatever is measured.

    Attributes:
        ascii_table: what every line is translated by; None where all characters can be shown.
        keys: the user's own, by action.
        recent: models that were run last.
        settings_error: what of the preferences cannot be used, in sentences; '' = nothing.
    """

    COMMANDS: ClassVar[set[Callable[[], type[Provider]]]] = {_palette_commands}  # type: ignore[assignment]
    snapshot: Snapshot

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self.preferences = preferences
        self.recent = preferences.recent
        self.ascii_table = AsciiTable() if preferences.is_ascii else None
        self._ascii_filter = AsciiFilter(self.ascii_table) if self.ascii_table is not None else None
        self.keys: dict[str, str] = {}
        self.settings_error = self._prefer()

    def action_command_palette(self) -> None:
        """Open the palette."""
        from textual.command import CommandPalette

        if not isinstance(self.screen, CommandPalette):
            self.push_screen(palette())

    def tell(self, text: str, *, is_error: bool = False, stays: bool = False) -> None:
        """Show one sentence."""
        raise NotImplementedError

    def _prefer(self) -> str:
        """Take over the user's theme and keys; returns what cannot be used."""
        wishes = self.preferences
        reasons = [wishes.reason]
        others = {"Live": SelectorPane.BINDINGS} if wishes.keymap else None
        self.keys, problems = keymap.resolve(wishes.keymap, others)
        reasons += [f"keymap.{problem.action}: {problem.text}" for problem in problems]
        self.set_keymap(self.keys)
        if wishes.theme in self.available_themes:
            self.theme = wishes.theme
        elif wishes.theme:
            reasons.append(f"There is no theme {wishes.theme!r}: ctrl+p, Theme shows them.")
        return " ".join(filter(None, reasons))

    def forget_cost(self) -> None:
        """Do not count what was just done among the cost of the frames."""
        raise NotImplementedError

    def keep_chosen_themes(self) -> None:
        """From now on, remember the theme that is changed to."""
        self.theme_changed_signal.subscribe(self, self._keep_theme)

    def _keep_theme(self, theme: Theme) -> None:
        self.forget_cost()
        if self.preferences.keep_theme is None:
            return
        try:
            self.preferences.keep_theme(theme.name)
        except OvbenchError as error:
            self.tell(str(error), is_error=True)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Translate to ASCII, where that is wanted, behind Textual's own filters."""
        filters = super().get_line_filters()
        return filters if self._ascii_filter is None else [*filters, self._ascii_filter]

    def key_of(self, action: str) -> str:
        """Return the key of an action as it is printed on the keyboard."""
        own = self.keys.get(action) or next(
            binding.key for binding in APP_BINDINGS if binding.id == action
        )
        return key_text(own.partition(",")[0])

    def action_copy_summary(self) -> None:
        """Put the summary of the current run on the terminal's clipboard (OSC 52)."""
        from ovbench_tui.ui.app.copy_and_save import summary_text

        text = summary_text(self.snapshot)
        if text:
            self.copy_to_clipboard(text)
            self.tell("The summary of this run is copied, if the terminal allows it (OSC 52).")
        else:
            self.tell("There is nothing to copy yet: nothing has been measured.")

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """Draw the screen as SVG that fetches nothing: Rich names a font on the net."""
        svg = super().export_screenshot(title=title, simplify=simplify)
        return _REMOTE_FONT.sub("", svg)

    def action_take_screenshot(self) -> None:
        """Save what is on the screen as a picture; a browser gets it as a download."""
        from ovbench_tui.ui.app.copy_and_save import save_picture

        if self.is_web:
            self.deliver_screenshot()
            return
        text, is_error = save_picture(
            self.export_screenshot(), self.preferences.screenshots, datetime.now().astimezone()
        )
        self.forget_cost()
        self.tell(text, is_error=is_error)
        if len(self.screen_stack) > 1:
            self.notify(text, severity="error" if is_error else "information", markup=False)
