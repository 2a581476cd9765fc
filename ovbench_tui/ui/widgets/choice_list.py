"""A list that survives the keys for a page while it has no place on the screen."""

from __future__ import annotations

from textual.widgets import OptionList


def can_turn_pages(options: OptionList) -> bool:
    """Return whether it is known how long a page of this list is.

    Textual measures the lines once the list has a place: not before its first layout, nor in a
    terminal too small for it; and fails when it is asked for a page of lines not measured.

    Args:
        options: the list.
    """
    return bool(options.option_count and options.scrollable_content_region)


class ChoiceList(OptionList):
    """Textual's list; a page up or down does nothing where there is none."""

    def action_page_up(self) -> None:
        """Move the highlight up one page."""
        if can_turn_pages(self):
            super().action_page_up()  # type: ignore[no-untyped-call]  # Textual's

    def action_page_down(self) -> None:
        """Move the highlight down one page."""
        if can_turn_pages(self):
            super().action_page_down()  # type: ignore[no-untyped-call]  # Textual's
