"""How the user likes the screen, put together from the command line and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.settings.schema import AUTO

if TYPE_CHECKING:
    from ovbench_tui.options.invocation import Invocation
    from ovbench_tui.settings.file import SettingsFile
    from ovbench_tui.ui.app.preferences import Preferences


def preferences_of(invocation: Invocation, user: SettingsFile) -> Preferences:
    """How the user likes the screen."""
    from ovbench_tui.settings.keep import keep_setting
    from ovbench_tui.settings.location import recent_path
    from ovbench_tui.settings.recent import RecentModels
    from ovbench_tui.ui.app.preferences import Preferences
    from ovbench_tui.ui.widgets.ascii_text import why_ascii

    is_ascii = bool(why_ascii()) if invocation.ascii == AUTO else invocation.ascii == "on"
    return Preferences(
        theme=user.settings.theme,
        is_ascii=is_ascii,
        keymap=user.settings.keymap,
        screenshots=user.settings.screenshots,
        recent=RecentModels(recent_path()),
        keep_theme=lambda name: keep_setting(user.path, "theme", name),
        reason=user.reason,
    )
