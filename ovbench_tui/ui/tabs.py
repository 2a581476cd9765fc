"""The tabs: which there are, in their order, and the module behind each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ovbench_tui.ui.tab_view import TabView

LIVE = "live"


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; its number on the keyboard is its place in the row.

    Attributes:
        name: its id, and the argument of the action that opens it.
        title: in the tab bar.
        tooltip: for the help, as in ``What is measured now``.
        make: makes its view; the view's module is loaded at the first use. None for the figures
            of the run, which are there from the first frame.
    """

    name: str
    title: str
    tooltip: str
    make: Callable[[], TabView] | None = None


TABS: tuple[Tab, ...] = (Tab(LIVE, "Live", "What is measured now"),)
