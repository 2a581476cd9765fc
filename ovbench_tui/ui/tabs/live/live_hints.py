"""The footer's keys of the Live tab: those of the rows and charts, or of a frozen view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ovbench_tui.ui.tabs.live.live_keys import LIVE_BINDINGS
from ovbench_tui.ui.widgets.hint import Hint, hint_of

if TYPE_CHECKING:
    from ovbench_tui.ui.tabs.live.live_panels import LivePanels

_BY_ID = {binding.id: binding for binding in LIVE_BINDINGS if binding.id}


def live_hints(
    panels: LivePanels, keys: Mapping[str, str]
) -> tuple[tuple[Hint, ...], tuple[Hint, ...]]:
    """Return the keys of the tab, and those of it that are less needed than the app's.

    Args:
        keys: the user's own, by the action's id.
    """

    def hint(action_id: str, text: str, other_id: str = "") -> Hint:
        return hint_of(_BY_ID, keys, action_id, text, other_id)

    edit = Hint("enter", "Edit", "edit")
    charts, zoom = hint("charts", "Charts"), hint("zoom-out", "Time", "zoom-in")
    if panels.view.is_frozen:
        read = Hint("←", "Read", "arrow(-1)", "→", "arrow(1)")
        scroll = hint("scroll-back", "Scroll", "scroll-on")
        frozen = (hint("live-again", "Live again"), read, scroll)
        return (*frozen, zoom, charts, edit), (hint("log-scale", "Log scale"),)
    rows = (Hint("←", "Change", "arrow(-1)", "→", "arrow(1)"), edit)
    more = [zoom, hint("read-earlier", "Read", "read-later"), hint("log-scale", "Log scale")]
    if panels.past is not None:
        more.insert(0, hint("overlay", "Hide old run" if panels.is_past_shown else "Old run"))
    return (*rows, charts), tuple(more)
