"""The sentences that a session has for its user."""

from __future__ import annotations

from collections import deque

from ovbench_tui.engine.api.snapshot import Notice

_KEPT = 50


class Notices:
    """Numbers them; only the last are kept."""

    def __init__(self) -> None:
        self._kept: deque[Notice] = deque(maxlen=_KEPT)
        self._count = 0

    def add(self, text: str, *, is_error: bool = False) -> None:
        """Add a sentence."""
        self._count += 1
        self._kept.append(Notice(self._count, is_error, text))

    @property
    def kept(self) -> tuple[Notice, ...]:
        """The last ones, in order."""
        return tuple(self._kept)
