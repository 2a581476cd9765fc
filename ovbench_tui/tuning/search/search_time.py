"""How long a search has taken."""

from __future__ import annotations

import math
from collections.abc import Callable


class SearchTime:
    """Counts from when it is made until it is stopped; a pause does not count.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._begin_s = clock()
        self._held_since_s = math.nan
        self._is_stopped = False

    @property
    def elapsed_s(self) -> float:
        """Seconds so far, or in all."""
        is_held = not math.isnan(self._held_since_s)
        return (self._held_since_s if is_held else self._clock()) - self._begin_s

    def hold(self, is_paused: bool) -> None:
        """Stand still while what is searched on pauses."""
        is_held = not math.isnan(self._held_since_s)
        if self._is_stopped or is_paused == is_held:
            return
        if is_paused:
            self._held_since_s = self._clock()
        else:
            self._begin_s += self._clock() - self._held_since_s
            self._held_since_s = math.nan

    def stop(self) -> None:
        """Count no further."""
        self.hold(True)
        self._is_stopped = True
