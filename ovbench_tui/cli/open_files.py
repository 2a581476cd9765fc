"""How many files the system lets this process open: with too few nothing goes well for long."""

from __future__ import annotations

import sys

from ovbench_tui.errors import BadInputError

if sys.platform != "win32":
    import resource

_NEEDED = 48
"""The screen, an isolated engine and the history hold 20 of them; a model's plugins need more."""

_WANTED = 1024
"""What most systems give anyway."""


def ensure_open_files() -> None:
    """Raise this process's limit where it is too low and may be raised.

    Raises:
        BadInputError: it may not.
    """
    if sys.platform != "win32":
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY or soft >= _NEEDED:
            return
        limit = _WANTED if hard == resource.RLIM_INFINITY else min(hard, _WANTED)
        if limit < _NEEDED:
            raise BadInputError(
                f"This process may open only {limit} files at once, and needs {_NEEDED}: raise the"
                f" limit, for example with 'ulimit -n {_WANTED}' in a new shell."
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
