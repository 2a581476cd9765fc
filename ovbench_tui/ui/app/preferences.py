"""What the user likes, as the screen gets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ovbench_tui.settings.recent import RecentModels

if TYPE_CHECKING:
    from ovbench_tui.settings.schema import Keymap


@dataclass(frozen=True, slots=True)
class Preferences:
    """Colours, characters, keys and the like.

    Attributes:
        theme: one of Textual's; '' = its own choice.
        is_ascii: nothing but ASCII is drawn.
        keymap: keys by action, not checked yet.
        screenshots: the folder for them; '' = the current one.
        recent: models that were run last.
        keep_theme: called with the theme that the user has chosen; raises OvbenchError where it
            cannot be kept. None = nothing is kept.
        reason: what is wrong with the settings file, in a sentence; '' = nothing.
    """

    theme: str = ""
    is_ascii: bool = False
    keymap: Keymap = ()
    screenshots: str = ""
    recent: RecentModels = field(default_factory=RecentModels)
    keep_theme: Callable[[str], None] | None = None
    reason: str = ""
