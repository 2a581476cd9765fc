"""What the user likes, for the screen: out of the settings file and the command line."""

from __future__ import annotations

from ovbench_tui.settings.file import SettingsFile
from ovbench_tui.settings.keep import keep_setting
from ovbench_tui.settings.recent import RecentModels
from ovbench_tui.settings.schema import AUTO
from ovbench_tui.ui.app.preferences import Preferences
from ovbench_tui.ui.widgets.ascii_text import why_ascii


def make_preferences(
    user: SettingsFile, wish: str = "", recent: RecentModels | None = None
) -> Preferences:
    """Put them together.

    Args:
        wish: whether to draw in ASCII, ``on``, ``off`` or ``auto``; '' = as the settings have it.
        recent: models that were run last; None = none is needed.
    """
    wish = wish or user.settings.ascii
    return Preferences(
        theme=user.settings.theme,
        is_ascii=bool(why_ascii()) if wish == AUTO else wish == "on",
        keymap=user.settings.keymap,
        screenshots=user.settings.screenshots,
        recent=recent or RecentModels(),
        keep_theme=lambda name: keep_setting(user.path, "theme", name),
        reason=user.reason,
    )
