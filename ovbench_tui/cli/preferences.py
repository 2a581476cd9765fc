"""How the user likes the screen, put together from the command line and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.settings.schema import AUTO

if TYPE_CHECKING:
    from ovbench_tui.options.invocation import Invocation
    from ovbench_tui.settings.file import SettingsFile
    from ovbench_tui.settings.recent import RecentModels
    from ovbench_tui.ui.app.preferences import Preferences


def preferences_of(invocation: Invocation, user: SettingsFile) -> Preferences:
    """How the user likes the screen of a model."""
    from ovbench_tui.settings.location import recent_path
    from ovbench_tui.settings.recent import RecentModels

    return make_preferences(user, invocation.ascii, RecentModels(recent_path()))


def make_preferences(
    user: SettingsFile, wish: str = "", recent: RecentModels | None = None
) -> Preferences:
    """How the user likes a screen.

    Args:
        wish: whether to draw in ASCII, ``on``, ``off`` or ``auto``; '' = as the settings have it.
        recent: models that were run last; None = none is needed.
    """
    from ovbench_tui.settings.keep import keep_setting
    from ovbench_tui.settings.recent import RecentModels
    from ovbench_tui.ui.app.preferences import Preferences
    from ovbench_tui.ui.widgets.ascii_text import why_ascii

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
