"""What of the user's settings only the screen can judge: the theme, and the keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.binding import BindingType
from textual.theme import BUILTIN_THEMES

from ovbench_tui.console.printable import printable
from ovbench_tui.ui.app.bindings.keymap import KeymapProblem, resolve
from ovbench_tui.ui.app.bindings.keys import bindings_of
from ovbench_tui.ui.tabs.registry import TABS
from ovbench_tui.ui.widgets.selector.selector_pane import SelectorPane

if TYPE_CHECKING:
    from ovbench_tui.settings.schema import Keymap


def theme_problem(theme: str) -> str:
    """Say what is wrong with a theme's name; '' = nothing."""
    if not theme or theme in BUILTIN_THEMES:
        return ""
    return (
        f"theme {printable(theme)!r} is unknown: give one of {', '.join(sorted(BUILTIN_THEMES))}."
    )


def keymap_problems(keymap: Keymap) -> tuple[KeymapProblem, ...]:
    """Return what of a keymap cannot be used, also on a single tab."""
    return resolve(keymap, _keys_of_tabs())[1] if keymap else ()


def _keys_of_tabs() -> Mapping[str, Sequence[BindingType]]:
    keys: dict[str, Sequence[BindingType]] = {"Live": SelectorPane.BINDINGS}
    for tab in TABS:
        if tab.make is not None:
            keys[tab.title] = bindings_of(tab.make())
    return keys
