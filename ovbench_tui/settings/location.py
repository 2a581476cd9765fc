"""Where the user's settings and the list of recent models lie."""

from __future__ import annotations

import os
from pathlib import Path

CONFIG_VARIABLE = "OVBENCH_TUI_CONFIG"
"""Names another settings file in the environment."""

RECENT_VARIABLE = "OVBENCH_TUI_RECENT"
"""Names another list of recent models in the environment."""

_APP = "ovbench-tui"


def config_path() -> Path:
    """Return the settings file, which need not exist."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named).absolute()
    # Imported here: the search for the folders takes time.
    import platformdirs

    return platformdirs.user_config_path(_APP, appauthor=False) / "config.toml"


def recent_path() -> Path:
    """Return the list of recent models, which need not exist."""
    named = os.environ.get(RECENT_VARIABLE)
    if named:
        return Path(named).absolute()
    import platformdirs

    return platformdirs.user_state_path(_APP, appauthor=False) / "recent.json"
