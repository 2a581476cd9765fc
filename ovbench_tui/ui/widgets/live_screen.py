"""The base of a screen that has no tabs: live widgets, and a footer of keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.binding import BindingType
from textual.geometry import Region
from textual.screen import Screen

from ovbench_tui.ui.app.textual_private import RowWriter
from ovbench_tui.ui.widgets.hint import Hint, Hints, keys_taken
from ovbench_tui.ui.widgets.lines.footer_line import FooterLine
from ovbench_tui.ui.widgets.live import LiveWidget


class LiveScreen(Screen[None]):
    """A screen of live widgets, sent to the terminal in one go.

    Attributes:
        general_hints: the app's part of the footer, as of now.
    """

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self.footer = FooterLine(id="footer")
        self._writer = RowWriter(self)
        self.general_hints: Callable[[], Hints] = Hints

    def own_hints(self) -> tuple[Hint, ...]:
        """The keys of this screen, the most important first."""
        raise NotImplementedError

    @property
    def own_bindings(self) -> Sequence[BindingType]:
        """The bindings that work on this screen before those of the app."""
        return self.BINDINGS

    @property
    def is_typing(self) -> bool:
        """Whether letters are typed, so that no other key works."""
        return False

    def show_hints(self) -> None:
        """Draw the footer: the screen's keys first, then those of the app."""
        hints = self.general_hints()
        if self.is_typing:
            self.footer.show(self.own_hints())
        else:
            self.footer.show(*hints.around(self.own_hints(), keys_taken(self.own_bindings)))

    def on_tab_view_hints_changed(self) -> None:
        """Show at once what a key has changed."""
        self.show_hints()
        self.footer.flush()

    def send_changed_rows(self) -> None:
        """Draw the footer, and the rows that changed."""
        self.show_hints()
        widgets = list(self.query(LiveWidget))
        if self._writer.can_write:
            self._writer.write(widgets)
            return
        regions: list[Region] = []
        for widget in widgets:
            if changed := widget.take_changed():
                offset = widget.region.offset
                regions += [region.translate(offset) for region in changed]
        top = self.app.screen
        if regions and top is self:
            self.refresh(*regions)
        elif regions:
            top.refresh()  # a dialog's own screen has what shows through it
